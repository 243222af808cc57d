namespace Etl.Contracts;

/// <summary>A table that follows from the events of one table: the latest state of each entity, or all of its states. The contract declares it; SQL makes it.</summary>
public sealed class DerivedTable
{
    public required Table Table { get; init; }

    /// <summary>The table of the events.</summary>
    public required Table Events { get; init; }

    /// <summary>Columns of the events that say whose state an event is.</summary>
    public required IReadOnlyList<Column> Entity { get; init; }

    /// <summary>Columns of the events that order those of one entity: the contract's, then the event's key, so that no two are equal.</summary>
    public required IReadOnlyList<Column> Order { get; init; }

    /// <summary>Columns that are taken over, each from the events' to the table's own.</summary>
    public required IReadOnlyList<(Column From, Column To)> Copied { get; init; }

    /// <summary>When a state begins to hold; histories only.</summary>
    public Column? ValidFrom { get; init; }

    /// <summary>The column and the values that tell a deletion; histories only.</summary>
    public Column? DeletedBy { get; init; }

    public IReadOnlyList<string> DeletedWhen { get; init; } = [];

    public bool IsHistory => Table.Kind == TableKind.History;

    /// <summary>The columns of a history beside those that are taken over.</summary>
    public const string From = "valid_from", To = "valid_to", IsValid = "is_valid", IsDeleted = "is_deleted";

    /// <summary>The table's columns that say whose state a row is.</summary>
    public IReadOnlyList<Column> OwnEntity => field ??= [.. Entity.Select(e => Copied.First(c => c.From == e).To)];

    public override string ToString() => Table.ToString();
}
