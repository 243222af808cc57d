namespace Quality.Reports.Journal;

static class BooksQuery
{
    public static Task<IReadOnlyList<DatasetBooks>> DatasetsAsync(JournalSession journal, long run) => journal.ListAsync(
        "SELECT dataset, read, loaded, unchanged, deleted, quarantined, duplicate, superseded, filtered FROM quality.ledger WHERE run_id = $1 ORDER BY dataset",
        r => new DatasetBooks(r.GetString(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3), r.GetInt64(4), r.GetInt64(5), r.GetInt64(6), r.GetInt64(7), r.GetInt64(8)), run);

    public static Task<IReadOnlyList<TableBooks>> TablesAsync(JournalSession journal, long run) => journal.ListAsync(
        "SELECT dataset, table_name, produced, inserted, updated, unchanged, merged, removed, rows_before, rows_after FROM quality.table_ledger WHERE run_id = $1 ORDER BY dataset, table_name",
        r => new TableBooks(r.GetString(0), r.GetString(1), r.GetInt64(2), r.GetInt64(3), r.GetInt64(4), r.GetInt64(5), r.GetInt64(6), r.GetInt64(7), r.Long(8), r.Long(9)), run);

    /// <summary>Of the latest sync that committed batches; neighbours are joined when there are more than a chart can show.</summary>
    public static Task<IReadOnlyList<ThroughputPoint>> ThroughputAsync(JournalSession journal, string pipeline) => journal.ListAsync(
        """
        SELECT max(run_id), max(committed_at), string_agg(DISTINCT dataset, ', '), count(*), sum(documents)::bigint, sum(rows)::bigint, sum(milliseconds)::bigint
        FROM (SELECT *, ntile($2) OVER (ORDER BY committed_at, dataset, ordinal) AS part
              FROM quality.batches
              WHERE run_id = (SELECT id FROM quality.runs r WHERE pipeline = $1 AND command = 'sync' AND EXISTS (SELECT FROM quality.batches WHERE run_id = r.id) ORDER BY id DESC LIMIT 1)) b
        GROUP BY part ORDER BY part
        """,
        r => new ThroughputPoint(r.GetInt64(0), r.Instant(1), r.GetString(2), r.GetInt64(3), r.GetInt64(4), r.GetInt64(5), r.GetInt64(6)), pipeline, ReportLimits.ThroughputPoints);
}
