using Quality.Ui;

namespace Quality.Reports;

/// <param name="Level"><c>contents</c> or <c>counts</c>.</param>
/// <param name="Source">Rows that accepted documents give.</param>
/// <param name="Quarantined">Documents, on the dataset's root table only.</param>
/// <param name="Coverage">Share of the table that was compared, 0 to 1.</param>
/// <param name="Repaired">Differences that were mended afterwards.</param>
/// <param name="Samples">Some of the differences, or all of them.</param>
public sealed record TableReconciliation(
    long Id,
    string Dataset,
    string Table,
    string Level,
    long Source,
    long Warehouse,
    long Quarantined,
    long HeldBack,
    long Unreferenced,
    long Missing,
    long Unexpected,
    long Changed,
    long Matched,
    double Coverage,
    Verdict Verdict,
    string? Reason,
    int Milliseconds,
    long Repaired,
    IReadOnlyList<DifferenceSample> Samples)
{
    public long Differences => Missing + Unexpected + Changed;
}
