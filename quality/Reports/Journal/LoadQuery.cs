using System.Text.Json;

namespace Quality.Reports.Journal;

static class LoadQuery
{
    static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web);

    /// <summary>Of each scenario the latest, in the order in which they were run.</summary>
    public static async Task<IReadOnlyList<LoadFacts>> LatestAsync(JournalSession journal, string pipeline)
    {
        // A journal that was last written before loads were kept has no such table.
        if (!(await journal.ListAsync("SELECT to_regclass('quality.load_results') IS NOT NULL", r => r.GetBoolean(0)))[0])
            return [];
        var steps = (await journal.ListAsync(
            """
            SELECT s.run_id, s.scenario, s.workload, s.step, s.operations, s.failed, s.documents, s.seconds, s.latency, s.reasons, s.slot_seconds, s.series
            FROM quality.load_steps s
            JOIN (SELECT scenario, max(run_id) AS run_id FROM quality.load_results WHERE pipeline = $1 GROUP BY scenario) latest USING (scenario, run_id)
            """,
            r => (Run: r.GetInt64(0), Scenario: r.GetString(1), Facts: Step(new(
                r.Clipped(2), r.Clipped(3), r.GetInt64(4), r.GetInt64(5), r.GetInt64(6), r.GetDouble(7), r.IsDBNull(8) ? null : Read<LoadLatency>(r.GetString(8)),
                [.. Read<LoadFailure[]>(r.GetString(9)).Select(f => f with { Reason = Columns.Clip(f.Reason) })], r.GetDouble(10), Read<LoadPoint[]>(r.GetString(11))))), pipeline)).ToLookup(s => (s.Run, s.Scenario), s => s.Facts);
        return await journal.ListAsync(
            """
            SELECT run_id, scenario, seed, rate, started_at, seconds, verdict, reason, peak_memory, thresholds FROM quality.load_results
            JOIN (SELECT scenario, max(run_id) AS run_id FROM quality.load_results WHERE pipeline = $1 GROUP BY scenario) latest USING (scenario, run_id)
            WHERE pipeline = $1 ORDER BY started_at
            """,
            r => new LoadFacts(r.GetInt64(0), r.Clipped(1), r.GetInt64(2), r.GetInt32(3), r.Instant(4), r.GetDouble(5), Parse(r.GetString(6)), r.Clipped(7), r.GetInt64(8),
                Read<LoadThreshold[]>(r.GetString(9)), [.. steps[(r.GetInt64(0), r.GetString(1))].OrderBy(s => s.Workload, StringComparer.Ordinal).ThenBy(s => s.Step, StringComparer.Ordinal)]), pipeline);
    }

    static LoadStepFacts Step(LoadStepFacts step)
    {
        var fewer = LoadPoint.Fewer(step.Series, ReportLimits.ThroughputSteps);
        return step with { Series = fewer, SlotSeconds = fewer.Count < step.Series.Count ? fewer[1].Second - fewer[0].Second : step.SlotSeconds };
    }

    static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, Form) ?? throw new JsonException($"A figure of a load test is missing: {json}");
}
