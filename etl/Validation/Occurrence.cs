using Etl.Contracts;
using Etl.Documents;

namespace Etl.Validation;

/// <summary>One value (or its absence) of a described field in one document.</summary>
/// <param name="Path">With the indexes of array elements.</param>
/// <param name="Type"><see cref="Rule.Missing"/> when the key is not there.</param>
/// <param name="IsRepeated">The key stands twice in its object.</param>
public sealed record Occurrence(Field Field, string Path, BsonType Type, ReadOnlyMemory<byte> Value, bool IsRepeated)
{
    const int ShownCharacters = 120;

    /// <summary>The value as people may see it.</summary>
    public string Shown
    {
        get
        {
            if (Type == Rule.Missing)
                return "";
            if (Field.IsPersonal)
                return "***";
            try
            {
                return ShownText.Clip(ExtendedJson.ValueToString(Type, Value.Span), ShownCharacters);
            }
            catch (BsonException)
            {
                return "unreadable"; // malformed inside, where no rule looks
            }
        }
    }

    /// <summary>Every occurrence of a field below a described document, in the document's order.</summary>
    public static IEnumerable<Occurrence> Of(IReadOnlyList<Field> fields, ReadOnlyMemory<byte> document, string prefix = "")
    {
        foreach (var field in fields)
        {
            string path = prefix.Length == 0 ? field.Name : $"{prefix}.{field.Name}";
            var found = FindAll(document, field.NameUtf8);
            if (found.Count == 0)
            {
                yield return new Occurrence(field, path, Rule.Missing, default, false);
                continue;
            }
            foreach (var (type, value) in found)
            {
                yield return new Occurrence(field, path, type, value, found.Count > 1);
                if (field.Kind == FieldKind.Object && type == BsonType.Document)
                    foreach (var inside in Of(field.Children, value, path))
                        yield return inside;
                if (field.Kind == FieldKind.Rows && type == BsonType.Array)
                    foreach (var (index, itemType, item) in Items(value))
                        if (itemType == BsonType.Document)
                            foreach (var inside in Of(field.Children, item, $"{path}[{index}]"))
                                yield return inside;
                        else
                            yield return new Occurrence(ElementOf(field), $"{path}[{index}]", itemType, item, false);
            }
        }
    }

    /// <summary>An element of an array of documents must be a document: described here, so that the type rule can say so.</summary>
    static Field ElementOf(Field array) => new()
    {
        Name = array.Name,
        Path = array.Path + "[]",
        Kind = FieldKind.Object,
        IsPersonal = array.IsPersonal,
        Constraints = new Constraints { Required = true },
    };

    static List<(BsonType Type, ReadOnlyMemory<byte> Value)> FindAll(ReadOnlyMemory<byte> document, byte[] name)
    {
        var found = new List<(BsonType, ReadOnlyMemory<byte>)>();
        var reader = new BsonReader(document.Span);
        while (Bson.Find(ref reader, name))
            found.Add((reader.Type, document.Slice(reader.ValueOffset, reader.Value.Length)));
        return found;
    }

    static List<(int Index, BsonType Type, ReadOnlyMemory<byte> Value)> Items(ReadOnlyMemory<byte> array)
    {
        var items = new List<(int, BsonType, ReadOnlyMemory<byte>)>();
        var reader = new BsonReader(array.Span);
        while (reader.Read())
            items.Add((items.Count, reader.Type, array.Slice(reader.ValueOffset, reader.Value.Length)));
        return items;
    }
}
