namespace Quality.Reports.Journal;

static class RuleQuery
{
    const int Most = 2_000;

    /// <summary>What documents broke in one run, by rule and place. The third element of an array and the thirtieth are one place in the contract.</summary>
    public static Task<IReadOnlyList<RuleFacts>> BrokenAsync(JournalSession journal, string pipeline, long run) => journal.ListAsync(
        """
        SELECT q.dataset, regexp_replace(v.path, '\[\d+\]', '[]', 'g') AS place, v.rule, count(DISTINCT q.id) FILTER (WHERE v.turn = 1) AS refused, count(DISTINCT q.id) AS broken, min(left(v.message, 301))
        FROM quality.quarantine q CROSS JOIN LATERAL (
          SELECT 1 AS turn, q.rule, q.path, q.reason AS message
          UNION ALL
          SELECT e.turn, e.value ->> 'rule', e.value ->> 'path', e.value ->> 'message'
          FROM jsonb_array_elements(q.violations) WITH ORDINALITY AS e(value, turn) WHERE e.turn > 1) v
        WHERE q.pipeline = $1 AND q.last_run = $2 AND v.rule IS NOT NULL AND v.path IS NOT NULL
        GROUP BY 1, 2, 3 ORDER BY 4 DESC, 5 DESC, 1, 2, 3 LIMIT $3
        """,
        r => new RuleFacts(r.Clipped(0), r.Clipped(1), r.Clipped(2), null, r.GetInt64(3), r.GetInt64(4), r.Text(5)), pipeline, run, Most);
}
