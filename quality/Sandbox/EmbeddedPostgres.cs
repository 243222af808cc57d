using Etl;
using Npgsql;

namespace Quality.Sandbox;

/// <summary>
/// A PostgreSQL server of our own, its data kept in the `.quality` folder. Commands that use the same folder at
/// once share one server; it lives as long as someone uses it, and the last to leave stops it. One that outlived
/// a killed process is taken over by the next start.
/// </summary>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    public const string Database = "quality";

    readonly PostgresServer server;
    readonly Places places;
    readonly TimeProvider time;
    IDisposable? use;

    EmbeddedPostgres(PostgresServer server, Places places, TimeProvider time, IDisposable use, string connectionString, string data, bool isShared)
    {
        (this.server, this.places, this.time, this.use) = (server, places, time, use);
        (ConnectionString, DataFolder, IsShared) = (connectionString, data, isShared);
    }

    /// <summary>For Npgsql; holds the password, so it is not for output.</summary>
    public string ConnectionString { get; }

    public string DataFolder { get; }

    /// <summary>Whether the server was running already.</summary>
    public bool IsShared { get; }

    /// <summary>Of the postmaster; null once it is gone.</summary>
    public int? ProcessId => server.ProcessId;

    /// <param name="folder">The `.quality` folder; made when absent.</param>
    /// <exception cref="UnavailableException">No binaries, no disk space, a damaged or foreign folder.</exception>
    public static Task<EmbeddedPostgres> StartAsync(string folder, TimeProvider time, CancellationToken ct) =>
        StartAsync(folder, PostgresBinaries.Find(), time, ct);

    internal static async Task<EmbeddedPostgres> StartAsync(string folder, PostgresBinaries binaries, TimeProvider time, CancellationToken ct)
    {
        var places = new Places(Path.GetFullPath(folder));
        try
        {
            Directory.CreateDirectory(places.Folder);
            using var gate = await SharedLock.TakeAsync(places.Gate, time, ct);
            var cluster = await PostgresCluster.OpenAsync(places.Folder, binaries, ct);
            var server = new PostgresServer(cluster, time);
            var use = SharedLock.Share(places.Users);
            try
            {
                var running = await server.RunningPortAsync(ct);
                var port = running ?? await server.StartAsync(ct);
                await EnsureDatabaseAsync(server.ConnectionString(port, "postgres"), cluster, ct);
                return new(server, places, time, use, server.ConnectionString(port, Database), cluster.Data, running is not null);
            }
            catch
            {
                await LeaveAsync(use, server, places);
                throw;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException($"The embedded PostgreSQL cannot be kept in '{places.Folder}': {failure.Message.ReplaceLineEndings(" ")} {PostgresTrouble.Space(places.Folder)} Free disk space or correct the folder's permissions; or name a running server with --warehouse.", failure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref use, null) is not { } held)
            return;
        await using (var connection = new NpgsqlConnection(ConnectionString))
            NpgsqlConnection.ClearPool(connection);
        using var gate = await SharedLock.TakeAsync(places.Gate, time, CancellationToken.None);
        await LeaveAsync(held, server, places);
    }

    /// <summary>Under the gate, so nobody can come in between the look and the stop.</summary>
    static async Task LeaveAsync(IDisposable use, PostgresServer server, Places places)
    {
        use.Dispose();
        using var last = SharedLock.TryTake(places.Users);
        if (last is not null && server.ProcessId is not null)
            await server.StopAsync();
    }

    static async Task EnsureDatabaseAsync(string connectionString, PostgresCluster cluster, CancellationToken ct)
    {
        try
        {
            await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false });
            await using var look = source.CreateCommand("SELECT 1 FROM pg_database WHERE datname = $1");
            look.Parameters.AddWithValue(Database);
            if (await look.ExecuteScalarAsync(ct) is not null)
                return;
            await using var create = source.CreateCommand($"CREATE DATABASE {Database}");
            await create.ExecuteNonQueryAsync(ct);
        }
        catch (NpgsqlException failure)
        {
            string reason = (failure is PostgresException refusal ? refusal.MessageText : failure.Message).ReplaceLineEndings(" ").TrimEnd('.');
            throw new UnavailableException($"PostgreSQL runs in '{cluster.Data}' but does not give us its database: {reason}. {PostgresTrouble.Advice(reason, cluster)}", failure);
        }
    }

    /// <summary>The locks: one while starting or stopping, one held together by all users.</summary>
    sealed record Places(string Folder)
    {
        internal string Gate => Path.Combine(Folder, "postgres.lock");
        internal string Users => Path.Combine(Folder, "postgres.users");
    }
}
