using System.Text.Json;
using Quality.Ui;

namespace Quality.Reports.Journal;

static class RoundQuery
{
    sealed record Row(long Run, string Command, DateTimeOffset Started, string? Reason, TableReconciliation Table);

    public static async Task<IReadOnlyList<ReconciliationRound>> LatestAsync(JournalSession journal, string pipeline)
    {
        var rows = await journal.ListAsync(
            """
            SELECT c.run_id, r.command, r.started_at, r.reason, c.id, c.dataset, c.table_name, c.level, c.source, c.warehouse, c.quarantined, c.held_back, c.unreferenced,
                   c.missing, c.unexpected, c.changed, c.matched, c.coverage, c.verdict, c.reason, c.milliseconds,
                   (SELECT count(*) FROM quality.differences d WHERE d.reconciliation_id = c.id AND d.repaired),
                   c.documents, c.duplicate, c.superseded, c.days::text,
                   c.in_flight, extract(epoch FROM c.oldest_in_flight)::double precision, c.not_looked_at_again, c.bound
            FROM (SELECT * FROM quality.runs r WHERE pipeline = $1 AND EXISTS (SELECT FROM quality.reconciliations WHERE run_id = r.id) ORDER BY id DESC LIMIT $2) r
            JOIN quality.reconciliations c ON c.run_id = r.id AND c.pipeline = $1
            ORDER BY c.id
            """,
            r => new Row(r.GetInt64(0), r.GetString(1), r.Instant(2), r.Text(3), new(
                r.GetInt64(4), r.GetString(5), r.GetString(6), r.GetString(7), r.GetInt64(8), r.GetInt64(9), r.GetInt64(10), r.GetInt64(11), r.GetInt64(12),
                r.GetInt64(13), r.GetInt64(14), r.GetInt64(15), r.GetInt64(16), r.GetDouble(17), Parse(r.GetString(18)), r.Text(19), r.GetInt32(20), r.GetInt64(21), [])
            {
                Documents = r.IsDBNull(22) ? null : r.GetInt64(22),
                Duplicate = r.GetInt64(23),
                Superseded = r.GetInt64(24),
                Days = r.IsDBNull(25) ? [] : JsonSerializer.Deserialize<SourceDay[]>(r.GetString(25), JsonSerializerOptions.Web)!,
                InFlight = r.GetInt64(26),
                OldestInFlightSeconds = r.GetDouble(27),
                NotLookedAtAgain = r.GetInt64(28),
                Bound = r.IsDBNull(29) ? null : r.GetDouble(29),
            }),
            pipeline, ReportLimits.Rounds);
        var rounds = Rounds(rows);
        return await SampledAsync(journal, [.. rounds.TakeLast(ReportLimits.Rounds)]);
    }

    /// <summary>A run that mends compares twice: a table that comes again begins the next round.</summary>
    static List<ReconciliationRound> Rounds(IReadOnlyList<Row> rows)
    {
        List<List<Row>> rounds = [];
        foreach (var row in rows)
        {
            if (rounds is not [.., var last] || last[0].Run != row.Run || last.Any(r => r.Table.Table == row.Table.Table)) rounds.Add([row]);
            else last.Add(row);
        }
        return [.. rounds.Select((round, i) => new ReconciliationRound(
            round[0].Run, round[0].Command, round[0].Started, round.Select(r => r.Table.Verdict).Worst(),
            // The run's reason tells of where it ended, not of what it found on the way.
            i + 1 < rounds.Count && rounds[i + 1][0].Run == round[0].Run ? null : round[0].Reason,
            [.. round.Select(r => r.Table)]))];
    }

    /// <summary>Samples for the last round that found anything, some of each kind and table.</summary>
    static async Task<IReadOnlyList<ReconciliationRound>> SampledAsync(JournalSession journal, List<ReconciliationRound> rounds)
    {
        var at = rounds.FindLastIndex(r => r.Differences > 0);
        if (at < 0) return rounds;
        var samples = await journal.ListAsync(
            """
            SELECT reconciliation_id, kind, key, repaired, cells
            FROM (SELECT *, row_number() OVER (PARTITION BY reconciliation_id, kind ORDER BY ordinal) AS turn FROM quality.differences WHERE reconciliation_id = ANY ($1)) d
            ORDER BY turn, reconciliation_id, kind LIMIT $2
            """,
            r => (Table: r.GetInt64(0), Sample: new DifferenceSample(r.GetString(1), r.Clipped(2), r.GetBoolean(3), Cells(r.GetString(4)))),
            rounds[at].Tables.Select(t => t.Id).ToArray(), ReportLimits.Differences);
        var byTable = samples.ToLookup(s => s.Table, s => s.Sample);
        rounds[at] = rounds[at] with { Tables = [.. rounds[at].Tables.Select(t => t with { Samples = [.. byTable[t.Id]] })] };
        return rounds;
    }

    static IReadOnlyList<CellPair> Cells(string json)
    {
        using var cells = JsonDocument.Parse(json);
        return [.. cells.RootElement.EnumerateArray().Select(cell => new CellPair(
            cell.Member("column") ?? "?", cell.Member("type"), cell.Member("source"), cell.Member("warehouse"), cell.TryGetProperty("equal", out var equal) && equal.ValueKind == JsonValueKind.True))];
    }
}
