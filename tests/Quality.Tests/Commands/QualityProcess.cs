using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tests.Shared;

namespace Quality.Tests.Commands;

/// <summary>The built executable as a child process, in a folder of its own so that its <c>.quality</c> is private.</summary>
sealed partial class QualityProcess : IAsyncDisposable
{
    public const int Interrupt = 2, Kill = 9, Terminate = 15, Continue = 18, Stop = 19;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    readonly Process process;
    readonly StringBuilder output = new();
    readonly ConcurrentQueue<string> errors = [];
    readonly TaskCompletionSource outputEnded = new(), errorsEnded = new();

    QualityProcess(Process process) => this.process = process;

    /// <summary>It lies beside the tests, because they refer to its project.</summary>
    public static string Executable => Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "quality.exe" : "quality");

    public int Id => process.Id;

    /// <summary>Everybody may enter it: PostgreSQL, which is another user when the tests run as root, keeps its data there.</summary>
    public static string NewFolder() => Scratch.Folder("run");

    public static QualityProcess Start(string folder, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(Executable, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string inherited in (string[])["QUALITY_MONGO", "QUALITY_WAREHOUSE"])
            start.Environment.Remove(inherited);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        var child = new QualityProcess(new Process { StartInfo = start });
        child.process.OutputDataReceived += (_, line) => Take(line.Data, child.Keep, child.outputEnded);
        child.process.ErrorDataReceived += (_, line) => Take(line.Data, child.errors.Enqueue, child.errorsEnded);
        child.process.Start();
        child.process.BeginOutputReadLine();
        child.process.BeginErrorReadLine();
        return child;
    }

    void Keep(string line)
    {
        lock (output)
            output.AppendLine(line);
    }

    static void Take(string? line, Action<string> keep, TaskCompletionSource ended)
    {
        if (line is null)
            ended.TrySetResult();
        else
            keep(line);
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<Outcome> RunAsync(string folder, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        await using var child = Start(folder, environment, arguments);
        return await child.EndAsync();
    }

    public static Task<Outcome> RunAsync(params string[] arguments) => RunAsync(NewFolder(), null, arguments);

    public async Task<Outcome> EndAsync()
    {
        await Task.WhenAll(process.WaitForExitAsync(), outputEnded.Task, errorsEnded.Task).WaitAsync(Patience);
        return new Outcome(process.ExitCode, output.ToString(), string.Join('\n', errors));
    }

    public bool HasEnded => process.HasExited;

    /// <summary>Waits for a line on standard error that contains a text.</summary>
    public async Task<string> SaysAsync(string text)
    {
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            if (errors.FirstOrDefault(l => l.Contains(text, StringComparison.Ordinal)) is { } line)
                return line;
            Assert.False(process.HasExited, $"It ended without saying '{text}': {string.Join('\n', errors)}");
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, $"It never said '{text}': {string.Join('\n', errors)}");
            await Task.Delay(20);
        }
    }

    /// <summary>Waits until standard output has so many lines.</summary>
    public async Task<string[]> LinesAsync(int count)
    {
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            string[] lines;
            lock (output)
                lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (lines.Length >= count)
                return lines;
            Assert.False(process.HasExited, $"It ended with {lines.Length} lines: {string.Join('\n', errors)}");
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, $"{lines.Length} lines came: {string.Join('\n', lines)}");
            await Task.Delay(20);
        }
    }

    /// <summary>Of <c>quality mongo</c>, once it listens.</summary>
    public async Task<string> PortAsync() => Address().Match(await SaysAsync("mongodb://")).Groups[1].Value;

    [GeneratedRegex(@"mongodb://127\.0\.0\.1:(\d+)/")]
    private static partial Regex Address();

    public void Signal(int signal) => _ = SendSignal(process.Id, signal);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            Signal(Terminate);
            Signal(Continue); // a test that failed may have left it stopped, which would keep it from hearing
            try
            {
                await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(15));
            }
            catch (TimeoutException)
            {
                process.Kill();
            }
        }
        process.Dispose();
    }

    /// <summary>How a run ended.</summary>
    public sealed record Outcome(int ExitCode, string Output, string Errors)
    {
        /// <summary>Standard output, which must be exactly one JSON document.</summary>
        public JsonElement Json
        {
            get
            {
                try
                {
                    return JsonDocument.Parse(Output).RootElement;
                }
                catch (JsonException e)
                {
                    throw new InvalidOperationException($"Not one JSON document ({e.Message}):\n{Output}\n{Errors}", e);
                }
            }
        }

        /// <summary>One clear line on standard error, nothing on standard output.</summary>
        public string Refused(int exitCode)
        {
            Assert.True(exitCode == ExitCode, $"exit code {ExitCode}, not {exitCode}: {Errors}\n{Output}");
            Assert.Equal("", Output);
            Assert.DoesNotContain('\n', Errors.TrimEnd('\n'));
            Assert.DoesNotContain("   at ", Errors);
            return Errors;
        }
    }
}
