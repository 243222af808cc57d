using Npgsql;
using Quality.Ui;

namespace Quality.Reports.Journal;

static class RunQuery
{
    // The sums are made for the few runs that are chosen, not for all that were ever kept.
    const string Select = """
        SELECT r.id, r.command, r.seed, r.contract, r.contract_hash, r.source, r.host, r.started_at, r.ended_at, r.verdict, r.reason,
               coalesce(l.read, 0), coalesce(l.quarantined, 0), coalesce(t.changes, 0), t.rows, d.differences, e.recall,
               r.retries, r.reopened, r.timed_out, r.remarks
        FROM (SELECT * FROM quality.runs r WHERE pipeline = $1 AND {0} ORDER BY id DESC LIMIT {1}) r
        LEFT JOIN LATERAL (SELECT sum(read)::bigint AS read, sum(quarantined)::bigint AS quarantined FROM quality.ledger WHERE run_id = r.id) l ON true
        LEFT JOIN LATERAL (SELECT sum(inserted + updated + removed)::bigint AS changes, sum(rows_after)::bigint AS rows FROM quality.table_ledger WHERE run_id = r.id) t ON true
        LEFT JOIN LATERAL (SELECT sum(missing + unexpected + changed)::bigint AS differences
                           FROM (SELECT DISTINCT ON (table_name) missing, unexpected, changed FROM quality.reconciliations WHERE run_id = r.id ORDER BY table_name, id DESC) x) d ON true
        LEFT JOIN LATERAL (SELECT sum(detected)::float8 / nullif(sum(injected), 0)::float8 AS recall FROM quality.experiments WHERE run_id = r.id) e ON true
        ORDER BY r.id
        """;
    // A repair has books too, but only of what it mended.
    const string Moved = "command = 'sync'";
    const string Compared = "(command IN ('reconcile', 'repair') OR EXISTS (SELECT FROM quality.reconciliations WHERE run_id = r.id))";

    /// <summary>Oldest first.</summary>
    public static Task<IReadOnlyList<RunFacts>> LatestSyncsAsync(JournalSession journal, string pipeline, int most) =>
        journal.ListAsync(string.Format(null, Select, Moved, most), Read, pipeline);

    public static async Task<RunFacts?> LatestComparisonAsync(JournalSession journal, string pipeline) =>
        (await journal.ListAsync(string.Format(null, Select, Compared, 1), Read, pipeline)).SingleOrDefault();

    public static Task<IReadOnlyList<RunFacts>> HistoryAsync(JournalSession journal, string pipeline) =>
        journal.ListAsync(string.Format(null, Select, "true", ReportLimits.Runs), Read, pipeline);

    public static async Task<long> CountAsync(JournalSession journal, string pipeline) =>
        (await journal.ListAsync("SELECT count(*) FROM quality.runs WHERE pipeline = $1", r => r.GetInt64(0), pipeline))[0];

    static RunFacts Read(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.Long(2), row.Text(3), row.Text(4), row.Text(5), row.GetString(6), row.Instant(7), row.InstantOrNull(8),
        row.IsDBNull(9) ? null : Parse(row.GetString(9)), row.Text(10),
        row.GetInt64(11), row.GetInt64(12), row.GetInt64(13), row.Long(14), row.Long(15), row.Double(16))
    {
        Retries = row.GetInt64(17),
        Reopened = row.GetInt64(18),
        TimedOut = row.GetInt64(19),
        Remarks = [.. row.GetFieldValue<string[]>(20).Take(ReportLimits.Remarks).Select(Columns.Clip)],
    };
}
