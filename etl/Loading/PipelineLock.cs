using Npgsql;

namespace Etl.Loading;

/// <summary>One writer per pipeline: a session lock in the warehouse, gone when its connection is.</summary>
public static class PipelineLock
{
    /// <summary>The backend of a killed process keeps its lock until it notices: so long we wait for it.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10), Pause = TimeSpan.FromMilliseconds(200);

    /// <exception cref="UnavailableException">Another run holds it; the message names that run.</exception>
    public static async Task TakeAsync(NpgsqlConnection connection, string pipeline, TimeProvider time, CancellationToken cancellation)
    {
        long began = time.GetTimestamp();
        while (!await connection.ScalarAsync<bool>("SELECT pg_try_advisory_lock(hashtextextended('quality:' || $1, 0))", cancellation, pipeline))
        {
            if (time.GetElapsedTime(began) > Patience)
                throw new UnavailableException($"Pipeline '{pipeline}' is being written by {await HolderAsync(connection, pipeline, cancellation)}. Wait until it ends, or stop it.");
            await Task.Delay(Pause, time, cancellation);
        }
    }

    static async Task<string> HolderAsync(NpgsqlConnection connection, string pipeline, CancellationToken cancellation)
    {
        const string sql = """
            SELECT format('run %s (%s, process %s on %s, since %s)', id, command, process_id, host, to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'))
            FROM quality.runs WHERE pipeline = $1 AND ended_at IS NULL ORDER BY id DESC LIMIT 1
            """;
        var holders = await connection.ListAsync<string>(sql, cancellation, pipeline);
        return holders.Count > 0 ? holders[0] : "another process";
    }
}
