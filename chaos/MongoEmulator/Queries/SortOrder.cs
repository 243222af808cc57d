using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Queries;

/// <summary>A sort specification. An array counts by its least element upward, by its greatest downward; nothing counts as null.</summary>
sealed class SortOrder
{
    readonly List<(FieldPath Path, int Direction)> keys = [];

    /// <summary>Set when this is <c>{$natural: ±1}</c>.</summary>
    public int? Natural { get; private init; }

    /// <summary>+1 or −1 when this is the order of _id, which the index has.</summary>
    public int? ById => keys is [var only] && only.Path.Text == "_id" ? only.Direction : null;

    public bool IsNone => keys.Count == 0 && Natural == null;

    /// <exception cref="CommandException">BadValue: a direction other than 1 and −1.</exception>
    public static SortOrder Parse(ReadOnlySpan<byte> specification)
    {
        var order = new SortOrder();
        var reader = new BsonReader(specification);
        while (reader.Read())
        {
            if (reader.Type == BsonType.Document)
                throw new CommandException(ErrorCode.BadValue, $"this emulator does not sort by expressions such as $meta, asked for '{reader.Name}'");
            if (BsonValue.CopyOf(reader).WholeNumber is not (1 or -1))
                throw new CommandException(ErrorCode.BadValue, $"$sort key ordering must be 1 (for ascending) or -1 (for descending), which {ShellText.Of(reader.Type, reader.Value)} for '{reader.Name}' is not");
            int sign = (int)BsonValue.CopyOf(reader).WholeNumber!.Value;
            if (reader.Name == "$natural")
                order = new SortOrder { Natural = sign };
            else if (reader.NameUtf8.Length == 0 || reader.NameUtf8[0] == '$')
                throw new CommandException(ErrorCode.BadValue, $"FieldPath '{reader.Name}' cannot be sorted by.");
            else
                order.keys.Add((new FieldPath(reader.Name), sign));
        }
        return order.Natural != null && order.keys.Count > 0
            ? throw new CommandException(ErrorCode.BadValue, "$natural sort cannot be set to a value other than -1 or 1, or be combined with other keys.")
            : order;
    }

    /// <summary>The order of an index.</summary>
    public static SortOrder Of(ReadOnlySpan<byte> indexKey)
    {
        var order = new SortOrder();
        var reader = new BsonReader(indexKey);
        while (reader.Read())
            order.keys.Add((new FieldPath(reader.Name), Arithmetic.ToDouble(reader.Type, reader.Value) < 0 ? -1 : 1));
        return order;
    }

    /// <summary>Sorts; documents that are equal stay in their order.</summary>
    public List<byte[]> Sort(IEnumerable<byte[]> documents)
    {
        var rows = documents.Select((d, i) => (Document: d, Keys: Keys(d), Ordinal: i)).ToArray();
        Array.Sort(rows, (a, b) =>
        {
            for (int i = 0; i < keys.Count; i++)
                if (BsonOrder.Compare(a.Keys[i], b.Keys[i]) is var order and not 0)
                    return order * keys[i].Direction;
            return a.Ordinal.CompareTo(b.Ordinal);
        });
        return [.. rows.Select(r => r.Document)];
    }

    BsonValue[] Keys(byte[] document)
    {
        var values = new BsonValue[keys.Count];
        List<BsonValue> found = [];
        for (int i = 0; i < keys.Count; i++)
        {
            found.Clear();
            keys[i].Path.Collect(document, found);
            var best = found.Count > 0 ? found[0] : IsEmptyArray(keys[i].Path, document) ? new BsonValue(BsonType.Undefined, default) : BsonValue.Null;
            foreach (var value in found)
                if (BsonOrder.Compare(value, best) * keys[i].Direction < 0)
                    best = value;
            values[i] = best;
        }
        return values;
    }

    /// <summary>An empty array sorts below null, as undefined does.</summary>
    static bool IsEmptyArray(FieldPath path, byte[] document) =>
        path.Evaluate(document) is { Type: BsonType.Array, Bytes.Length: BsonReader.SmallestDocument };
}
