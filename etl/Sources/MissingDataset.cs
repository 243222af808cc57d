using Etl.Contracts;

namespace Etl.Sources;

/// <summary>A dataset that its source does not have.</summary>
/// <param name="Message">What is missing, where, and which near names exist.</param>
public sealed record MissingDataset(Dataset Dataset, string Message);
