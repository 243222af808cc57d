namespace Etl.Sources;

/// <summary>UTC days, both included.</summary>
public sealed record DayRange(DateOnly From, DateOnly To)
{
    public DateTimeOffset Start => new(From, TimeOnly.MinValue, TimeSpan.Zero);

    /// <summary>The first moment behind it.</summary>
    public DateTimeOffset End => new DateTimeOffset(To, TimeOnly.MinValue, TimeSpan.Zero).AddDays(1);

    public override string ToString() => From == To ? $"{From:yyyy-MM-dd}" : $"{From:yyyy-MM-dd} to {To:yyyy-MM-dd}";
}
