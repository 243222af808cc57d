namespace Quality.Reports.Journal;

static class DriftQuery
{
    public static async Task<DriftFacts> OfAsync(JournalSession journal, RunFacts? sync)
    {
        if (sync is null) return DriftFacts.None;
        var entries = await journal.ListAsync(
            """
            SELECT count(*) OVER (), d.dataset, left(d.path, 301), d.kind, d.bson_type, d.documents, coalesce(l.read, 0), left(d.example, 301)
            FROM quality.drift d LEFT JOIN quality.ledger l USING (run_id, dataset)
            WHERE d.run_id = $1 ORDER BY d.documents DESC, d.dataset, d.path, d.kind, d.bson_type LIMIT $2
            """,
            r => (Found: r.GetInt64(0), Entry: new DriftEntry(r.Clipped(1), r.Clipped(2), r.Clipped(3), r.Clipped(4), r.GetInt64(5), r.GetInt64(6), r.Text(7))), sync.Id, ReportLimits.Drift);
        return new(sync.Id, sync.Read, entries.Count == 0 ? 0 : entries[0].Found, [.. entries.Select(e => e.Entry)]);
    }
}
