namespace Quality.Reports;

/// <summary>Makes a curve over time out of batches: what a batch did is spread evenly over the time that it took, and what falls into a step is summed.</summary>
static class ThroughputCurve
{
    /// <summary>Widths that people can read off an axis, in milliseconds.</summary>
    static readonly double[] Widths =
    [
        5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000,
        3_600_000, 7_200_000, 14_400_000, 43_200_000, 86_400_000,
    ];

    public static RunThroughput Of(long run, IReadOnlyList<CommittedBatch> batches, int mostSteps)
    {
        if (batches.Count == 0) return RunThroughput.None;
        var (from, to) = (batches.Min(b => b.Began), batches.Max(b => b.Committed));
        var span = (to - from).TotalMilliseconds;
        var width = Widths.FirstOrDefault(w => span / w <= mostSteps, span / mostSteps);
        var steps = Math.Max(1, (int)Math.Ceiling(span / width - 1e-9));
        return new(run, from, span / 1000, width / 1000,
            [.. batches.GroupBy(b => b.Dataset).Select(g => Curve(g.Key, [.. g], from, span, width, steps)).OrderBy(d => d.FirstStep).ThenBy(d => d.Dataset, StringComparer.Ordinal)]);
    }

    static DatasetThroughput Curve(string dataset, IReadOnlyList<CommittedBatch> batches, DateTimeOffset from, double span, double width, int steps)
    {
        var (documents, rows) = (new double[steps], new double[steps]);
        foreach (var batch in batches)
        {
            var (begin, end) = ((batch.Began - from).TotalMilliseconds, (batch.Committed - from).TotalMilliseconds);
            for (var i = Step(begin); i <= Step(end); i++)
            {
                var share = Math.Max(0, Math.Min(end, (i + 1) * width) - Math.Max(begin, i * width)) / (end - begin);
                documents[i] += share * batch.Documents;
                rows[i] += share * batch.Rows;
            }
        }
        var (first, last) = (batches.Min(b => b.Began), batches.Max(b => b.Committed));
        return new(dataset, batches.Count, batches.Sum(b => b.Documents), batches.Sum(b => b.Rows), (last - first).TotalSeconds, batches.Sum(b => b.Milliseconds) / 1000.0,
            Step((first - from).TotalMilliseconds), Step((last - from).TotalMilliseconds - 1e-6), PerSecond(documents), PerSecond(rows));

        int Step(double at) => Math.Clamp((int)(at / width), 0, steps - 1);

        // The last step ends where the run does: divided by its whole width, every run would seem to slow down at the end.
        double[] PerSecond(double[] sums) => [.. sums.Select((sum, i) => Math.Round(sum * 1000 / Math.Max(1e-6, Math.Min(width, span - i * width)), 3))];
    }
}
