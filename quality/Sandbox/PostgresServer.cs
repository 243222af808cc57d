using System.Diagnostics;
using System.Globalization;
using System.Net;
using Etl;
using Npgsql;

namespace Quality.Sandbox;

/// <summary>The server process of a cluster: found running, started, stopped. The caller holds the folder's lock.</summary>
sealed class PostgresServer(PostgresCluster cluster, TimeProvider time)
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    const long LargestLog = 10 * 1024 * 1024;

    internal string ConnectionString(int port, string database) => new NpgsqlConnectionStringBuilder
    {
        Host = IPAddress.Loopback.ToString(),
        Port = port,
        Username = PostgresCluster.Superuser,
        Password = cluster.Password,
        Database = database,
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    }.ConnectionString;

    /// <summary>The port of the live server of this folder, once it answers; null when none lives.</summary>
    internal async Task<int?> RunningPortAsync(CancellationToken ct)
    {
        var began = time.GetTimestamp();
        while (await LiveAsync(ct) is { } live)
        {
            if (live.Port is { } port && await AnswersAsync(port, ct))
                return port;
            if (time.GetElapsedTime(began) > Patience)
                throw new UnavailableException(
                    $"PostgreSQL (process {live.Process}) runs in '{cluster.Data}' but does not answer after {Patience.TotalSeconds:0} s: {LastWords(0)}. End it with `kill -INT {live.Process}` and try again.");
            await Task.Delay(Pause, time, ct);
        }
        return null;
    }

    /// <summary>Starts it on the port it had before, where that is free, so that addresses outlive a killed server.</summary>
    internal async Task<int> StartAsync(CancellationToken ct)
    {
        if (new FileInfo(cluster.Log) is { Exists: true, Length: > LargestLog } log)
            log.Delete();
        var began = time.GetTimestamp();
        var port = PostgresSettings.PortIn(cluster.Settings) is { } before && LoopbackPort.IsFree(before) ? before : LoopbackPort.Free();
        while (true)
        {
            await File.WriteAllTextAsync(cluster.Settings, PostgresSettings.Text(port), ct);
            var from = new FileInfo(cluster.Log) is { Exists: true } written ? written.Length : 0;
            // pg_ctl puts the server into a session of its own: Ctrl-C in our terminal does not reach it.
            var started = await cluster.User.RunAsync(ct, cluster.Binaries.PgCtl, "start", "-D", cluster.Data, "-l", cluster.Log, "-w", "-t", "300");
            if (started.Succeeded)
                return port;

            // Another was quicker: the pg_ctl of a killed process, which begins a server that nobody waits for.
            if (await RunningPortAsync(ct) is { } running)
                return running;
            var reason = LastWords(from) is { Length: > 0 } said ? said : PostgresTrouble.Cause(started);
            var patient = time.GetElapsedTime(began) < Patience;
            if (patient && reason.Contains("could not create any TCP/IP sockets", StringComparison.Ordinal))
                port = LoopbackPort.Free();
            // The children of a killed postmaster take a moment to notice that they are orphans.
            else if (patient && reason.Contains("shared memory block", StringComparison.Ordinal))
                await Task.Delay(Pause, time, ct);
            else
                throw new UnavailableException($"PostgreSQL did not start in '{cluster.Data}': {reason}. {PostgresTrouble.Advice(reason, cluster)}");
        }
    }

    internal async Task StopAsync()
    {
        foreach (var mode in (string[])["fast", "immediate"])
            if ((await cluster.User.RunAsync(CancellationToken.None, cluster.Binaries.PgCtl, "stop", "-D", cluster.Data, "-m", mode, "-w", "-t", "60")).Succeeded)
                return;
    }

    internal int? ProcessId =>
        File.Exists(cluster.Pid) && int.TryParse(File.ReadLines(cluster.Pid).FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    async Task<(int Process, int? Port)?> LiveAsync(CancellationToken ct)
    {
        string[] lines;
        try
        {
            lines = await File.ReadAllLinesAsync(cluster.Pid, ct);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        if (lines.Length == 0 || !int.TryParse(lines[0], NumberStyles.None, CultureInfo.InvariantCulture, out var process))
            return null;
        if (Serves(process))
            return (process, lines.Length > 3 && int.TryParse(lines[3], NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : null);
        // PostgreSQL replaces the file of a dead process itself, but believes one whose number another process has now.
        if (Exists(process))
            File.Delete(cluster.Pid);
        return null;
    }

    /// <summary>On Linux the postmaster's working folder is its data folder, whatever links lead there.</summary>
    bool Serves(int process)
    {
        try
        {
            return OperatingSystem.IsLinux()
                ? FirstLines($"/proc/{process}/cwd/postmaster.pid").SequenceEqual(FirstLines(cluster.Pid))
                : Process.GetProcessById(process).ProcessName.StartsWith("postgres", StringComparison.Ordinal);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }

        static IEnumerable<string> FirstLines(string path) => File.ReadAllLines(path).Take(3);
    }

    static bool Exists(int process)
    {
        try
        {
            Process.GetProcessById(process).Dispose();
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    async Task<bool> AnswersAsync(int port, CancellationToken ct)
    {
        try
        {
            await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString(port, "postgres")) { Pooling = false }.ConnectionString);
            await connection.OpenAsync(ct);
            return true;
        }
        // It answers, with a no that waiting does not change.
        catch (PostgresException refusal) when (refusal.SqlState is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidCatalogName)
        {
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    /// <summary>The log's last FATAL or PANIC since then, else its last line: the lines after it only tell of the shutdown.</summary>
    string LastWords(long from)
    {
        if (!File.Exists(cluster.Log))
            return "";
        using var log = new FileStream(cluster.Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        log.Seek(from, SeekOrigin.Begin);
        var lines = new StreamReader(log).ReadToEnd().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return (lines.LastOrDefault(line => Severity(line) >= 0) is { } fatal ? fatal[Severity(fatal)..] : lines.LastOrDefault() ?? "").TrimEnd('.');

        static int Severity(string line) => Math.Max(line.IndexOf("FATAL:", StringComparison.Ordinal), line.IndexOf("PANIC:", StringComparison.Ordinal));
    }
}
