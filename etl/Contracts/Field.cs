using System.Text;
using Etl.Documents;

namespace Etl.Contracts;

public enum FieldKind
{
    /// <summary>One value, or an array of values that becomes one column.</summary>
    Value,

    /// <summary>A nested document.</summary>
    Object,

    /// <summary>An array of documents: a child table.</summary>
    Rows,
}

/// <summary>One described element of a source document, with everything below it.</summary>
public sealed class Field
{
    public required string Name { get; init; }

    /// <summary>Dotted from the document's root, <c>[]</c> for the elements of an array: <c>subscriptions.invoices[].amount</c>.</summary>
    public required string Path { get; init; }

    public required FieldKind Kind { get; init; }

    public byte[] NameUtf8 => field ??= Encoding.UTF8.GetBytes(Name);

    public string Description { get; init; } = "";

    /// <summary>The name of the column, or null: described and checked, but not loaded.</summary>
    public string? Column { get; init; }

    public ColumnType ColumnType { get; init; }

    /// <summary>An array of values in a PostgreSQL array; <see cref="ColumnType"/> is its elements'.</summary>
    public bool IsArray { get; init; }

    /// <summary>The types that a value may have in the source; null is always one of them unless required.</summary>
    public IReadOnlySet<BsonType> Accepted { get; init; } = new HashSet<BsonType>();

    /// <summary>A <c>jsonb</c> with numbers as JSON has them; else in canonical Extended JSON, which keeps their types.</summary>
    public bool IsPlainJson { get; init; }

    /// <summary>How a <c>uuid</c> of subtype 3 is to be read.</summary>
    public LegacyUuid LegacyUuid { get; init; }

    /// <summary>The alias that the contract's physicalType gives: <c>int</c>, <c>objectId</c> …</summary>
    public string PhysicalType { get; init; } = "";

    /// <summary>Place in the key, from 1; 0: not part of it.</summary>
    public int KeyPosition { get; init; }

    /// <summary>Should be unique in the warehouse; reported when it is not, never refused.</summary>
    public bool Unique { get; init; }

    /// <summary>Repeated in the rows of child tables.</summary>
    public bool Inherit { get; init; }

    /// <summary>Personal: masked everywhere but in the warehouse.</summary>
    public bool IsPersonal { get; init; }

    public Constraints Constraints { get; init; } = Constraints.None;

    /// <summary>A document that breaks one of the field's constraints is loaded, and counted, instead of quarantined. Never so for types and keys.</summary>
    public bool Warns { get; init; }

    /// <summary>What is done to a value before anything is demanded of it; null: nothing.</summary>
    public Cleaning? Cleaning { get; init; }

    /// <summary>How far a column that somebody else fills may be from it.</summary>
    public Closeness Closeness { get; init; } = Closeness.Exact;

    /// <summary>How a timestamp is written, where it is no date of BSON.</summary>
    public TimeForm? Time { get; init; }

    /// <summary>Not in the document: its value is a hash of the document's content, which identifies an event that has no id.</summary>
    public bool IsContentHash { get; init; }

    /// <summary>The elements of an array: values, or documents. Null: not an array.</summary>
    public Field? Items { get; init; }

    /// <summary>Personal, or around something that is.</summary>
    public bool HoldsPersonal => IsPersonal || Items is { IsPersonal: true } || Children.Any(c => c.HoldsPersonal);

    /// <summary>The table that this object or array opens; null: the surrounding one. "none" is an empty text.</summary>
    public string? TableName { get; init; }

    /// <summary>A dimension that many parents repeat.</summary>
    public bool IsShared { get; init; }

    /// <summary>Fields of an object, or of an array's elements.</summary>
    public IReadOnlyList<Field> Children { get; init; } = [];

    public override string ToString() => Path;
}
