using Npgsql;

namespace Etl.Loading;

/// <summary>One writer per pipeline: a session lock in the warehouse, gone when its connection is.</summary>
public sealed class PipelineLock : IAsyncDisposable
{
    readonly NpgsqlConnection connection;
    readonly string pipeline;

    PipelineLock(NpgsqlConnection connection, string pipeline) => (this.connection, this.pipeline) = (connection, pipeline);

    /// <summary>The backend of a killed process keeps its lock until it notices: so long we wait for it.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10), Pause = TimeSpan.FromMilliseconds(200);

    const string Key = "hashtextextended('quality:' || $1, 0)";

    /// <returns>The lock; disposing it lets go of it.</returns>
    /// <exception cref="UnavailableException">Another run holds it; the message names that run.</exception>
    public static async Task<PipelineLock> TakeAsync(NpgsqlConnection connection, string pipeline, TimeProvider time, CancellationToken cancellation)
    {
        long began = time.GetTimestamp();
        while (!await connection.ScalarAsync<bool>($"SELECT pg_try_advisory_lock({Key})", cancellation, pipeline))
        {
            if (time.GetElapsedTime(began) > Patience)
                throw new UnavailableException($"Pipeline '{pipeline}' is being written by {await HolderAsync(connection, pipeline, cancellation)}. Wait until it ends, or stop it.");
            await Task.Delay(Pause, time, cancellation);
        }
        return new PipelineLock(connection, pipeline);
    }

    /// <summary>A connection that goes back to its pool keeps its session, and with it the lock: it must be let go of by hand.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (connection.State == System.Data.ConnectionState.Open)
                await connection.RunAsync($"SELECT pg_advisory_unlock({Key})", CancellationToken.None, pipeline);
        }
        catch (NpgsqlException)
        {
            // The connection is gone, and the lock with it.
        }
    }

    static async Task<string> HolderAsync(NpgsqlConnection connection, string pipeline, CancellationToken cancellation)
    {
        const string sql = $"SELECT {Run.Named} FROM quality.runs WHERE pipeline = $1 AND ended_at IS NULL ORDER BY id DESC LIMIT 1";
        var holders = await connection.ListAsync<string>(sql, cancellation, pipeline);
        return holders.Count > 0 ? holders[0] : "another process";
    }
}
