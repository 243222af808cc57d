using Etl.Contracts;
using Etl.Sources;

namespace Quality.Reconciliation;

public enum Level
{
    /// <summary>Every column of every row, as it stands.</summary>
    Contents,

    /// <summary>Numbers of rows alone: can find a mismatch, but never says better than unknown.</summary>
    Counts,
}

/// <summary>How a reconciliation is done.</summary>
public sealed record ReconcileOptions
{
    /// <summary>The datasets to compare; null: all of the contract.</summary>
    public IReadOnlyList<Dataset>? Datasets { get; init; }

    /// <summary>Only documents of these days; null: all.</summary>
    public DayRange? Days { get; init; }

    public Level Level { get; init; } = Level.Contents;

    public long? Seed { get; init; }
}
