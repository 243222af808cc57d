using Etl.Documents;

namespace Quality.Initialisation;

/// <summary>Walks every document of a collection once, over its bytes, and notes at each place what stands there. Memory grows with the places, not with the documents.</summary>
internal sealed class DocumentObserver
{
    /// <summary>Values remembered to prove that keys of elements are unique; some 50 MB at most.</summary>
    const int RememberedValues = 2_000_000;

    /// <summary>Places that are told apart in all; some 50 MB at most.</summary>
    const int MostPlaces = 50_000;

    readonly UniqueValues.Room room = new(RememberedValues);
    long objects;
    int places;
    bool isNew;

    /// <summary>The documents themselves.</summary>
    public ObservedField Root { get; } = new(null, [], isElement: false);

    public long Documents => Root.Count;

    /// <summary>Documents that are no BSON: what could be read of them was noted.</summary>
    public long Unreadable { get; private set; }

    /// <returns>Whether a field or a type stood in it that none had before.</returns>
    public bool Observe(ReadOnlySpan<byte> document)
    {
        isNew = Root.Add(BsonType.Document);
        try
        {
            ObserveObject(new BsonReader(document), Root, 0);
        }
        catch (BsonException)
        {
            Unreadable++; // a sync quarantines it as malformed
        }
        return isNew;
    }

    /// <summary>Counts bytes that the source could not hand out as a document.</summary>
    public void AddUnreadable()
    {
        Root.Add(BsonType.Document);
        Unreadable++;
    }

    void ObserveObject(BsonReader reader, ObservedField place, int depth)
    {
        long self = ++objects;
        int likely = 0;
        while (reader.Read())
        {
            if (place.Field(reader.NameUtf8, ref likely, Make) is not { } field)
            {
                place.Beyond++;
                continue;
            }
            if (field.LastObject == self)
                field.Repeated++;
            field.LastObject = self;
            Observe(reader, field, depth);
        }
    }

    void Observe(in BsonReader value, ObservedField place, int depth)
    {
        isNew |= place.Add(value.Type);
        place.Unique?.Add(value);
        switch (value.Type)
        {
            case BsonType.Int32 or BsonType.Int64 or BsonType.Double or BsonType.Decimal128:
                place.Numbers.Add(value);
                break;
            case BsonType.String:
                place.Texts.Add(value.Utf8);
                break;
            case BsonType.DateTime:
                place.Dates.Add(value.DateTime);
                break;
            case BsonType.Binary:
                place.OtherBinaries += value.BinarySubtype == 4 && value.BinaryBytes.Length == 16 ? 0 : 1;
                break;
            case BsonType.Document when depth < Bson.MaxDepth:
                ObserveObject(value.Nested(), place, depth + 1);
                break;
            case BsonType.Array when depth < Bson.MaxDepth:
                for (var items = value.Nested(); items.Read();)
                    Observe(items, place.ElementsOr(static array => new ObservedField(array, [], isElement: true)), depth + 1);
                break;
        }
    }

    ObservedField? Make(ObservedField around, byte[] name) => ++places > MostPlaces ? null
        : new(around, name, isElement: false) { Unique = around.IsElement && ElementKeys.MayBe(name, around) ? new UniqueValues(room) : null };
}
