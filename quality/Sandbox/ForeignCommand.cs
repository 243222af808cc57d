using System.Diagnostics;
using Etl;

namespace Quality.Sandbox;

/// <summary>One foreign program run to its end: its exit code and all that it said.</summary>
sealed record ForeignCommand(int ExitCode, string Output)
{
    static readonly string[] Foreign = ["PG", "RABBITMQ_", "ERL_"];

    internal bool Succeeded => ExitCode == 0;

    internal string LastLine => Output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "it said nothing";

    /// <param name="environment">Variables that the program gets besides ours, over them.</param>
    internal static async Task<ForeignCommand> RunAsync(IReadOnlyList<string> command, CancellationToken ct, IReadOnlyDictionary<string, string>? environment = null)
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
        // What is set for other servers of these programs is not meant for ours.
        foreach (var name in start.Environment.Keys.Where(name => Foreign.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal))).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;

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
