using System.Diagnostics;
using Etl;

namespace Quality.Sandbox;

/// <summary>One foreign program run to its end: its exit code and all that it said.</summary>
sealed record ForeignCommand(int ExitCode, string Output)
{
    internal bool Succeeded => ExitCode == 0;

    internal string LastLine => Output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "it said nothing";

    internal static async Task<ForeignCommand> RunAsync(IReadOnlyList<string> command, CancellationToken ct)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // PostgreSQL's programs refuse a working folder that their user cannot enter.
            WorkingDirectory = "/",
        };
        // The log is read back to explain failures, so it is written in English.
        start.Environment["LC_ALL"] = "C";
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);

        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            throw new UnavailableException($"'{command[0]}' cannot be run: {failure.Message}.", failure);
        }
        using (process)
        {
            process.StandardInput.Close();
            try
            {
                var output = process.StandardOutput.ReadToEndAsync(ct);
                var errors = process.StandardError.ReadToEndAsync(ct);
                await process.WaitForExitAsync(ct);
                return new(process.ExitCode, await output + await errors);
            }
            catch (OperationCanceledException)
            {
                // Not its children: a server that pg_ctl has just begun is stopped properly, by pg_ctl.
                process.Kill();
                throw;
            }
        }
    }
}
