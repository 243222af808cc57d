using Etl.Loading;
using Etl.Marts;

namespace Quality.Reconciliation;

/// <summary>What a repair did.</summary>
/// <param name="Run">The run that mended; null when there was nothing to mend.</param>
/// <param name="Before">What was found first.</param>
/// <param name="After">What was found when everything was looked at again.</param>
/// <param name="Rewritten">Documents read anew from the source.</param>
/// <param name="Removed">Rows removed that the source does not know.</param>
/// <param name="LeftUnexpected">Rows that only the warehouse has and that were left, because --delete-unexpected was not given.</param>
public sealed record RepairResult(long? Run, ReconcileResult Before, ReconcileResult After, long Rewritten, long Removed, long LeftUnexpected)
{
    /// <summary>What was made of the mended tables; null where nothing was mended.</summary>
    public MartBuild? Marts { get; init; }

    /// <summary>What was done for which rows, by table; of a dry run, what would be.</summary>
    public IReadOnlyList<RepairStep> Plan { get; init; } = [];

    /// <summary>Nothing was written.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>By what was found at the end, and by the marts.</summary>
    public Verdict Verdict => ((Verdict[])[After.Verdict, Marts?.Verdict ?? Verdict.Reconciled]).Worst();
}
