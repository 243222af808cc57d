namespace Etl.Contracts;

/// <summary>A quality rule that only the warehouse can answer: asked after a load and reported; the rows stay.</summary>
public sealed record WarehouseCheck
{
    public required Table Table { get; init; }

    /// <summary>Null: about the table as a whole.</summary>
    public Column? Column { get; init; }

    /// <summary><c>rowCount</c>, <c>duplicateValues</c>, <c>nullValues</c>, <c>missingValues</c>, <c>invalidValues</c>, <c>sql</c> or <c>freshness</c>.</summary>
    public required string Rule { get; init; }

    /// <summary>The contract's own name for it, or its description, or the rule's name.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// One SELECT that gives one numeric value, or NULL where there is nothing to measure. Parameter $1, if <see cref="TakesNow"/>, is the time.
    /// A query of the contract stands in it as written: run it in a read-only transaction with a statement_timeout.
    /// </summary>
    public required string Sql { get; init; }

    /// <summary>The statement has one parameter, the time now, as timestamptz.</summary>
    public bool TakesNow { get; init; }

    public required Expectation Expected { get; init; }

    /// <summary>What the number counts: <c>rows</c>, <c>percent</c> or <c>seconds</c>.</summary>
    public string Unit { get; init; } = "rows";

    /// <summary>Broken, it is worth a line, but does not spoil the verdict.</summary>
    public bool Warns { get; init; }

    /// <summary>Whether it holds; null where nothing was measured: unknown, never fine.</summary>
    public bool? Holds(decimal? measured) => measured is { } value ? Expected.Allows(value) : null;

    public override string ToString() => $"{Table.QualifiedName}{(Column is null ? "" : $".{Column}")}: {Name} must be {Expected} {Unit}";
}
