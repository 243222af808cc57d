namespace Etl.Contracts;

/// <summary>How far a column of a table that somebody else fills may be from its source, and what it means.</summary>
public sealed record Closeness
{
    public static readonly Closeness Exact = new();

    /// <summary>What two numbers may differ by.</summary>
    public decimal Tolerance { get; init; }

    /// <summary>Two times that differ by less than this are equal; 0: they must be the same.</summary>
    public long Microseconds { get; init; }

    /// <summary>Where a column without a time zone was written; null: it has one.</summary>
    public string? ColumnZone { get; init; }

    /// <summary>Whether two unequal values may be taken for one.</summary>
    public bool IsLoose => Tolerance > 0 || Microseconds > 0;
}
