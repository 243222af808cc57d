using Etl;
using Etl.Contracts;
using Etl.Loading;
using Npgsql;

namespace Quality.Commands.Load;

/// <summary>
/// A database beside the warehouse's own, on the same server, for the time of a load: it can be emptied at will, and neither the pipeline's tables nor
/// its books are touched. Gone when the load ends; what a killed one left is replaced by the next.
/// </summary>
internal sealed class LoadWarehouse : IAsyncDisposable
{
    /// <summary>On the database, so that none is dropped that somebody else made.</summary>
    const string Mark = "Made by quality load, and dropped when it ends.";

    readonly Warehouse main;
    readonly NpgsqlConnection connection;
    readonly PipelineLock held;
    readonly string database;
    Warehouse? current;

    LoadWarehouse(Warehouse main, NpgsqlConnection connection, PipelineLock held, string database) =>
        (this.main, this.connection, this.held, this.database) = (main, connection, held, database);

    /// <summary>The one that <see cref="RenewAsync"/> made last.</summary>
    public Warehouse Current => current ?? throw new InvalidOperationException("The load's database has not been made.");

    /// <exception cref="UnavailableException">Another load of the pipeline is running.</exception>
    public static async Task<LoadWarehouse> OpenAsync(Warehouse main, string pipeline, TimeProvider time, CancellationToken cancellation)
    {
        var connection = await main.OpenAsync(cancellation);
        try
        {
            return new LoadWarehouse(main, connection, await PipelineLock.TakeAsync(connection, $"load of {pipeline}", time, cancellation), $"quality_load_{pipeline}");
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes the database, empty, whatever was in it.</summary>
    /// <exception cref="UnavailableException">It may not be made.</exception>
    public async Task RenewAsync(CancellationToken cancellation)
    {
        try
        {
            await DropAsync(cancellation);
            await connection.RunAsync($"CREATE DATABASE {Identifier.Quote(database)}", cancellation);
            await connection.RunAsync($"COMMENT ON DATABASE {Identifier.Quote(database)} IS '{Mark}'", cancellation);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new UnavailableException($"A load runs in a database of its own, '{database}', and the warehouse's user may not make one: {e.MessageText}. Allow it: ALTER ROLE … CREATEDB; or name a warehouse for loads.", e);
        }
        current = new Warehouse(new NpgsqlConnectionStringBuilder(main.ConnectionString) { Database = database }.ConnectionString);
    }

    async Task DropAsync(CancellationToken cancellation)
    {
        if (current is not null)
            await current.DisposeAsync();
        current = null;
        var marks = await connection.ListAsync<string>("SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname = $1", cancellation, database);
        if (marks is [var mark] && mark != Mark)
            throw new UnavailableException($"The load needs a database of its own, '{database}', and somebody else has made one of that name. Rename or drop it.");
        await connection.RunAsync($"DROP DATABASE IF EXISTS {Identifier.Quote(database)} WITH (FORCE)", cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await DropAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or UnavailableException)
        {
            Terminal.Say($"The load's database '{database}' could not be dropped: {e.Message} The next load does it.");
        }
        await held.DisposeAsync();
        await connection.DisposeAsync();
    }
}
