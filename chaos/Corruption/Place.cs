using Etl.Contracts;
using Etl.Documents;
using Etl.Validation;

namespace Chaos.Corruption;

/// <summary>Where a described field stands, or could stand, in one document.</summary>
/// <param name="Type"><see cref="Rule.Missing"/> where the key is not there but its object is.</param>
/// <param name="Value">The value's bytes.</param>
/// <param name="IsElement">An element of the field's array, not the field itself.</param>
sealed record Place(DescribedField Described, IReadOnlyList<PathStep> Path, BsonType Type, ReadOnlyMemory<byte> Value, bool IsElement = false)
{
    public Field Field => Described.Field;

    /// <summary>Where quarantine will say it is: an array of values is judged as a whole, an array of documents by its elements.</summary>
    public string Reported => PathStep.Join(IsElement && Field.Kind == FieldKind.Value ? Path.SkipLast(1) : Path);

    public bool IsNothing => Type is Rule.Missing or BsonType.Null or BsonType.Undefined;

    public static IEnumerable<Place> In(IReadOnlyList<DescribedField> fields, ReadOnlyMemory<byte> document, IReadOnlyList<PathStep>? around = null)
    {
        foreach (var described in fields)
        {
            var field = described.Field;
            PathStep[] path = [.. around ?? [], new PathStep(field.Name)];
            var (type, value) = Find(document, field.NameUtf8);
            yield return new Place(described, path, type, value);
            if (field.Kind == FieldKind.Object && type == BsonType.Document)
                foreach (var inside in In(described.Children, value, path))
                    yield return inside;
            if (type != BsonType.Array || field.Kind == FieldKind.Value && !field.IsArray)
                continue;
            foreach (var (index, itemType, item) in Items(value))
            {
                PathStep[] itemPath = [.. path, new PathStep(null, index)];
                yield return new Place(described, itemPath, itemType, item, IsElement: true);
                if (field.Kind == FieldKind.Rows && itemType == BsonType.Document)
                    foreach (var inside in In(described.Children, item, itemPath))
                        yield return inside;
            }
        }
    }

    static (BsonType Type, ReadOnlyMemory<byte> Value) Find(ReadOnlyMemory<byte> document, byte[] name)
    {
        var reader = new BsonReader(document.Span);
        return Bson.Find(ref reader, name) ? (reader.Type, document.Slice(reader.ValueOffset, reader.Value.Length)) : (Rule.Missing, default);
    }

    static List<(int Index, BsonType Type, ReadOnlyMemory<byte> Value)> Items(ReadOnlyMemory<byte> array)
    {
        var items = new List<(int, BsonType, ReadOnlyMemory<byte>)>();
        for (var reader = new BsonReader(array.Span); reader.Read();)
            items.Add((items.Count, reader.Type, array.Slice(reader.ValueOffset, reader.Value.Length)));
        return items;
    }
}
