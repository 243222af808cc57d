using Etl.Contracts;
using Etl.Documents;
using Etl.Validation;

namespace Etl.Flattening;

/// <summary>Where a described element was found in the document at hand.</summary>
internal struct Slot
{
    /// <summary><see cref="Rule.Missing"/>: not found.</summary>
    public BsonType Type;

    /// <summary>Bytes from the start of the document.</summary>
    public int Start;

    public int Length;
}

/// <summary>A described element: its name, its slot, and what is inside.</summary>
internal sealed class ElementPlan(Field field, int slot, Gate gate)
{
    public readonly Field Field = field;
    public readonly byte[] Name = field.NameUtf8;
    public readonly int Slot = slot;
    public readonly Gate Gate = gate;

    /// <summary>Elements of a nested object.</summary>
    public ElementPlan[]? Inside;

    /// <summary>What an array's elements become.</summary>
    public ScopePlan? Rows;
}

/// <summary>One column of a row: where its value lies.</summary>
internal readonly record struct ColumnPlan(Column Column, ScopePlan Scope, int Slot);

internal sealed class TablePlan(int index, Table table, RowHasher hasher, ColumnPlan[] columns, int presence)
{
    public readonly int Index = index;
    public readonly Table Table = table;
    public readonly RowHasher Hasher = hasher;
    public readonly ColumnPlan[] Columns = columns;

    /// <summary>Slot of the object that gives the row; −1 where the document or array element itself does.</summary>
    public readonly int Presence = presence;
}

/// <summary>The plan of one document, or of one element of an array: everything that occurs in it at most once.</summary>
internal sealed class ScopePlan
{
    public readonly List<ElementPlan> All = [];
    public ElementPlan[] Top = [];
    public Slot[] Slots = [];
    public TablePlan[] Tables = [];

    /// <summary>Which element of its array is at hand.</summary>
    public int Ordinal;
}
