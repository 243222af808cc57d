namespace Quality.Reports;

/// <summary>How fast a sync went, over the run's own time: a clock's time, so that batches which several workers commit at once add up.</summary>
/// <param name="From">When the first batch began.</param>
/// <param name="Seconds">From the first batch's begin to the last one's commit.</param>
/// <param name="StepSeconds">Width of each step of the series; the last may be narrower.</param>
public sealed record RunThroughput(long? Run, DateTimeOffset From, double Seconds, double StepSeconds, IReadOnlyList<DatasetThroughput> Datasets)
{
    public static readonly RunThroughput None = new(null, default, 0, 0, []);

    public int Steps => Datasets.Count == 0 ? 0 : Datasets[0].RowsPerSecond.Count;
    public long Documents => Datasets.Sum(d => d.Documents);
    public long Rows => Datasets.Sum(d => d.Rows);
}
