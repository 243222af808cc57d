using Etl.Loading;
using Npgsql;

namespace Quality.Scheduling;

/// <summary>What the journal knows of chains: from it alone is decided what is due, so that it does not matter which process looks.</summary>
internal static class ChainJournal
{
    const string Named = "format('chain %s (process %s on %s, since %s)', id, process_id, host, to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS \"UTC\"'))";

    /// <summary>From now on the pipeline's times are kept. Times before a schedule was there, or before it was changed, were nobody's to keep.</summary>
    public static Task RegisterAsync(NpgsqlConnection connection, string pipeline, CronSchedule cron, DateTimeOffset now, CancellationToken cancellation) =>
        connection.RunAsync("""
            INSERT INTO quality.schedules AS s (pipeline, cron, since) VALUES ($1, $2, $3)
            ON CONFLICT (pipeline) DO UPDATE SET cron = excluded.cron, since = excluded.since WHERE s.cron <> excluded.cron
            """, cancellation, pipeline, cron.Text, now);

    /// <returns>Null: all times so far were answered.</returns>
    public static async Task<DueChain?> DueAsync(NpgsqlConnection connection, string pipeline, CronSchedule cron, DateTimeOffset now, CancellationToken cancellation)
    {
        var answered = await connection.ListAsync<DateTime>("""
            SELECT greatest(s.since, (SELECT max(c.due_at) FROM quality.chains c WHERE c.pipeline = $1 AND c.ended_at IS NOT NULL AND NOT c.stopped))
            FROM quality.schedules s WHERE s.pipeline = $1
            """, cancellation, pipeline);
        if (answered is not [var since] || cron.Latest(since, now) is not { } due)
            return null;
        return new DueChain(due, await connection.ScalarAsync<long>("SELECT count(*) FROM quality.chains WHERE pipeline = $1 AND due_at = $2 AND died", cancellation, pipeline, due));
    }

    /// <summary>Called under the lock: a chain that has not ended is dead then, or lost the warehouse so that nobody could write down its end.</summary>
    /// <param name="since">When this process began to run chains: its own of later are no deaths.</param>
    /// <returns>What became of them, for people.</returns>
    public static Task<List<string>> BuryAsync(NpgsqlConnection connection, string pipeline, DateTimeOffset since, DateTimeOffset now, CancellationToken cancellation) =>
        connection.ListAsync<string>($"""
            UPDATE quality.chains c SET ended_at = $2, stopped = true, died = o.died, verdict = 'unknown',
              reason = CASE WHEN o.died THEN 'It died: its lock was free, and it had not ended.' ELSE 'It lost the warehouse.' END
            FROM (SELECT id AS open, NOT (host = $3 AND process_id = $4 AND started_at >= $5) AS died FROM quality.chains WHERE pipeline = $1 AND ended_at IS NULL) o
            WHERE id = o.open
            RETURNING {Named} || CASE WHEN o.died THEN ' died; this process takes over.' ELSE ' lost the warehouse; it is run again.' END
            """, cancellation, pipeline, now, Environment.MachineName, Environment.ProcessId, since);

    /// <summary>The chain that holds the lock, for people.</summary>
    public static async Task<string> HolderAsync(NpgsqlConnection connection, string pipeline, CancellationToken cancellation)
    {
        var holders = await connection.ListAsync<string>($"SELECT {Named} FROM quality.chains WHERE pipeline = $1 AND ended_at IS NULL ORDER BY id DESC LIMIT 1", cancellation, pipeline);
        return holders.Count > 0 ? holders[0] : "another process";
    }

    public static Task<long> BeginAsync(NpgsqlConnection connection, string pipeline, DateTimeOffset? due, DateTimeOffset now, CancellationToken cancellation) =>
        connection.ScalarAsync<long>("INSERT INTO quality.chains (pipeline, due_at, host, process_id, started_at) VALUES ($1, $2, $3, $4, $5) RETURNING id", cancellation,
            pipeline, new NpgsqlParameter { Value = (object?)due?.UtcDateTime ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz }, Environment.MachineName, Environment.ProcessId, now);

    /// <returns>The step with its run, also where it failed before it could tell which.</returns>
    public static async Task<StepResult> SaveStepAsync(NpgsqlConnection connection, long chain, string pipeline, StepResult step, CancellationToken cancellation)
    {
        var runs = step.Run is { } told ? [told] : await connection.ListAsync<long>(
            "SELECT id FROM quality.runs WHERE pipeline = $1 AND command = $2 AND process_id = $3 AND host = $4 AND started_at >= $5 ORDER BY id DESC LIMIT 1", cancellation,
            pipeline, step.Step, Environment.ProcessId, Environment.MachineName, step.Started);
        long? run = runs is [var only] ? only : null;
        await connection.RunAsync("INSERT INTO quality.chain_steps (chain_id, step, started_at, ended_at, verdict, reason, run_id) VALUES ($1, $2, $3, $4, nullif($5, ''), $6, $7) ON CONFLICT DO NOTHING", cancellation,
            chain, step.Step, step.Started, step.Ended, step.Verdict?.Word() ?? "", step.Reason, new NpgsqlParameter { Value = (object?)run ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bigint });
        return step with { Run = run };
    }

    /// <returns>1; 0 where another process took the chain for dead meanwhile: then it is no longer for this one to judge.</returns>
    public static Task<int> EndAsync(NpgsqlConnection connection, ChainResult result, DateTimeOffset now, CancellationToken cancellation) =>
        connection.RunAsync("UPDATE quality.chains SET ended_at = $2, stopped = $3, verdict = $4, reason = $5 WHERE id = $1 AND ended_at IS NULL", cancellation,
            result.Id, now, result.Stopped, result.Verdict.Word(), result.Reason);
}
