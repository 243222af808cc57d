using System.Globalization;

namespace Quality.Sandbox;

/// <summary>What the embedded server runs with; written anew at each start, so that old clusters follow.</summary>
static class PostgresSettings
{
    /// <remarks>
    /// fsync and synchronous_commit stay on: the chaos experiments kill this server, and committed must mean kept.
    /// Errors of statements are told to those who sent them; in the log they would quote values, and keys that stand twice, of which some are personal.
    /// </remarks>
    internal static string Text(int port) => string.Create(CultureInfo.InvariantCulture, $"""
        # Written by quality at each start; changes here are lost.
        port = {port}
        listen_addresses = '127.0.0.1'
        unix_socket_directories = ''
        max_connections = 100
        shared_buffers = 256MB
        maintenance_work_mem = 256MB
        work_mem = 32MB
        max_wal_size = 2GB
        checkpoint_timeout = 15min
        wal_level = minimal
        max_wal_senders = 0
        timezone = 'UTC'
        log_timezone = 'UTC'
        logging_collector = off
        log_min_messages = log
        log_error_verbosity = terse
        log_line_prefix = '%m [%p] '

        """);

    /// <summary>The port of the last start, or null where there was none.</summary>
    internal static int? PortIn(string settings) => File.Exists(settings)
        && File.ReadLines(settings).FirstOrDefault(line => line.StartsWith("port = ", StringComparison.Ordinal)) is { } line
        && int.TryParse(line.AsSpan("port = ".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : null;
}
