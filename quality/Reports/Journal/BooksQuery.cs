namespace Quality.Reports.Journal;

static class BooksQuery
{
    public static Task<IReadOnlyList<DatasetBooks>> DatasetsAsync(JournalSession journal, long run) => journal.ListAsync(
        "SELECT dataset, read, loaded, unchanged, deleted, quarantined, duplicate, superseded, filtered FROM quality.ledger WHERE run_id = $1 ORDER BY dataset",
        r => new DatasetBooks(r.GetString(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3), r.GetInt64(4), r.GetInt64(5), r.GetInt64(6), r.GetInt64(7), r.GetInt64(8)), run);

    public static Task<IReadOnlyList<TableBooks>> TablesAsync(JournalSession journal, long run) => journal.ListAsync(
        "SELECT dataset, table_name, produced, inserted, updated, unchanged, merged, removed, rows_before, rows_after FROM quality.table_ledger WHERE run_id = $1 ORDER BY dataset, table_name",
        r => new TableBooks(r.GetString(0), r.GetString(1), r.GetInt64(2), r.GetInt64(3), r.GetInt64(4), r.GetInt64(5), r.GetInt64(6), r.GetInt64(7), r.Long(8), r.Long(9)), run);
}
