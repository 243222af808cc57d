using Etl;
using Etl.Documents;

namespace Quality.Initialisation;

/// <summary>How a collection's <c>_id</c> becomes the key of its table (docs/contracts.md, "Keys").</summary>
internal sealed class DocumentKey
{
    static readonly BsonType[] Whole = [BsonType.Int32, BsonType.Int64];

    readonly ObservedField id;
    readonly ValueType? single;

    public List<string> Doubts { get; } = [];

    /// <summary>MongoDB sorts such keys otherwise than PostgreSQL does, so that the documents can only be loaded as events.</summary>
    public bool AsEvents { get; }

    /// <exception cref="UnavailableException">No column can hold these keys.</exception>
    public DocumentKey(ObservedField root, string collection)
    {
        id = root.Find("_id"u8) ?? throw new UnavailableException($"The documents of '{collection}' have no _id: no rows can be told apart by it. A view of it that has one can be described.");
        const string events = "so it is read as events: what is removed from the collection keeps its row";
        switch (id.TypesSeen)
        {
            case [BsonType.Document] when id.Beyond == 0 && id.Fields.Count > 0 && id.Fields.All(IsPart):
                AsEvents = true;
                Doubts.Add($"the _id has {id.Fields.Count} parts, which MongoDB and PostgreSQL do not sort alike, {events}");
                break;
            case [BsonType.String, BsonType.ObjectId] or [BsonType.ObjectId, BsonType.String]:
                (AsEvents, single) = (true, ValueType.Of(id));
                Doubts.Add($"an _id is a text or an ObjectId, which MongoDB and PostgreSQL do not sort alike, {events}");
                break;
            case [BsonType.Binary] when id.OtherBinaries > 0:
                (AsEvents, single) = (true, ValueType.Of(id));
                Doubts.Add($"an _id is binary, which MongoDB and PostgreSQL do not sort alike, {events}");
                break;
            case [BsonType.ObjectId or BsonType.String or BsonType.Boolean or BsonType.DateTime or BsonType.Binary]:
                single = ValueType.Of(id);
                break;
            case [_, ..] types when id.Numbers.AllWhole && types.All(t => Whole.Contains(t) || t == BsonType.Double):
                single = new ValueType("integer", "long"); // ids grow
                break;
            default:
                single = MostFrequent(collection);
                break;
        }
    }

    /// <summary>Of a mixture, what most of the documents have: the others are quarantined, one by one, and counted.</summary>
    ValueType MostFrequent(string collection)
    {
        long whole = Whole.Sum(id.CountOf);
        var (type, count) = ((ValueType, long)[])
            [(new("string", "objectId"), id.CountOf(BsonType.ObjectId)), (new("string"), id.CountOf(BsonType.String)), (new("integer", "long"), whole), (new("timestamp", "date"), id.CountOf(BsonType.DateTime))]
            is var all ? all.MaxBy(x => x.Item2) : default;
        string shares = string.Join(", ", id.TypesSeen.Select(t => $"{t.Alias()} {TextSample.Percent((double)id.CountOf(t) / id.Values)}"));
        if (count == 0)
            throw new UnavailableException($"The _id of '{collection}' cannot be the key of a table ({shares}): a key is text, a whole number, a timestamp, a boolean, a uuid, or an object of such parts that all documents have.");
        Doubts.Add($"an _id is of several types ({shares}): those that are no {type.Physical switch { "objectId" => "ObjectId", "long" => "whole number", "date" => "date", _ => "text" }} will be quarantined (type)");
        return type;
    }

    bool IsPart(ObservedField part) => part.Values == id.Count && part.Repeated == 0 && part.Name.Length > 0 && part.IsNamedInUtf8
        && (part.TypesSeen is [BsonType.String or BsonType.ObjectId or BsonType.Boolean or BsonType.DateTime or BsonType.Binary] || part.TypesSeen.All(Whole.Contains));

    /// <summary>Marks the key among the fields.</summary>
    /// <exception cref="UnavailableException">The key's parts cannot be described.</exception>
    public void Mark(IReadOnlyList<DescribedField> fields, string collection)
    {
        var field = fields.FirstOrDefault(f => f.Seen == id);
        if (field is null || single is null && field.Children.Count == 0)
            throw new UnavailableException($"The _id of '{collection}' cannot be described: another field has a name like a path into it. Rename that field.");
        if (single is null)
        {
            foreach (var (position, part) in field.Children.Index())
                (part.KeyPosition, part.Required) = (position + 1, true);
            return;
        }
        field.Type = single;
        field.Kind = Etl.Contracts.FieldKind.Value;
        field.Children = [];
        field.Choices = [];
        (field.KeyPosition, field.Required, field.Format) = (1, true, null);
        field.Doubts.Clear();
    }
}
