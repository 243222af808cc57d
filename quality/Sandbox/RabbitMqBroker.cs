using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using Etl;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Quality.Sandbox;

/// <summary>The broker of a data folder: found running, started, stopped. The caller holds the folder's lock.</summary>
sealed class RabbitMqBroker(string data, RabbitMqBinaries binaries, TimeProvider time)
{
    internal const string User = "quality";
    const string Node = "quality@localhost";

    /// <summary>Erlang compiles hundreds of modules as it loads them: five seconds of a processor, which may be busy with other things.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>An orderly stop writes queues down; a broker that takes longer is killed, which loses no durable message either.</summary>
    static readonly TimeSpan StoppingTime = TimeSpan.FromSeconds(30);

    string Settings => Path.Combine(data, "rabbitmq.conf");
    string PidFile => Path.Combine(data, "pid");
    string PortsFile => Path.Combine(data, "ports");
    string PasswordFile => Path.Combine(data, "password");
    internal string Log => Path.Combine(data, "log", Node + ".log");

    internal string Uri(int port) => $"amqp://{User}:{Password()}@127.0.0.1:{port}/";

    /// <summary>Of the broker; null where none lives. One that has just begun has not written it down yet: whoever started it may have been killed meanwhile, so it is looked for.</summary>
    internal int? ProcessId
    {
        get
        {
            if (File.Exists(PidFile) && int.TryParse(File.ReadAllText(PidFile).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int id) && Serves(id))
                return id;
            return OperatingSystem.IsLinux()
                ? Directory.EnumerateDirectories("/proc").Select(p => int.TryParse(Path.GetFileName(p), NumberStyles.None, CultureInfo.InvariantCulture, out int process) && Serves(process) ? process : (int?)null).FirstOrDefault(p => p is not null)
                : null;
        }
    }

    /// <summary>The port of the live broker of this folder, once it answers; null when none lives.</summary>
    internal async Task<int?> RunningPortAsync(CancellationToken ct)
    {
        long began = time.GetTimestamp();
        while (ProcessId is { } process)
        {
            if (RecordedPorts() is [var port, ..] && await AnswersAsync(port, ct))
                return port;
            if (time.GetElapsedTime(began) > Patience)
                throw new UnavailableException($"RabbitMQ (process {process}) runs in '{data}' but does not answer after {Patience.TotalSeconds:0} s: {LastWords(0)}. End it with `kill {process}` and try again.");
            await Task.Delay(Pause, time, ct);
        }
        return null;
    }

    /// <summary>Starts it on the ports it had before, where those are free, so that addresses outlive a killed broker.</summary>
    internal async Task<int> StartAsync(CancellationToken ct)
    {
        await KillEpmdAsync(); // left by a broker that was killed
        int[] ports = [.. (RecordedPorts() is { Length: 3 } before ? before : [0, 0, 0]).Select(p => p > 0 && LoopbackPort.IsFree(p) ? p : LoopbackPort.Free())];
        Directory.CreateDirectory(Path.GetDirectoryName(Log)!);
        await File.WriteAllTextAsync(PortsFile, string.Join(' ', ports) + "\n", ct);
        await WritePrivatelyAsync(Settings, $"""
            # Written by quality at each start; changes here are lost.
            listeners.tcp.1 = 127.0.0.1:{ports[0]}
            default_user = {User}
            default_pass = {Password()}
            log.console = false
            log.file.level = warning
            # The disk is watched by whoever owns the machine; a broker that stops taking messages at 1 GB free would only seem to hang.
            disk_free_limit.absolute = 50MB
            raft.wal_max_size_bytes = 64000000

            """, ct);
        await File.WriteAllTextAsync(Path.Combine(data, "enabled_plugins"), "[].\n", ct);
        await File.WriteAllTextAsync(Path.Combine(data, "rabbitmq-env.conf"), "", ct);
        long from = File.Exists(Log) ? new FileInfo(Log).Length : 0;
        File.Delete(PidFile);
        // Detached, Erlang puts itself into a session of its own: Ctrl-C in our terminal does not reach it.
        var started = await ForeignCommand.RunAsync([binaries.Server, "-detached"], ct, Environment(ports));
        if (!started.Succeeded)
            throw new UnavailableException($"RabbitMQ did not start in '{data}': {started.LastLine.TrimEnd('.')}. {Advice}");

        long began = time.GetTimestamp();
        bool lived = false;
        while (true)
        {
            bool lives = ProcessId is not null;
            if (lives && await AnswersAsync(ports[0], ct))
                return ports[0];
            // It was there and is gone, or it never wrote its process id.
            if (lived && !lives || time.GetElapsedTime(began) > Patience)
                throw new UnavailableException($"RabbitMQ did not start in '{data}'{(lives ? $" within {Patience.TotalSeconds:0} s" : "")}: {LastWords(from)}. {Advice}");
            lived |= lives;
            await Task.Delay(Pause, time, ct);
        }
    }

    internal async Task StopAsync()
    {
        long began = time.GetTimestamp();
        if (ProcessId is { } process)
        {
            await SignalAsync("TERM", process);
            while (Serves(process))
            {
                if (time.GetElapsedTime(began) > StoppingTime)
                    await SignalAsync("KILL", process);
                await Task.Delay(Pause, time);
            }
        }
        File.Delete(PidFile);
        await KillEpmdAsync();
    }

