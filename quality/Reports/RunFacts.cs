using Quality.Ui;

namespace Quality.Reports;

/// <param name="Ended">Null: still running, or died.</param>
/// <param name="Verdict">Null: none was reached.</param>
/// <param name="Read">Documents read; 0 for a run that moved none.</param>
/// <param name="Changes">Rows inserted, updated and removed.</param>
/// <param name="Rows">In the tables of the run when it ended.</param>
/// <param name="Differences">Found by the run's last comparison; null when it compared nothing.</param>
/// <param name="Recall">Share of what was planted that was found; null when nothing was planted.</param>
public sealed record RunFacts(
    long Id,
    string Command,
    long? Seed,
    string? Contract,
    string? ContractHash,
    string? Source,
    string Host,
    DateTimeOffset Started,
    DateTimeOffset? Ended,
    Verdict? Verdict,
    string? Reason,
    long Read = 0,
    long Quarantined = 0,
    long Changes = 0,
    long? Rows = null,
    long? Differences = null,
    double? Recall = null)
{
    /// <summary>Requests to the source that were sent again.</summary>
    public long Retries { get; init; }

    /// <summary>Scans that lost their cursor and went on.</summary>
    public long Reopened { get; init; }

    /// <summary>Failures that were time-outs, among all that were overcome.</summary>
    public long TimedOut { get; init; }

    /// <summary>What a reader of the figures should know of the source.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    public TimeSpan? Duration => Ended - Started;
}
