namespace Chaos.Corruption;

/// <summary>What became of the documents of one kind.</summary>
/// <param name="Outcomes">How many documents each rule named, by rule; <see cref="DetectionMatrix.NoRule"/>: named by none. A document with several rules counts in each.</param>
/// <param name="Missed">Documents that did not come out as the kind demands.</param>
public sealed record DetectionRow(CorruptionKind Kind, int Injected, IReadOnlyDictionary<string, int> Outcomes, int Detected, IReadOnlyList<CorruptedDocument> Missed);
