using System.Text.RegularExpressions;
using Etl.Loading;
using Npgsql;

namespace Quality.Scheduling.Alerts;

/// <summary>
/// What is wrong, who was told, and who is still to be told, in the journal: one alert for a pipeline, step and reason until it is right again,
/// whichever process sees it and however often it starts anew.
/// </summary>
/// <param name="channels">Names of those that are set up here.</param>
/// <param name="typed">How a pipeline, by its name, is written on a command line here.</param>
internal sealed partial class AlertBook(IReadOnlyList<string> channels, IReadOnlyDictionary<string, string> typed)
{
    static readonly TimeSpan RemindAfter = TimeSpan.FromHours(24);

    /// <summary>10 s, 20 s, 40 s … up to an hour.</summary>
    static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10), LongestPause = TimeSpan.FromHours(1);

    /// <summary>Then the reminder is due, and tells the same.</summary>
    static readonly TimeSpan GiveUpAfter = TimeSpan.FromHours(24);

    /// <summary>Opens, counts or closes alerts by the steps of a chain that has ended; in its transaction.</summary>
    public async Task JudgeAsync(NpgsqlConnection connection, ChainResult chain, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var step in chain.Steps)
            if (step.Verdict is { } verdict and not Verdict.Reconciled)
                await FailedAsync(connection, chain.Pipeline, chain.Id, step.Step, verdict, step.Reason, step.Run, now, cancellation);
            else if (step.Verdict is not null)
                await RecoveredAsync(connection, chain.Pipeline, chain.Id, step.Step, now, cancellation);
        await RecoveredAsync(connection, chain.Pipeline, chain.Id, Steps.Schedule, now, cancellation);
    }

    public async Task FailedAsync(NpgsqlConnection connection, string pipeline, long chain, string step, Verdict verdict, string reason, long? run, DateTimeOffset now, CancellationToken cancellation)
    {
        object?[] facts = [pipeline, step, Sameness(reason), reason, verdict.Word(), AlertAdvice.For(typed[pipeline], step, verdict), chain,
            new NpgsqlParameter { Value = (object?)run ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bigint }, now];
        var opened = await connection.ListAsync<long>("""
            INSERT INTO quality.alerts AS a (pipeline, step, sameness, reason, verdict, advice, chain_id, run_id, opened_at, told_at, seen) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, 1)
            ON CONFLICT (pipeline, step, sameness) WHERE recovered_at IS NULL
              DO UPDATE SET reason = excluded.reason, verdict = excluded.verdict, advice = excluded.advice, chain_id = excluded.chain_id, run_id = excluded.run_id, seen = a.seen + 1
            RETURNING CASE WHEN seen = 1 THEN id ELSE 0 END
            """, cancellation, facts);
        await TellAsync(connection, opened.Where(id => id > 0), AlertKinds.Failure, now, cancellation);
    }

    /// <summary>All that was wrong with a step is over: that is told once, for the reason that was seen last.</summary>
    async Task RecoveredAsync(NpgsqlConnection connection, string pipeline, long chain, string step, DateTimeOffset now, CancellationToken cancellation)
    {
        var closed = await connection.ListAsync<long>("""
            WITH closed AS (
              UPDATE quality.alerts SET recovered_at = $4, recovered_by = $3 WHERE pipeline = $1 AND step = $2 AND recovered_at IS NULL RETURNING id, chain_id),
            over AS (
              UPDATE quality.alert_deliveries SET given_up_at = $4, error = coalesce(error || ' ', '') || 'It was right again before this went out.'
              WHERE alert_id IN (SELECT id FROM closed) AND kind = 'reminder' AND delivered_at IS NULL AND given_up_at IS NULL)
            SELECT id FROM closed ORDER BY chain_id DESC, id DESC LIMIT 1
            """, cancellation, pipeline, step, chain, now);
        await TellAsync(connection, closed, AlertKinds.Recovery, now, cancellation);
    }

    /// <summary>What has been wrong for a day since it was told is told again; of several reasons for one step, the one that was seen last.</summary>
    public async Task RemindAsync(NpgsqlConnection connection, string pipeline, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var due = await connection.ListAsync<long>("""
            UPDATE quality.alerts SET told_at = $2
            WHERE pipeline = $1 AND recovered_at IS NULL AND told_at <= $3
              AND id IN (SELECT DISTINCT ON (step) id FROM quality.alerts WHERE pipeline = $1 AND recovered_at IS NULL ORDER BY step, chain_id DESC, id DESC)
            RETURNING id
            """, cancellation, pipeline, now, now - RemindAfter);
        await TellAsync(connection, due, AlertKinds.Reminder, now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    async Task TellAsync(NpgsqlConnection connection, IEnumerable<long> alerts, string kind, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (long alert in alerts)
            await connection.RunAsync("INSERT INTO quality.alert_deliveries (alert_id, kind, channel, created_at, attempts, next_at) SELECT $1, $2, c, $3, 0, $3 FROM unnest($4) AS c",
                cancellation, alert, kind, now, channels.ToArray());
    }

    /// <summary>Takes one message that is to be sent. Taken, it is nobody else's until its next attempt is due: a process that dies over it loses nothing.</summary>
    public async Task<Delivery?> TakeAsync(NpgsqlConnection connection, string pipeline, DateTimeOffset now, CancellationToken cancellation)
    {
        await foreach (var row in connection.RowsAsync("""
            UPDATE quality.alert_deliveries d SET attempts = d.attempts + 1, next_at = $3 + least($4 * power(2, least(d.attempts, 30)), $5)
            FROM quality.alerts a
            WHERE a.id = d.alert_id AND d.id = (
              SELECT p.id FROM quality.alert_deliveries p JOIN quality.alerts o ON o.id = p.alert_id
              WHERE o.pipeline = $1 AND p.channel = ANY($2) AND p.delivered_at IS NULL AND p.given_up_at IS NULL AND p.next_at <= $3
              ORDER BY p.id LIMIT 1 FOR UPDATE OF p SKIP LOCKED)
            RETURNING d.id, d.channel, d.attempts, d.kind, a.step, a.verdict, a.reason, a.advice, CASE d.kind WHEN 'recovery' THEN a.recovered_by ELSE a.chain_id END, a.run_id, a.opened_at, a.seen
            """, cancellation, pipeline, channels.ToArray(), now, FirstPause, LongestPause))
            return new Delivery(row.GetInt64(0), row.GetString(1), row.GetInt32(2), new AlertMessage(row.GetString(3), pipeline, row.GetString(4), row.GetString(5), row.GetString(6), row.GetString(7),
                row.GetInt64(8), row.IsDBNull(9) ? null : row.GetInt64(9), row.GetDateTime(10), row.GetInt64(11)));
        return null;
    }

    public Task DeliveredAsync(NpgsqlConnection connection, Delivery delivery, DateTimeOffset now, CancellationToken cancellation) =>
        connection.RunAsync("UPDATE quality.alert_deliveries SET delivered_at = $2, error = NULL WHERE id = $1", cancellation, delivery.Id, now);

    public Task NotDeliveredAsync(NpgsqlConnection connection, Delivery delivery, string error, DateTimeOffset now, CancellationToken cancellation) =>
        connection.RunAsync("UPDATE quality.alert_deliveries SET error = $2, given_up_at = CASE WHEN created_at <= $4 THEN $3::timestamptz END WHERE id = $1", cancellation, delivery.Id, error, now, now - GiveUpAfter);

    /// <summary>A reason without its figures: '412 of 1,000 documents' is today what '415 of 1,003' is tomorrow.</summary>
    internal static string Sameness(string reason) => Figures().Replace(reason, "#");

    [GeneratedRegex(@"\d[\d.,:]*")]
    private static partial Regex Figures();
}
