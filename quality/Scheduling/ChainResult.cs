using Etl.Loading;

namespace Quality.Scheduling;

/// <summary>How a chain went.</summary>
/// <param name="Due">The time that it answered; null: it was asked for by hand.</param>
/// <param name="Steps">All that were come to, and those that were left out after one failed.</param>
internal sealed record ChainResult(long Id, string Pipeline, DateTimeOffset? Due, DateTimeOffset Started, IReadOnlyList<StepResult> Steps)
{
    /// <summary>Interrupted, or without its lock: what it did stays, and nothing was judged.</summary>
    public bool Stopped { get; init; }

    /// <summary>The report's page, where it was written.</summary>
    public string? Page { get; init; }

    /// <summary>An error of a step that is none of a server's or a contract's: a fault of ours.</summary>
    public Exception? Fault { get; init; }

    /// <summary>What made a step end early, of whatever kind; the first.</summary>
    public Exception? Failure { get; init; }

    /// <summary>Of the worst step.</summary>
    public Verdict Verdict => Stopped ? Verdict.Unknown : Steps.Where(s => s.Verdict is not null).Select(s => s.Verdict!.Value).Worst();

    public string Reason => Stopped ? Steps[^1].Reason
        : Steps.FirstOrDefault(s => s.Verdict == Verdict && Verdict != Verdict.Reconciled) is { } worst ? $"{worst.Step}: {worst.Reason}"
        : Steps.LastOrDefault(s => s.Step == Scheduling.Steps.Reconcile)?.Reason ?? "Nothing was run.";
}
