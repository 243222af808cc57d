using Etl.Documents;

namespace Quality.Initialisation;

/// <summary>Walks the documents that were kept once more, for what is too dear to be looked at in every document.</summary>
internal static class SampleReader
{
    public static void Read(DocumentSample sample, ObservedField root)
    {
        foreach (byte[] document in sample.Rare.Concat(sample.Drawn))
            try
            {
                ReadObject(new BsonReader(document), root);
            }
            catch (BsonException)
            {
                // Counted when it was observed.
            }
    }

    static void ReadObject(BsonReader reader, ObservedField place)
    {
        while (reader.Read())
            if (place.Find(reader.NameUtf8) is { } field)
                Read(reader, field);
    }

    static void Read(in BsonReader value, ObservedField place)
    {
        switch (value.Type)
        {
            case BsonType.String when BsonReader.Utf8Valid(value.Utf8):
                (place.Sample ??= new TextSample()).Add(value.String);
                break;
            case BsonType.Document when place.Fields.Count > 0:
                ReadObject(value.Nested(), place);
                break;
            case BsonType.Array when place.Elements is { } elements:
                for (var items = value.Nested(); items.Read();)
                    Read(items, elements);
                break;
        }
    }
}
