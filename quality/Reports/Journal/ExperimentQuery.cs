using System.Text.Json;

namespace Quality.Reports.Journal;

static class ExperimentQuery
{
    /// <summary>Of each kind, the latest run of it: documents are corrupted before they are loaded, tables are damaged afterwards.</summary>
    public static Task<IReadOnlyList<ExperimentFacts>> LatestAsync(JournalSession journal, string pipeline) => journal.ListAsync(
        """
        SELECT e.run_id, e.kind, e.name, e.hypothesis, e.injected, e.detected, e.missed, e.false_alarms, e.outcomes, e.seed
        FROM quality.experiments e
        JOIN (SELECT kind, max(run_id) AS run_id FROM quality.experiments WHERE pipeline = $1 GROUP BY kind) latest USING (kind, run_id)
        WHERE e.pipeline = $1 ORDER BY e.id
        """,
        r => new ExperimentFacts(r.GetInt64(0), r.GetString(1), r.Clipped(2), r.Clipped(3), r.GetInt64(4), r.GetInt64(5), r.GetInt64(6), r.GetInt64(7), Outcomes(r.GetString(8)), r.Long(9)), pipeline);

    static Dictionary<string, long> Outcomes(string json)
    {
        using var outcomes = JsonDocument.Parse(json);
        return outcomes.RootElement.ValueKind != JsonValueKind.Object ? []
            : outcomes.RootElement.EnumerateObject().Where(o => o.Value.ValueKind == JsonValueKind.Number).ToDictionary(o => o.Name, o => o.Value.GetInt64());
    }
}
