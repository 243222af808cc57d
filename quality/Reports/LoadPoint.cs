namespace Quality.Reports;

/// <summary>A point of a curve over time.</summary>
/// <param name="Second">Where it begins, after measuring began.</param>
/// <param name="Latency">Of the operations that ended in it; null where none did. Of points that were drawn together: the highest of each figure.</param>
public sealed record LoadPoint(double Second, long Operations, long Failed, long Documents, LoadLatency? Latency)
{
    /// <summary>At most so many points, each of as many of the old: percentiles cannot be added, so the worst is shown.</summary>
    public static IReadOnlyList<LoadPoint> Fewer(IReadOnlyList<LoadPoint> points, int most)
    {
        var together = (points.Count + most - 1) / Math.Max(1, most);
        return together <= 1 ? points : [.. points.Chunk(together).Select(c => new LoadPoint(c[0].Second, c.Sum(p => p.Operations), c.Sum(p => p.Failed), c.Sum(p => p.Documents), Highest([.. c.Select(p => p.Latency).OfType<LoadLatency>()])))];
    }

    static LoadLatency? Highest(IReadOnlyList<LoadLatency> of) => of.Count == 0 ? null
        : new(of.Max(l => l.Min), of.Max(l => l.Mean), of.Max(l => l.Max), of.Max(l => l.Deviation), of.Max(l => l.P50), of.Max(l => l.P75), of.Max(l => l.P95), of.Max(l => l.P99), of.Max(l => l.P999));
}
