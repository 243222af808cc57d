using System.Text.Json;

namespace Quality.Reports.Journal;

static class MartQuery
{
    public static Task<IReadOnlyList<MartFacts>> OfAsync(JournalSession journal, string pipeline) => journal.ListAsync(
        """
        SELECT m.mart, m.kind, left(m.description, 601), m.file, m.rows, coalesce(b.inserted, 0), coalesce(b.removed, 0), coalesce(b.milliseconds, 0), m.run_id, m.built_at, m.columns::text
        FROM quality.marts m LEFT JOIN quality.mart_builds b ON b.run_id = m.run_id AND b.mart = m.mart WHERE m.pipeline = $1 ORDER BY m.position, m.mart
        """,
        r => new MartFacts(r.GetString(0), r.GetString(1), r.Clipped(2), r.Clipped(3), r.GetInt64(4), r.GetInt64(5), r.GetInt64(6), r.GetInt64(7), r.GetInt64(8), r.Instant(9), Columns(r.GetString(10))), pipeline);

    static IReadOnlyList<MartColumnFacts> Columns(string json)
    {
        using var columns = JsonDocument.Parse(json);
        return columns.RootElement.ValueKind != JsonValueKind.Array ? []
            : [.. columns.RootElement.EnumerateArray().Select(c => new MartColumnFacts(c.Member("name") ?? "", c.Member("type") ?? "", c.TryGetProperty("key", out var key) && key.ValueKind == JsonValueKind.True, c.Member("description") ?? ""))];
    }
}
