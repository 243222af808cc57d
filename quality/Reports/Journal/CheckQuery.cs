using System.Text.Json;
using Npgsql;

namespace Quality.Reports.Journal;

static class CheckQuery
{
    const int SamplesKept = 10;

    public static Task<IReadOnlyList<CheckFacts>> LatestAsync(JournalSession journal, string pipeline) => journal.ListAsync(
        """
        SELECT table_name, column_name, rule, failing, sample, left(name, 301), measured, left(expected, 301), unit, c.holds, c.warns
        FROM quality.checks, LATERAL (
          -- Lines from before migration 0004 say neither; there were these two rules, and the failing rows told.
          SELECT CASE WHEN rule IN ('unique', 'disputed') THEN coalesce(checks.holds, failing = 0) ELSE checks.holds END AS holds,
                 checks.warns OR rule IN ('unique', 'disputed') AS warns) c
        -- A repair makes the marts anew and asks their checks alone; a reconciliation asks those of the tables again, not what only a load can tell.
        WHERE pipeline = $1 AND run_id = (SELECT max(l.run_id) FROM quality.checks l WHERE l.pipeline = $1
          AND CASE WHEN l.rule LIKE 'mart%' THEN 1 WHEN l.rule = ANY ($2) THEN 2 ELSE 3 END = CASE WHEN checks.rule LIKE 'mart%' THEN 1 WHEN checks.rule = ANY ($2) THEN 2 ELSE 3 END)
        ORDER BY CASE WHEN c.holds THEN 2 WHEN c.holds IS NULL THEN 1 ELSE 0 END, c.warns, failing DESC, table_name, column_name, rule, name
        """,
        r => new CheckFacts(r.GetString(0), r.GetString(1), r.GetString(2), r.GetInt64(3), Samples(r.GetString(4)))
        {
            Name = r.Clipped(5),
            Measured = Number(r, 6),
            Expected = r.Text(7),
            Unit = r.Text(8),
            Holds = r.IsDBNull(9) ? null : r.GetBoolean(9),
            Warns = r.GetBoolean(10),
        }, pipeline, AskedOfTables);

    /// <summary>Rules that syncs and reconciliations alike ask of the tables.</summary>
    static readonly string[] AskedOfTables = ["rowCount", "duplicateValues", "nullValues", "missingValues", "invalidValues", "sql", "freshness", "references", "unique", "volume"];

    static decimal? Number(NpgsqlDataReader row, int i) => row.IsDBNull(i) ? null : row.GetDecimal(i);

    static IReadOnlyList<CheckSample> Samples(string json)
    {
        using var samples = JsonDocument.Parse(json);
        return samples.RootElement.ValueKind != JsonValueKind.Array ? []
            : [.. samples.RootElement.EnumerateArray().Take(SamplesKept).Select(s => new CheckSample(s.Member("value"), s.TryGetProperty("rows", out var rows) && rows.TryGetInt64(out var n) ? n : 0))];
    }
}
