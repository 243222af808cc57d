using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;

namespace Etl.Validation;

/// <summary>One value (or its absence) of a described field in one document.</summary>
/// <param name="Path">With the indexes of array elements.</param>
/// <param name="Type"><see cref="Rule.Missing"/> when the key is not there.</param>
/// <param name="IsRepeated">The key stands twice in its object.</param>
public sealed record Occurrence(Field Field, string Path, BsonType Type, ReadOnlyMemory<byte> Value, bool IsRepeated)
{
    const int ShownCharacters = 120;
    const string Masked = "***";

    /// <summary>The same with its value cleaned, which is what the contract's demands are made on.</summary>
    public Occurrence Cleaned()
    {
        if (Field.Cleaning is not { } cleaning)
            return this;
        var (type, output) = (Type, new FieldBuffer(64));
        return new Cleaner(cleaning).Clean(ref type, Value.Span, output) ? this with { Type = type, Value = output.Written.ToArray() } : this;
    }

    /// <summary>The value as people may see it. Of documents only their size: what the contract does not describe in them may be personal too.</summary>
    public string Shown
    {
        get
        {
            if (Type == Rule.Missing)
                return "";
            if (Field.HoldsPersonal)
                return Masked;
            try
            {
                return Type is BsonType.Document or BsonType.Array && Field is not ({ ColumnType: ColumnType.Jsonb, Kind: FieldKind.Value } or { IsArray: true })
                    ? Size() : ShownText.Clip(ExtendedJson.ValueToString(Type, Value.Span), ShownCharacters);
            }
            catch (BsonException)
            {
                return "unreadable"; // malformed inside, where no rule looks
            }
        }
    }

    /// <summary>The text by which a value could be found in a message; null where it has none.</summary>
    internal string? Secret => Type switch
    {
        BsonType.String => System.Text.Encoding.UTF8.GetString(Value.Span[4..^1]),
        BsonType.ObjectId or BsonType.Int32 or BsonType.Int64 or BsonType.Double or BsonType.Decimal128 => ExtendedJson.ValueToString(Type, Value.Span).Trim('{', '}').Split(':')[^1].Trim('"'),
        _ => null,
    };

    string Size()
    {
        int count = 0;
        for (var inside = new BsonReader(Value.Span); inside.Read();)
            count++;
        return Type == BsonType.Array ? $"[{count} elements]" : $"{{{count} keys}}";
    }

    /// <summary>Every occurrence of a field below a described document, in the contract's order.</summary>
    /// <exception cref="BsonException">With the place in the whole document.</exception>
    public static IEnumerable<Occurrence> Of(IReadOnlyList<Field> fields, ReadOnlyMemory<byte> document) => Of(fields, document, "", 0);

    static IEnumerable<Occurrence> Of(IReadOnlyList<Field> fields, ReadOnlyMemory<byte> document, string prefix, int origin)
    {
        foreach (var field in fields)
        {
            if (field.IsContentHash)
                continue; // no element of the document
            string path = prefix.Length == 0 ? field.Name : $"{prefix}.{field.Name}";
            var found = FindAll(document, field.NameUtf8, fields, prefix, origin);
            if (found.Count == 0)
            {
                yield return new Occurrence(field, path, Rule.Missing, default, false);
                continue;
            }
            foreach (var (type, start, value) in found)
            {
                yield return new Occurrence(field, path, type, value, found.Count > 1);
                if (field.Kind == FieldKind.Object && type == BsonType.Document)
                    foreach (var inside in Of(field.Children, value, path, start))
                        yield return inside;
                if (field.Kind == FieldKind.Rows && type == BsonType.Array)
                {
                    int index = 0;
                    foreach (var (itemType, itemStart, item) in FindAll(value, null, [], path, start))
                    {
                        string place = $"{path}[{index++}]";
                        yield return new Occurrence(field.Items!, place, itemType, item, false);
                        if (itemType == BsonType.Document)
                            foreach (var inside in Of(field.Children, item, place, itemStart))
                                yield return inside;
                    }
                }
            }
        }
    }

    /// <summary>The values of one name, or of all, with where they stand in the whole document.</summary>
    static List<(BsonType Type, int Start, ReadOnlyMemory<byte> Value)> FindAll(ReadOnlyMemory<byte> document, byte[]? name, IReadOnlyList<Field> described, string path, int origin)
    {
        var found = new List<(BsonType, int, ReadOnlyMemory<byte>)>();
        try
        {
            for (var reader = new BsonReader(document.Span, origin); reader.Read();)
                if (name is null || reader.NameUtf8.SequenceEqual(name))
                    found.Add((reader.Type, origin + reader.ValueOffset, document.Slice(reader.ValueOffset, reader.Value.Length)));
            return found;
        }
        catch (BsonException e)
        {
            // Where bytes are out of step, a name may be a piece of a text: only what the contract itself says is shown.
            string last = e.Path.Length == 0 || described.Any(f => f.Name == e.Path) ? e.Path : Masked;
            throw new BsonException(e.Problem, e.Offset, path.Length == 0 || last.Length == 0 ? path + last : $"{path}.{last}");
        }
    }
}
