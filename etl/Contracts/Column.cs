namespace Etl.Contracts;

/// <summary>One column of a loaded table and where its value comes from.</summary>
public sealed class Column
{
    public required string Name { get; init; }
    public required ColumnType Type { get; init; }
    public bool IsArray { get; init; }

    /// <summary>The field it takes its value from; null: the ordinal of the element, counted from 0.</summary>
    public Field? Field { get; init; }

    /// <summary>How many arrays stand between the document's root and the field: 0 for fields of the document itself.</summary>
    public int Scope { get; init; }

    public bool IsKey { get; init; }
    public bool IsPersonal => Field?.IsPersonal ?? false;
    public bool IsOrdinal => Field is null;

    /// <summary>The type as PostgreSQL writes it. Text compares by bytes, as MongoDB's does.</summary>
    public string SqlType => Type.SqlName() + (IsArray ? "[]" : "") + (Type == ColumnType.Text ? " COLLATE \"C\"" : "");

    public override string ToString() => Name;
}
