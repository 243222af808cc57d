namespace Quality.Reports;

/// <summary>What was broken on purpose, and what was found of it.</summary>
/// <param name="Hypothesis">What should come of it. The outcome whose name it contains is the right one.</param>
/// <param name="Outcomes">What the injected faults were called, and how many of each.</param>
public sealed record ExperimentFacts(
    long Run, string Kind, string Name, string Hypothesis, long Injected, long Detected, long Missed, long FalseAlarms,
    IReadOnlyDictionary<string, long> Outcomes, long? Seed)
{
    public double? Recall => Injected == 0 ? null : (double)Detected / Injected;

    /// <summary>Whether an outcome is what the hypothesis foretold; null when the hypothesis names none of them.</summary>
    public bool? Foretold(string outcome) => Outcomes.Keys.Any(Named) ? Named(outcome) : null;

    bool Named(string outcome) => Hypothesis.Split([' ', ',', ';', '.', ':', '\'', '"', '(', ')'], StringSplitOptions.RemoveEmptyEntries)
        .Contains(outcome, StringComparer.OrdinalIgnoreCase);
}
