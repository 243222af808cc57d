using System.Diagnostics;
using System.Text;
using Tests.Shared;

namespace Quality.Tests.Commands;

/// <summary>The built executable on a terminal of its own, made by script(1): what it draws can be read, and keys can be pressed.</summary>
sealed class TerminalSession : IAsyncDisposable
{
    public const char ControlC = '\u0003';
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    readonly Process process;
    readonly StringBuilder screen = new();
    readonly Task reading;

    TerminalSession(Process process)
    {
        this.process = process;
        reading = Task.Run(ReadAsync);
    }

    /// <param name="redirection">Put behind the command: <c>&gt; out.json</c> takes standard output off the terminal.</param>
    public static TerminalSession Start(string folder, IReadOnlyDictionary<string, string> environment, string redirection, params string[] arguments)
    {
        string script = Requires.Program("script", "apt-get install -y bsdutils"), command = string.Join(' ', arguments.Prepend(QualityProcess.Executable).Select(a => $"'{a}'"));
        var start = new ProcessStartInfo(script, ["-qefc", $"stty cols 150; {command} {redirection}", "/dev/null"])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TERM"] = "xterm-256color";
        start.Environment["SHELL"] = "/bin/sh";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new TerminalSession(Process.Start(start)!);
    }

    async Task ReadAsync()
    {
        var buffer = new char[4096];
        for (int read; (read = await process.StandardOutput.ReadAsync(buffer)) > 0;)
            lock (screen)
                screen.Append(buffer, 0, read);
    }

    /// <summary>Everything that was drawn so far, control sequences included.</summary>
    public string Screen
    {
        get
        {
            lock (screen)
                return screen.ToString();
        }
    }

    public async Task ShowsAsync(string text)
    {
        long began = Stopwatch.GetTimestamp();
        while (!Screen.Contains(text, StringComparison.Ordinal))
        {
            Assert.False(process.HasExited && reading.IsCompleted, $"It ended without showing '{text}':\n{Screen}");
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, $"It never showed '{text}':\n{Screen}");
            await Task.Delay(20);
        }
    }

    public async Task PressAsync(char key)
    {
        await process.StandardInput.WriteAsync(key);
        await process.StandardInput.FlushAsync();
    }

    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync()
    {
        await Task.WhenAll(process.WaitForExitAsync(), reading).WaitAsync(Patience);
        return process.ExitCode;
    }

    public ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        process.Dispose();
        return ValueTask.CompletedTask;
    }
}
