namespace Quality.Reports;

/// <param name="Milliseconds">From the first byte encoded to the commit.</param>
sealed record CommittedBatch(string Dataset, long Documents, long Rows, long Milliseconds, DateTimeOffset Committed)
{
    /// <summary>A batch too fast for the clock took a moment all the same.</summary>
    public DateTimeOffset Began => Committed.AddMilliseconds(-Math.Max(1, Milliseconds));
}