    /// <summary>Ends the epmd that our broker brought; it refuses where a node that lives is known to it, and then it is not ours alone.</summary>
    async Task KillEpmdAsync()
    {
        if (RecordedPorts() is not [_, var epmd, _] || LoopbackPort.IsFree(epmd))
            return;
        for (int attempt = 0; attempt < 20 && !LoopbackPort.IsFree(epmd); attempt++)
        {
            await ForeignCommand.RunAsync([binaries.Epmd, "-port", epmd.ToString(CultureInfo.InvariantCulture), "-kill"], CancellationToken.None);
            await Task.Delay(Pause, time); // it takes a moment to notice that the node is gone
        }
    }

    static Task<ForeignCommand> SignalAsync(string signal, int process) => ForeignCommand.RunAsync(["/bin/sh", "-c", $"kill -{signal} {process}"], CancellationToken.None);

    string Advice => $"The whole log is {Log}. {PostgresTrouble.Space(data)} {PostgresTrouble.MoveAway(data).Replace("`quality sync`", "`quality generate`", StringComparison.Ordinal)}";

    Dictionary<string, string> Environment(int[] ports) => new()
    {
        ["HOME"] = data, // where Erlang keeps its cookie, and how the process is known again
        ["ERL_EPMD_PORT"] = ports[1].ToString(CultureInfo.InvariantCulture),
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_DIST_PORT"] = ports[2].ToString(CultureInfo.InvariantCulture),
        ["RABBITMQ_NODENAME"] = Node,
        ["RABBITMQ_MNESIA_BASE"] = Path.Combine(data, "mnesia"),
        ["RABBITMQ_LOG_BASE"] = Path.Combine(data, "log"),
        ["RABBITMQ_PID_FILE"] = PidFile,
        ["RABBITMQ_CONFIG_FILE"] = Settings,
        ["RABBITMQ_ADVANCED_CONFIG_FILE"] = Path.Combine(data, "advanced.config"),
        ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(data, "rabbitmq-env.conf"),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(data, "enabled_plugins"),
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +SDio 4 +A 4",
        // Else the start script goes on beside Erlang, and answers signals on its own.
        ["detached"] = "true",
    };

    string Password()
    {
        if (!File.Exists(PasswordFile))
        {
            using var file = new StreamWriter(PasswordFile, Private(FileMode.CreateNew));
            file.Write(RandomNumberGenerator.GetHexString(32, lowercase: true));
        }
        return File.ReadAllText(PasswordFile).Trim();
    }

    static async Task WritePrivatelyAsync(string path, string text, CancellationToken ct)
    {
        await using var file = new StreamWriter(path, Private(FileMode.Create));
        await file.WriteAsync(text.AsMemory(), ct);
    }

    static FileStreamOptions Private(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }

    /// <summary>AMQP, epmd, distribution.</summary>
    int[]? RecordedPorts()
    {
        if (!File.Exists(PortsFile))
            return null;
        string[] words = File.ReadAllText(PortsFile).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var ports = words.Select(w => int.TryParse(w, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > 0 and <= 65_535 ? port : 0).ToArray();
        return ports is [> 0, > 0, > 0] ? ports : null;
    }

    /// <summary>Whether a process is our broker: its home is the data folder, and it boots RabbitMQ. One that ended and was not collected yet has no command line.</summary>
    bool Serves(int process)
    {
        try
        {
            return OperatingSystem.IsLinux()
                ? File.ReadAllText($"/proc/{process}/cmdline") is var words && words.Contains($"\0-home\0{data}\0", StringComparison.Ordinal) && words.Contains("\0-s\0rabbit\0boot\0", StringComparison.Ordinal)
                : Process.GetProcessById(process).ProcessName.StartsWith("beam", StringComparison.Ordinal);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    async Task<bool> AnswersAsync(int port, CancellationToken ct)
    {
        var patience = TimeSpan.FromSeconds(10);
        var factory = new ConnectionFactory { Uri = new Uri(Uri(port)), AutomaticRecoveryEnabled = false, RequestedConnectionTimeout = patience, HandshakeContinuationTimeout = patience, ContinuationTimeout = patience };
        try
        {
            await using var connection = await factory.CreateConnectionAsync(ct);
            await connection.CloseAsync(ct);
            return true;
        }
        // It answers, with a no that waiting does not change: the folder's password is not the broker's.
        catch (BrokerUnreachableException refused) when (refused.InnerException is PossibleAuthenticationFailureException)
        {
            throw new UnavailableException($"RabbitMQ in '{data}' refuses the password that the folder keeps in '{PasswordFile}'. {Advice}", refused);
        }
        catch (Exception failure) when (failure is RabbitMQClientException or IOException or SocketException or TimeoutException)
        {
            return false;
        }
    }

    /// <summary>The first error that the log has since then, else its last line.</summary>
    string LastWords(long from)
    {
        if (!File.Exists(Log))
            return "it wrote no log";
        using var log = new FileStream(Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        log.Seek(Math.Min(from, log.Length), SeekOrigin.Begin);
        string[] lines = [.. new StreamReader(log).ReadToEnd().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line[(line.LastIndexOf("> ", StringComparison.Ordinal) + 1)..].Trim()).Where(line => line.Any(char.IsLetter))];
        return (lines.FirstOrDefault(line => line.Contains("rror", StringComparison.Ordinal)) ?? lines.LastOrDefault() ?? "its log says nothing").TrimEnd('.', ':');
    }
}
