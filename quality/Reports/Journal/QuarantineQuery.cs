namespace Quality.Reports.Journal;

static class QuarantineQuery
{
    const int RulesKept = 1_000;

    public static async Task<QuarantineFacts> OpenAsync(JournalSession journal, string pipeline)
    {
        var (documents, heldBack, oldest) = (await journal.ListAsync(
            "SELECT count(*), count(*) FILTER (WHERE held_back), min(first_seen) FROM quality.quarantine WHERE pipeline = $1 AND state = 'open'",
            r => (r.GetInt64(0), r.GetInt64(1), r.InstantOrNull(2)), pipeline))[0];
        if (documents == 0) return QuarantineFacts.None;
        // The third element and the thirtieth are one place in the contract.
        var rules = await journal.ListAsync(
            """
            SELECT dataset, rule, regexp_replace(path, '\[\d+\]', '[]', 'g') AS place, count(*), count(*) FILTER (WHERE held_back), min(left(reason, 300))
            FROM quality.quarantine WHERE pipeline = $1 AND state = 'open'
            GROUP BY dataset, rule, place ORDER BY count(*) DESC, dataset, rule, place LIMIT $2
            """,
            r => new QuarantineRule(r.GetString(0), r.GetString(1), r.Clipped(2), r.GetInt64(3), r.GetInt64(4), r.GetString(5)), pipeline, RulesKept);
        var samples = await journal.ListAsync(
            """
            SELECT id, dataset, left(document_key, 301), rule, left(path, 301), left(reason, 301), held_back, first_seen
            FROM (SELECT *, row_number() OVER (PARTITION BY dataset, rule ORDER BY id) AS turn FROM quality.quarantine WHERE pipeline = $1 AND state = 'open') q
            ORDER BY turn, dataset, rule LIMIT $2
            """,
            r => new QuarantineSample(r.GetInt64(0), r.GetString(1), r.Clipped(2), r.GetString(3), r.Clipped(4), r.Clipped(5), r.GetBoolean(6), r.Instant(7)), pipeline, ReportLimits.QuarantineSamples);
        return new(documents, heldBack, oldest, rules, samples);
    }
}
