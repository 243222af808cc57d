using System.Text.Json;

namespace Quality.Reports.Journal;

static class CheckQuery
{
    const int SamplesKept = 10;

    public static Task<IReadOnlyList<CheckFacts>> LatestAsync(JournalSession journal, string pipeline) => journal.ListAsync(
        """
        SELECT table_name, column_name, rule, failing, sample FROM quality.checks
        WHERE pipeline = $1 AND run_id = (SELECT max(run_id) FROM quality.checks WHERE pipeline = $1)
        ORDER BY failing DESC, table_name, column_name, rule
        """,
        r => new CheckFacts(r.GetString(0), r.GetString(1), r.GetString(2), r.GetInt64(3), Samples(r.GetString(4))), pipeline);

    static IReadOnlyList<CheckSample> Samples(string json)
    {
        using var samples = JsonDocument.Parse(json);
        return samples.RootElement.ValueKind != JsonValueKind.Array ? []
            : [.. samples.RootElement.EnumerateArray().Take(SamplesKept).Select(s => new CheckSample(s.Member("value"), s.TryGetProperty("rows", out var rows) && rows.TryGetInt64(out var n) ? n : 0))];
    }
}
