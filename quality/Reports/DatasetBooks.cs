namespace Quality.Reports;

/// <summary>The balanced books of a dataset in a run, in documents (promise I1).</summary>
public sealed record DatasetBooks(
    string Dataset, long Read, long Loaded, long Unchanged, long Deleted, long Quarantined, long Duplicate, long Superseded, long Filtered)
{
    /// <summary>Documents read and not accounted for: 0, or the books are wrong.</summary>
    public long Off => Read - Loaded - Unchanged - Deleted - Quarantined - Duplicate - Superseded - Filtered;
}
