using Etl.Loading;

namespace Quality.Reconciliation;

/// <summary>What a reconciliation found.</summary>
/// <param name="Reason">The verdict in one sentence.</param>
/// <param name="Source">What was read, without secrets.</param>
public sealed record ReconcileResult(long Run, Verdict Verdict, string Reason, string Source, IReadOnlyList<TableResult> Tables)
{
    /// <summary>The share of rows that was compared, 0 to 1.</summary>
    public double Coverage => Tables.Count == 0 ? 0 : Tables.Min(t => t.Coverage);
}
