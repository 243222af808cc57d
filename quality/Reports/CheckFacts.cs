namespace Quality.Reports;

/// <param name="Failing">Rows that fail the rule.</param>
public sealed record CheckFacts(string Table, string Column, string Rule, long Failing, IReadOnlyList<CheckSample> Samples)
{
    /// <summary>The contract's own name for the rule; empty: it has none.</summary>
    public string Name { get; init; } = "";

    /// <summary>Null: the failing rows say it all, or nothing could be measured.</summary>
    public decimal? Measured { get; init; }

    /// <summary>Completes "must be …"; of an unknown check it also says why.</summary>
    public string? Expected { get; init; }

    /// <summary>What <see cref="Measured"/> counts.</summary>
    public string? Unit { get; init; }

    /// <summary>Null: unknown.</summary>
    public bool? Holds { get; init; } = Failing == 0;

    /// <summary>Broken, it does not spoil the verdict.</summary>
    public bool Warns { get; init; }

    public string Title => Name.Length > 0 ? Name : Rule;

    public string Place => Column.Length == 0 ? Table : $"{Table}.{Column}";
}
