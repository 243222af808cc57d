namespace Quality.Reports;

/// <param name="Failing">Rows that fail the rule.</param>
public sealed record CheckFacts(string Table, string Column, string Rule, long Failing, IReadOnlyList<CheckSample> Samples);
