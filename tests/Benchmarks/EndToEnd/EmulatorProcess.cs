using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Benchmarks.EndToEnd;

/// <summary>`quality mongo` in a process of its own, its documents in memory: it takes no memory of the process that is measured.</summary>
sealed class EmulatorProcess : IAsyncDisposable
{
    readonly Process process;

    EmulatorProcess(Process process, string uri) => (this.process, Uri) = (process, uri.TrimEnd('/'));

    public string Uri { get; }

    /// <summary>Its address with a database.</summary>
    public string Database(string name) => $"{Uri}/{name}";

    public static async Task<EmulatorProcess> StartAsync(CancellationToken cancellation)
    {
        var process = Process.Start(ChildProcess.Prepare(ChildProcess.Quality, ["mongo", "--port", "0", "--json"], null))!;
        // It writes to both without end; what is not read would one day stop it.
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var said = new StringBuilder();
        while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line)
        {
            said.AppendLine(line);
            if (line == "}")
                return new EmulatorProcess(process, JsonDocument.Parse(said.ToString()).RootElement.GetProperty("uri").GetString()!);
        }
        await process.WaitForExitAsync(cancellation);
        throw new InvalidOperationException($"The emulator ended with exit code {process.ExitCode} before it served: {said}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
