using Etl.Loading;
using Npgsql;

namespace Quality.Scheduling;

/// <summary>One chain of a pipeline at a time, whichever process and host it is of: a session lock in the warehouse, gone when its connection is.</summary>
internal sealed class ChainLock : IAsyncDisposable
{
    const string Key = "hashtextextended('quality:chain:' || $1, 0)";

    /// <summary>Between two signs of life, and how long the answer may take.</summary>
    static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(2), Patience = TimeSpan.FromSeconds(5);

    readonly NpgsqlConnection connection;
    readonly string pipeline;
    readonly CancellationTokenSource lost = new(), done = new();
    readonly Task keeping;

    ChainLock(NpgsqlConnection connection, string pipeline, TimeProvider time)
    {
        (this.connection, this.pipeline) = (connection, pipeline);
        keeping = KeepAsync(time);
    }

    /// <summary>The connection was lost, and the lock with it: another may be at work already.</summary>
    public CancellationToken Lost => lost.Token;

    /// <returns>Null: another holds it.</returns>
    public static async Task<ChainLock?> TryTakeAsync(Warehouse warehouse, string pipeline, TimeProvider time, CancellationToken cancellation)
    {
        var connection = await warehouse.OpenAsync(cancellation);
        try
        {
            // A host that is gone says nothing: the server finds out within half a minute, not after the two hours that are usual.
            await connection.RunAsync("SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 4", cancellation);
            if (await connection.ScalarAsync<bool>($"SELECT pg_try_advisory_lock({Key})", cancellation, pipeline))
                return new ChainLock(connection, pipeline, time);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
        await connection.DisposeAsync();
        return null;
    }

    async Task KeepAsync(TimeProvider time)
    {
        try
        {
            while (true)
            {
                await Task.Delay(KeepAlive, time, done.Token);
                using var patience = new CancellationTokenSource(Patience, time);
                await connection.RunAsync("SELECT 1", patience.Token);
            }
        }
        catch (OperationCanceledException) when (done.IsCancellationRequested)
        {
            // The chain has ended.
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException or InvalidOperationException)
        {
            await lost.CancelAsync();
        }
    }

    /// <summary>A connection that goes back to its pool keeps its session, and with it the lock: it must be let go of by hand.</summary>
    public async ValueTask DisposeAsync()
    {
        await done.CancelAsync();
        await keeping;
        try
        {
            if (connection.State == System.Data.ConnectionState.Open)
                await connection.RunAsync($"SELECT pg_advisory_unlock({Key})", CancellationToken.None, pipeline);
        }
        catch (NpgsqlException)
        {
            // The connection is gone, and the lock with it.
        }
        await connection.DisposeAsync();
        lost.Dispose();
        done.Dispose();
    }
}
