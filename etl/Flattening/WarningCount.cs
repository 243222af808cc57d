namespace Etl.Flattening;

/// <summary>How many times a rule whose violation is only a warning was broken in documents that were loaded.</summary>
/// <param name="Path">As in the contract, <c>[]</c> for the elements of an array.</param>
public sealed record WarningCount(string Rule, string Path, long Count);
