using Etl.Loading;

namespace Etl.Marts;

/// <summary>What became of a pipeline's marts in a run: all of them are new, or none is.</summary>
/// <param name="Checks">Of their keys and their own questions; and, where one could not be made, why.</param>
/// <param name="Remarks">What else to know, a sentence each.</param>
public sealed record MartBuild(IReadOnlyList<MartResult> Marts, IReadOnlyList<CheckResult> Checks, IReadOnlyList<string> Remarks)
{
    /// <summary>By the marts alone.</summary>
    public Verdict Verdict => Checks.Any(c => c.Holds == false) ? Verdict.Mismatched : Checks.Any(c => c.Holds is null) ? Verdict.Unknown : Verdict.Reconciled;

    /// <summary>What is wrong, in sentences; null: nothing is.</summary>
    public string? Trouble => Checks.Where(c => c.Holds != true).Select(c => c.Sentence).ToArray() is { Length: > 0 } wrong ? string.Join(' ', wrong) : null;
}
