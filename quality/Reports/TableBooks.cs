namespace Quality.Reports;

/// <summary>The balanced books of a table in a run, in rows.</summary>
/// <param name="Before">Rows when the run began; null while it has not ended.</param>
public sealed record TableBooks(
    string Dataset, string Table, long Produced, long Inserted, long Updated, long Unchanged, long Merged, long Removed, long? Before, long? After)
{
    /// <summary>Rows produced and not accounted for: 0, or the books are wrong.</summary>
    public long Off => Produced - Inserted - Updated - Unchanged - Merged;

    /// <summary>Rows in the table that the run cannot explain: 0, or the books are wrong.</summary>
    public long Unexplained => After - (Before + Inserted - Removed) ?? 0;
}
