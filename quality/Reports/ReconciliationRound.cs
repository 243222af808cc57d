using Quality.Ui;

namespace Quality.Reports;

/// <summary>Both sides of every table compared once. A run that mends has several rounds.</summary>
/// <param name="Started">When the round's run began.</param>
public sealed record ReconciliationRound(
    long Run, string Command, DateTimeOffset Started, Verdict Verdict, string? Reason, IReadOnlyList<TableReconciliation> Tables)
{
    public long Missing => Tables.Sum(t => t.Missing);
    public long Unexpected => Tables.Sum(t => t.Unexpected);
    public long Changed => Tables.Sum(t => t.Changed);
    public long Matched => Tables.Sum(t => t.Matched);
    public long InFlight => Tables.Sum(t => t.InFlight);
    public long Differences => Tables.Sum(t => t.Differences);
    public long Repaired => Tables.Sum(t => t.Repaired);
}
