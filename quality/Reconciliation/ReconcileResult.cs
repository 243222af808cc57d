using Etl.Loading;

namespace Quality.Reconciliation;

/// <summary>What a reconciliation found.</summary>
/// <param name="Reason">The verdict in one sentence.</param>
/// <param name="Source">What was read, without secrets.</param>
public sealed record ReconcileResult(long Run, Verdict Verdict, string Reason, string Source, IReadOnlyList<TableResult> Tables)
{
    /// <summary>The share of rows that was compared, 0 to 1.</summary>
    public double Coverage => Tables.Count == 0 ? 0 : Tables.Min(t => t.Coverage);

    /// <summary>Of a sample without a difference: with 99 % confidence a smaller share of its segments holds one. Null: all was read, or nothing can be said.</summary>
    public double? Bound { get; init; }

    /// <summary>What the contract asks of the warehouse besides.</summary>
    public IReadOnlyList<CheckResult> Checks { get; init; } = [];

    /// <summary>Of the segments that were drawn; null where nothing was left to chance.</summary>
    public long? Seed { get; init; }
}
