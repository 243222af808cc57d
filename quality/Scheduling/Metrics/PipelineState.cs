using Etl.Loading;
using Npgsql;

namespace Quality.Scheduling.Metrics;

/// <summary>How a pipeline stands, by the journal.</summary>
/// <param name="Verdict">Of the latest chain that ended; null: none did.</param>
/// <param name="Reconciled">When the latest chain began that was reconciled.</param>
/// <param name="Synced">When the latest sync of a chain began that was right.</param>
/// <param name="Differences">Of the latest chain's reconciliation, if it came to one.</param>
internal sealed record PipelineState(Verdict? Verdict, DateTimeOffset? Reconciled, DateTimeOffset? Synced, IReadOnlyList<(string Table, string Kind, long Count)> Differences)
{
    public static async Task<PipelineState> ReadAsync(NpgsqlConnection connection, string pipeline, CancellationToken cancellation)
    {
        var (verdict, reconciled, synced, chain) = ((Verdict?)null, (DateTimeOffset?)null, (DateTimeOffset?)null, (long?)null);
        await foreach (var row in connection.RowsAsync("""
            SELECT (SELECT max(c.id) FROM quality.chains c WHERE c.pipeline = $1 AND c.ended_at IS NOT NULL AND NOT c.stopped),
                   (SELECT c.verdict FROM quality.chains c WHERE c.pipeline = $1 AND c.ended_at IS NOT NULL AND NOT c.stopped ORDER BY c.id DESC LIMIT 1),
                   (SELECT c.started_at FROM quality.chains c WHERE c.pipeline = $1 AND c.verdict = 'reconciled' ORDER BY c.id DESC LIMIT 1),
                   (SELECT s.started_at FROM quality.chains c JOIN quality.chain_steps s ON s.chain_id = c.id WHERE c.pipeline = $1 AND s.step = 'sync' AND s.verdict = 'reconciled' ORDER BY c.id DESC LIMIT 1)
            """, cancellation, pipeline))
        {
            chain = row.IsDBNull(0) ? null : row.GetInt64(0);
            verdict = row.IsDBNull(1) ? null : Verdicts.Parse(row.GetString(1));
            reconciled = row.IsDBNull(2) ? null : row.GetDateTime(2);
            synced = row.IsDBNull(3) ? null : row.GetDateTime(3);
        }
        var differences = new List<(string, string, long)>();
        if (chain is { } latest)
            await foreach (var row in connection.RowsAsync("""
                SELECT r.table_name, r.missing, r.unexpected, r.changed FROM quality.reconciliations r
                WHERE r.run_id = (SELECT run_id FROM quality.chain_steps WHERE chain_id = $1 AND step = 'reconcile') ORDER BY r.table_name
                """, cancellation, latest))
                differences.AddRange([(row.GetString(0), "missing", row.GetInt64(1)), (row.GetString(0), "unexpected", row.GetInt64(2)), (row.GetString(0), "changed", row.GetInt64(3))]);
        return new PipelineState(verdict, reconciled, synced, differences);
    }
}
