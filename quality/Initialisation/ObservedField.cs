using System.Text;
using Etl.Documents;

namespace Quality.Initialisation;

/// <summary>What was seen at one place of a collection's documents: at a field, or at the elements of an array.</summary>
/// <param name="around">The field that holds it; null: the documents themselves.</param>
/// <param name="isElement">It stands for the elements of an array.</param>
internal sealed class ObservedField(ObservedField? around, byte[] nameUtf8, bool isElement)
{
    /// <summary>Fields that are told apart in one object; what comes beyond is counted together. Nobody describes more by hand.</summary>
    public const int MostFields = 1_000;

    static readonly BsonType[] Types = [.. Enum.GetValues<BsonType>().Where(t => t != BsonType.EndOfDocument)];
    static readonly byte[] IndexOfType = Index();

    readonly long[] counts = new long[Types.Length];
    readonly Dictionary<byte[], ObservedField>.AlternateLookup<ReadOnlySpan<byte>> byName = new Dictionary<byte[], ObservedField>(Utf8Comparer.Instance).GetAlternateLookup<ReadOnlySpan<byte>>();
    readonly List<ObservedField> fields = [];

    public ObservedField? Around => around;

    public byte[] NameUtf8 => nameUtf8;

    public bool IsElement => isElement;

    public string Name { get; } = Encoding.UTF8.GetString(nameUtf8);

    public bool IsNamedInUtf8 { get; } = BsonReader.Utf8Valid(nameUtf8);

    /// <summary>Dotted from the document's root, as a contract writes it.</summary>
    public string Path => around is null ? "" : isElement ? around.Path + "[]" : around.Path.Length == 0 ? Name : $"{around.Path}.{Name}";

    /// <summary>Fields of the objects that stood here, in the order in which they were first seen.</summary>
    public IReadOnlyList<ObservedField> Fields => fields;

    /// <summary>What stood in the arrays that stood here; null: there were none, or they were empty.</summary>
    public ObservedField? Elements { get; private set; }

    /// <summary>Times that something stood here, null included.</summary>
    public long Count { get; private set; }

    /// <summary>Times that the same object had it more than once.</summary>
    public long Repeated { get; set; }

    /// <summary>The object, counted from the first, that had it last: for <see cref="Repeated"/>.</summary>
    public long LastObject { get; set; }

    /// <summary>Fields beyond those that are told apart, each time that one was met.</summary>
    public long Beyond { get; set; }

    /// <summary>Whether a null or an undefined stood here.</summary>
    public bool HasNulls => CountOf(BsonType.Null) + CountOf(BsonType.Undefined) > 0;

    /// <summary>Times that a value stood here.</summary>
    public long Values => Count - CountOf(BsonType.Null) - CountOf(BsonType.Undefined);

    public NumbersSeen Numbers { get; } = new();

    public TextsSeen Texts { get; } = new();

    public DatesSeen Dates { get; } = new();

    /// <summary>Binaries that are no UUID of subtype 4.</summary>
    public long OtherBinaries { get; set; }

    /// <summary>Set where the place may turn out to be the key of an array's elements.</summary>
    public UniqueValues? Unique { get; init; }

    /// <summary>Set by the reading of the sample: what texts look like.</summary>
    public TextSample? Sample { get; set; }

    public long CountOf(BsonType type) => counts[IndexOfType[(byte)type]];

    /// <summary>The types of the values that stood here, the most frequent first.</summary>
    public IReadOnlyList<BsonType> TypesSeen => [.. Types.Where(t => t is not (BsonType.Null or BsonType.Undefined) && CountOf(t) > 0).OrderByDescending(CountOf)];

    /// <returns>Whether it is the first of its type here.</returns>
    public bool Add(BsonType type)
    {
        Count++;
        return counts[IndexOfType[(byte)type]]++ == 0;
    }

    /// <summary>The field of that name; null: there are too many.</summary>
    /// <param name="likely">Where it stands if documents have their fields in the same order; set to where the next one does.</param>
    /// <param name="make">Gives null where there are too many in all.</param>
    public ObservedField? Field(ReadOnlySpan<byte> name, ref int likely, Func<ObservedField, byte[], ObservedField?> make)
    {
        if (likely < fields.Count && name.SequenceEqual(fields[likely].NameUtf8))
            return fields[likely++];
        if (!byName.TryGetValue(name, out var field))
        {
            if (fields.Count >= MostFields || make(this, name.ToArray()) is not { } made)
                return null;
            byName[name] = field = made;
            field.Position = fields.Count;
            fields.Add(field);
        }
        likely = field.Position + 1;
        return field;
    }

    int Position { get; set; }

    public ObservedField ElementsOr(Func<ObservedField, ObservedField> make) => Elements ??= make(this);

    /// <summary>The field that documents of the sample have there, if it was told apart.</summary>
    public ObservedField? Find(ReadOnlySpan<byte> name) => byName.TryGetValue(name, out var field) ? field : null;

    static byte[] Index()
    {
        byte[] index = new byte[256];
        for (int i = 0; i < Types.Length; i++)
            index[(byte)Types[i]] = (byte)i;
        return index;
    }

    public override string ToString() => Path;
}
