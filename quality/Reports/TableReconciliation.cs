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
    /// <summary>Documents read, where several may speak of one key; on the dataset's root table only.</summary>
    public long? Documents { get; init; }

    /// <summary>Documents, among them, that say what a counted one says of its key; and those of a lower version.</summary>
    public long Duplicate { get; init; }

    /// <inheritdoc cref="Duplicate"/>
    public long Superseded { get; init; }

    /// <summary>Documents that the contract refuses and no quarantine holds.</summary>
    public long Unseen => Documents is { } documents && Level == "contents" ? documents - Source - Quarantined - Duplicate - Superseded : 0;

    /// <summary>Rows that still changed on either side when looking again ended.</summary>
    public long InFlight { get; init; }

    /// <summary>How long the oldest of them had been seen to differ.</summary>
    public double OldestInFlightSeconds { get; init; }

    /// <summary>Differences that were reported as found, without a second look.</summary>
    public long NotLookedAtAgain { get; init; }

    /// <summary>Of a sample: with 99 % confidence a smaller share of its segments holds a difference; null: no sample, or nothing can be said.</summary>
    public double? Bound { get; init; }

    /// <summary>The same by day, where the source is asked day by day.</summary>
    public IReadOnlyList<SourceDay> Days { get; init; } = [];

    public long Differences => Missing + Unexpected + Changed;
}
