using Etl.Contracts;
using Etl.Documents;

namespace Quality.Initialisation;

/// <summary>One property of the contract that is being made, with what there is to say about it.</summary>
internal sealed class DescribedField(ObservedField seen)
{
    public ObservedField Seen => seen;

    public string Name => seen.Name;

    public FieldKind Kind { get; set; } = FieldKind.Value;

    /// <summary>What the value becomes; null for objects and arrays of them.</summary>
    public ValueType? Type { get; set; }

    /// <summary>An array of values: <see cref="Type"/> is its elements'.</summary>
    public bool IsArray { get; set; }

    /// <summary>Place in the key, from 1; 0: not part of it.</summary>
    public int KeyPosition { get; set; }

    public bool Required { get; set; }

    public bool IsPersonal { get; set; }

    public string? Format { get; set; }

    public IReadOnlyList<string> Choices { get; set; } = [];

    /// <summary>The column's name, where it is not the one that follows from the field's.</summary>
    public string? Column { get; set; }

    /// <summary>The table's name, where it is not the one that follows from the field's.</summary>
    public string? Table { get; set; }

    /// <summary>More customProperties, with their values in YAML.</summary>
    public List<(string Property, string Value)> More { get; } = [];

    public IReadOnlyList<DescribedField> Children { get; set; } = [];

    /// <summary>What the documents showed, and how many of them.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>What could not be decided from the documents, in a sentence of its own: it wants a look.</summary>
    public List<string> Doubts { get; } = [];

    public static DescribedField Jsonb(ObservedField seen, string doubt)
    {
        var field = new DescribedField(seen) { Type = ValueType.Jsonb };
        if (doubt.Length > 0)
            field.Doubts.Add(doubt);
        return field;
    }

    /// <summary>This field and all below it.</summary>
    public IEnumerable<DescribedField> All => Children.SelectMany(c => c.All).Prepend(this);

    public override string ToString() => seen.Path;
}

/// <summary>What a contract says of a value's type.</summary>
internal sealed record ValueType(string Logical, string Physical = "", string? Column = null, IReadOnlyList<BsonType>? Accepted = null)
{
    public static readonly ValueType Jsonb = new("object", Column: "jsonb");

    static readonly BsonType[] Numbers = [BsonType.Int32, BsonType.Int64, BsonType.Double, BsonType.Decimal128];

    public bool IsJsonb => Column is not null;

    /// <summary>The narrowest type that holds exactly what was seen, and what is likely to come; null: nothing but jsonb does.</summary>
    public static ValueType? Of(ObservedField seen) => seen.TypesSeen switch
    {
        [BsonType.String] => new("string"),
        [BsonType.ObjectId] => new("string", "objectId"),
        [BsonType.String, BsonType.ObjectId] or [BsonType.ObjectId, BsonType.String] => new("string", Accepted: [BsonType.String, BsonType.ObjectId]),
        [BsonType.Boolean] => new("boolean"),
        [BsonType.DateTime] => new("timestamp", "date"),
        [BsonType.Binary] => new("string", seen.OtherBinaries == 0 ? "uuid" : "binData"),
        [BsonType.Int32] => new("integer", "int"),
        [BsonType.Double] => new("number", "double"),
        [_, ..] types when types.All(t => t is BsonType.Int32 or BsonType.Int64) => new("integer", "long"),
        [_, ..] types when types.All(Numbers.Contains) => new("number"), // whole numbers, fractions and decimals, each exactly
        _ => null,
    };
}
