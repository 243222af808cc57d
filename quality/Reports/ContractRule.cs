namespace Quality.Reports;

/// <summary>One demand of a contract on one place in a dataset's documents.</summary>
/// <param name="Path">Dotted, <c>[]</c> for the elements of an array.</param>
/// <param name="Demand">Completes "must …".</param>
public sealed record ContractRule(string Dataset, string Path, string Rule, string Demand);
