namespace Quality.Reports;

/// <summary>Fewer samples. The page says how many of how many it shows, so nothing is lost in silence.</summary>
static class Trim
{
    public static QualityReport To(int samples, QualityReport report) => report with
    {
        Pipelines = [.. report.Pipelines.Select(p => p with
        {
            Quarantine = p.Quarantine with { Samples = [.. p.Quarantine.Samples.Take(samples)] },
            Rounds = [.. p.Rounds.Select(r => r with { Tables = [.. r.Tables.Select(t => t with { Samples = [.. t.Samples.Take(Math.Max(1, samples / r.Tables.Count))] })] })],
        })],
    };
}
