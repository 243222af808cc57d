namespace Quality.Reports;

/// <param name="Kind"><c>missing</c>, <c>unexpected</c> or <c>changed</c>.</param>
public sealed record DifferenceSample(string Kind, string Key, bool Repaired, IReadOnlyList<CellPair> Cells);
