namespace Etl.Contracts;

/// <summary>How a timestamp is written that is no date of BSON: as a number since 1970, or as a text.</summary>
public sealed record TimeForm
{
    /// <summary>Units of a number in a second: 1, 1,000 or 1,000,000; 0: it is a text.</summary>
    public long UnitsPerSecond { get; init; }

    /// <summary>The forms that a text may have, tried in order; empty: it is a number.</summary>
    public IReadOnlyList<TimePattern> Patterns { get; init; } = [];

    /// <summary>Where texts without an offset were written.</summary>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>Completes "must be …".</summary>
    public string Demand => UnitsPerSecond > 0 ? "a time since 1970" : $"a date of the form {string.Join(" or ", Patterns)}";
}
