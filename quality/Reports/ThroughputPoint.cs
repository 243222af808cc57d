namespace Quality.Reports;

/// <summary>One batch, or several in a row when there are more than a chart can show.</summary>
/// <param name="Milliseconds">From the first byte encoded to the commit, summed.</param>
public sealed record ThroughputPoint(long Run, DateTimeOffset At, string Datasets, long Batches, long Documents, long Rows, long Milliseconds)
{
    public double DocumentsPerSecond => Documents * 1000.0 / Math.Max(1, Milliseconds);

    public double RowsPerSecond => Rows * 1000.0 / Math.Max(1, Milliseconds);
}
