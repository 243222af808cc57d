using Npgsql;
using Quality.Sandbox;
using Tests.Shared;

[assembly: AssemblyFixture(typeof(Postgres))]

namespace Tests.Shared;

/// <summary>
/// One embedded PostgreSQL for all tests of an assembly, started by the first that asks and stopped after the last.
/// A test owns a database: emptied before, left after, so that what a failed test did can be looked at.
/// </summary>
public sealed class Postgres : IAsyncDisposable
{
    // Beside the assembly: the same place at each run, gone with `make clean`.
    static readonly string Folder = Path.Combine(AppContext.BaseDirectory, ".quality");
    static readonly SemaphoreSlim Gate = new(1, 1);
    static EmbeddedPostgres? server;

    /// <summary>Seconds for a statement: making a database waits for the disk, and the machine may be busy.</summary>
    const int Patience = 180;

    /// <summary>Drops and creates the database.</summary>
    /// <returns>Its connection string, for Npgsql.</returns>
    public static async Task<string> DatabaseAsync(string name)
    {
        var server = await ServerAsync();
        var quoted = "\"" + name.Replace("\"", "\"\"") + "\"";
        var connectionString = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = name }.ConnectionString;
        await using (var stale = new NpgsqlConnection(connectionString))
            NpgsqlConnection.ClearPool(stale);
        await ExecuteAsync(server.ConnectionString, $"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)");
        await ExecuteAsync(server.ConnectionString, $"CREATE DATABASE {quoted}");
        return connectionString;
    }

    /// <summary>Skips, or fails in CI, where PostgreSQL is not installed.</summary>
    public static void Required() => Binaries();

    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = Patience;
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<object?> ScalarAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (server is { } running)
            await running.DisposeAsync();
    }

    static async Task<EmbeddedPostgres> ServerAsync()
    {
        Binaries();
        await Gate.WaitAsync();
        try
        {
            if (server is null)
            {
                server = await EmbeddedPostgres.StartAsync(Folder, TimeProvider.System, CancellationToken.None);
                // These databases need not outlive a power cut. A killed server loses nothing by it: the kernel keeps what was written.
                foreach (var setting in (string[])["fsync", "synchronous_commit", "full_page_writes"])
                    await ExecuteAsync(server.ConnectionString, $"ALTER SYSTEM SET {setting} = off");
                await ExecuteAsync(server.ConnectionString, "SELECT pg_reload_conf()");
            }
            return server;
        }
        finally
        {
            Gate.Release();
        }
    }

    static void Binaries()
    {
        try
        {
            PostgresBinaries.Find();
        }
        catch (Etl.UnavailableException absent)
        {
            Requires.Missing(absent.Message, "make setup");
        }
    }
}
