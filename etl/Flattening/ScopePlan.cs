using Etl.Contracts;
using Etl.Documents;
using Etl.Validation;

namespace Etl.Flattening;

/// <summary>Where a described element was found in the document at hand.</summary>
internal struct Slot
{
    /// <summary><see cref="Rule.Missing"/>: not found.</summary>
    public BsonType Type;

    /// <summary>Bytes from the start of the document, or of the cleaned values.</summary>
    public int Start;

    public int Length;

    public bool IsCleaned;
}

/// <summary>A described element: its name, its slot, and what is inside.</summary>
internal sealed class ElementPlan(Field field, int slot, Gate gate)
{
    public readonly Field Field = field;
    public readonly byte[] Name = field.NameUtf8;
    public readonly int Slot = slot;
    public readonly Gate Gate = gate;

    /// <summary>Null where values stay as they are.</summary>
    public readonly Cleaner? Cleaner = field.Cleaning is { } cleaning ? new Cleaner(cleaning) : null;

    /// <summary>Elements of a nested object.</summary>
    public ObjectPlan? Inside;

    /// <summary>What is demanded of each element of an array of documents, beyond being one.</summary>
    public Gate? Items;

    /// <summary>What an array's elements become.</summary>
    public ScopePlan? Rows;
}

/// <summary>The described elements of one object.</summary>
/// <param name="Id">Tells objects apart among those of a dataset.</param>
internal sealed record ObjectPlan(int Id, string Path, bool IsPersonal, ElementPlan[] Elements);

/// <summary>One column of a row: where its value lies.</summary>
internal readonly record struct ColumnPlan(Column Column, ScopePlan Scope, int Slot)
{
    /// <summary>The place of the row's array element, from 0.</summary>
    public const int Ordinal = -1;

    public const int ContentHash = -2;
}

internal sealed class TablePlan(int index, Table table, RowHasher hasher, ColumnPlan[] columns, int presence)
{
    public readonly int Index = index;
    public readonly Table Table = table;
    public readonly RowHasher Hasher = hasher;
    public readonly ColumnPlan[] Columns = columns;

    /// <summary>Slot of the object that gives the row; −1 where the document or array element itself does.</summary>
    public readonly int Presence = presence;

    /// <summary>Null where no key can be too long for its index.</summary>
    public readonly IndexLimit? IndexLimit = table.Key.Concat(table.DocumentKey).Any(CanBeLong) ? new IndexLimit(table) : null;

    static bool CanBeLong(Column column) => column.Type is ColumnType.Bytea or ColumnType.Numeric
        || column.Type == ColumnType.Text && column.Field!.Accepted.Any(t => t != BsonType.ObjectId);
}

/// <summary>The plan of one document, or of one element of an array: everything that occurs in it at most once.</summary>
internal sealed class ScopePlan
{
    public readonly List<ElementPlan> All = [];
    public ObjectPlan Top = null!;
    public Slot[] Slots = [];

    /// <summary>Those whose values are cleaned.</summary>
    public ElementPlan[] Cleaned = [];
    public TablePlan[] Tables = [];

    /// <summary>Values with a column that no row of this scope holds: a document without rows must still be judged by them.</summary>
    public ElementPlan[] Rowless = [];

    /// <summary>Which element of its array is at hand.</summary>
    public int Ordinal;
}
