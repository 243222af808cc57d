namespace Quality.Reconciliation;

/// <summary>How much of both sides is read: segments at random until one of these is spent. One of each dataset is read in any case.</summary>
/// <param name="Rows">Of the source.</param>
public sealed record Budget(TimeSpan? Time, long? Rows)
{
    public bool IsSpent(TimeSpan took, long rows) => took >= Time || rows >= Rows;
}
