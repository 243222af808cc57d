namespace Etl.Contracts;

/// <summary>A quality rule as the contract writes it, before tables and SQL are known.</summary>
/// <param name="Metric">The standard's name; <c>sql</c> for a query.</param>
/// <param name="Values">Valid or missing values, or the properties that together must not repeat.</param>
internal sealed record QualityRule(YamlView At, string Metric, string Name, string? Query, IReadOnlyList<string> Values, bool InPercent, Expectation Expected, bool Warns);
