namespace Quality.Reports.Journal;

static class ThroughputQuery
{
    /// <summary>Of the latest sync that committed batches.</summary>
    public static async Task<RunThroughput> LatestAsync(JournalSession journal, string pipeline)
    {
        var batches = await journal.ListAsync(
            """
            SELECT run_id, dataset, documents, rows, milliseconds, committed_at FROM quality.batches
            WHERE run_id = (SELECT id FROM quality.runs r WHERE pipeline = $1 AND command = 'sync' AND EXISTS (SELECT FROM quality.batches WHERE run_id = r.id) ORDER BY id DESC LIMIT 1)
            """,
            r => (Run: r.GetInt64(0), Batch: new CommittedBatch(r.Clipped(1), r.GetInt64(2), r.GetInt64(3), r.GetInt32(4), r.Instant(5))), pipeline);
        return batches.Count == 0 ? RunThroughput.None : ThroughputCurve.Of(batches[0].Run, [.. batches.Select(b => b.Batch)], ReportLimits.ThroughputSteps);
    }
}
