namespace Quality.Reports;

/// <summary>Fewer samples. The page says how many of how many it shows, so nothing is lost in silence.</summary>
static class Trim
{
    /// <summary>Samples of a page that tells of few pipelines; more of them share these.</summary>
    const int Whole = 200, Few = 3;

    public static QualityReport Shared(QualityReport report) => report.Pipelines.Count <= Few ? report : To(Math.Max(1, Whole * Few / report.Pipelines.Count), report) with { InFull = report.InFull };

    public static QualityReport To(int samples, QualityReport report) => report with
    {
        InFull = Math.Clamp(ReportLimits.Pipelines * samples / Whole, 1, ReportLimits.Pipelines),
        Pipelines = [.. report.Pipelines.Select(p => p with
        {
            TablesListed = Math.Min(p.TablesListed, Math.Max(10, samples)),
            History = [.. p.History.TakeLast(Math.Max(8, samples))],
            Rules = [.. p.Rules.Take(samples * 4)],
            RulesInAll = p.RulesInAll ?? p.Rules.Count,
            MartsInAll = p.MartsInAll ?? p.Marts.Count,
            Marts = [.. p.Marts.Take(samples).Select(m => m with { Columns = [.. m.Columns.Take(samples)] })],
            Loads = [.. p.Loads.Select(l => l with { Steps = [.. l.Steps.Select(s => s with { Series = LoadPoint.Fewer(s.Series, Math.Max(2, samples)) })] })],
            Drift = p.Drift with { Entries = [.. p.Drift.Entries.Take(samples)] },
            Contract = p.Contract with { Rules = [], TablesInAll = p.Contract.TablesInAll ?? p.Contract.Tables.Count, ColumnsInAll = p.Contract.ColumnsInAll ?? p.Contract.Tables.Sum(t => t.Columns.Count), Tables = Fewer(p.Contract.Tables, samples * 5) },
            Quarantine = p.Quarantine with { Samples = [.. p.Quarantine.Samples.Take(samples)] },
            Rounds = [.. p.Rounds.Select(r => r with { Tables = [.. r.Tables.Select(t => t with { Samples = [.. t.Samples.Take(Math.Max(1, samples / r.Tables.Count))] })] })],
        })],
    };

    /// <summary>So many columns, those of the first tables.</summary>
    static IReadOnlyList<DictionaryTable> Fewer(IReadOnlyList<DictionaryTable> tables, int columns)
    {
        List<DictionaryTable> kept = [];
        foreach (var table in tables)
        {
            if (columns <= 0) break;
            kept.Add(table with { Columns = [.. table.Columns.Take(columns)], NotLoaded = [.. table.NotLoaded.Take(columns)] });
            columns -= table.Columns.Count;
        }
        return kept;
    }
}
