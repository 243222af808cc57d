namespace Quality.Reports;

/// <summary>Fewer samples. The page says how many of how many it shows, so nothing is lost in silence.</summary>
static class Trim
{
    public static QualityReport To(int samples, QualityReport report) => report with
    {
        Pipelines = [.. report.Pipelines.Select(p => p with
        {
            Rules = [.. p.Rules.Take(samples * 4)],
            Drift = p.Drift with { Entries = [.. p.Drift.Entries.Take(samples)] },
            Contract = p.Contract with { Rules = [], Tables = Fewer(p.Contract.Tables, samples * 8) },
            Quarantine = p.Quarantine with { Samples = [.. p.Quarantine.Samples.Take(samples)] },
            Rounds = [.. p.Rounds.Select(r => r with { Tables = [.. r.Tables.Select(t => t with { Samples = [.. t.Samples.Take(Math.Max(1, samples / r.Tables.Count))] })] })],
        })],
    };

    /// <summary>So many columns, those of the first tables; a table that keeps none keeps its name.</summary>
    static IReadOnlyList<DictionaryTable> Fewer(IReadOnlyList<DictionaryTable> tables, int columns)
    {
        List<DictionaryTable> kept = [];
        foreach (var table in tables)
        {
            kept.Add(table with { Columns = [.. table.Columns.Take(columns)] });
            columns = Math.Max(0, columns - table.Columns.Count);
        }
        return kept;
    }
}
