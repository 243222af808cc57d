namespace Etl.Contracts;

public enum TableKind
{
    /// <summary>One row a document.</summary>
    Root,

    /// <summary>A nested object with a table of its own: at most one row for each row around it.</summary>
    Nested,

    /// <summary>One row for each element of an array.</summary>
    Child,

    /// <summary>A dimension that many documents repeat, by its own key.</summary>
    Shared,

    /// <summary>The latest state of each entity, by its events.</summary>
    Latest,

    /// <summary>Every state of each entity, by its events, and when it held.</summary>
    History,
}

/// <summary>A table of the warehouse that a dataset's documents become.</summary>
public sealed class Table
{
    public required string Schema { get; init; }
    public required string Name { get; init; }
    public required TableKind Kind { get; init; }
    public required Dataset Dataset { get; init; }

    /// <summary>The document, object or array that gives the rows.</summary>
    public required Field Source { get; init; }

    /// <summary>How many arrays enclose the rows: 0 for the document and its nested objects.</summary>
    public required int Scope { get; init; }

    /// <summary>Key columns first, then the others; without Quality's own columns.</summary>
    public required IReadOnlyList<Column> Columns { get; init; }

    public IReadOnlyList<Column> Key => field ??= [.. Columns.Where(c => c.IsKey)];

    /// <summary>The columns that hold the document's key: what a change of one document touches. Empty for shared tables.</summary>
    public required IReadOnlyList<Column> DocumentKey { get; init; }

    /// <summary>Its rows follow from those of another table, not from documents.</summary>
    public bool IsDerived => Kind is TableKind.Latest or TableKind.History;

    public bool IsShared => Kind == TableKind.Shared;

    public string QualifiedName => $"{Schema}.{Name}";

    /// <summary>Schema and name, quoted for SQL.</summary>
    public string Sql => $"{Identifier.Quote(Schema)}.{Identifier.Quote(Name)}";

    /// <summary>Whether two documents can claim one row: only where the table has a key of its own. Where the document's key is part of it, no other document has it.</summary>
    public bool CanConflict => !IsShared && !DocumentKey.All(c => c.IsKey);

    /// <summary>Rows whose source is gone are kept, marked by <c>_deleted_at</c>. Dimensions have no deletes.</summary>
    public bool DeletesSoftly => Dataset.DeletesSoftly && !IsShared;

    /// <summary>A column that holds when each row was first inserted, where analysts want one of their own name.</summary>
    public string? InsertedAt => Kind == TableKind.Root ? Dataset.InsertedAt : null;

    /// <summary>What to read from for the rows that count: the table, without rows that are only kept.</summary>
    public string Live => DeletesSoftly ? $"(SELECT * FROM {Sql} WHERE {TableSql.DeletedAt} IS NULL) AS live" : Sql;

    public override string ToString() => QualifiedName;
}
