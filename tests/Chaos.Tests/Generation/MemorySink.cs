using Chaos.Generation;
using Etl.Documents;

namespace Chaos.Tests.Generation;

/// <summary>A database of the few things that generators do: inserts, $set, $push with $each, highest first.</summary>
sealed class MemorySink : IDocumentSink
{
    readonly Dictionary<string, SortedDictionary<string, byte[]>> collections = [];

    public List<(string Collection, byte[] Id, byte[] Before, byte[] After)> Updates { get; } = [];
    public int Inserts { get; private set; }

    public IReadOnlyCollection<byte[]> this[string collection] => Of(collection).Values;

    SortedDictionary<string, byte[]> Of(string collection) =>
        collections.TryGetValue(collection, out var found) ? found : collections[collection] = new(StringComparer.Ordinal);

    public Task InsertAsync(string collection, IReadOnlyList<byte[]> documents, CancellationToken cancellation = default)
    {
        foreach (var document in documents)
        {
            Bson.Validate(document);
            Of(collection).Add(Key(document), document); // throws where an _id is there already
            Inserts++;
        }
        return Task.CompletedTask;
    }

    public Task UpdateAsync(string collection, IReadOnlyList<DocumentUpdate> updates, CancellationToken cancellation = default)
    {
        foreach (var update in updates)
        {
            string key = Convert.ToHexString(update.Id);
            var before = Of(collection)[key];
            var after = Applied(before, update.Change);
            Bson.Validate(after);
            Of(collection)[key] = after;
            Updates.Add((collection, update.Id, before, after));
        }
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<byte[]>> HighestAsync(
        string collection, string field, BsonType type, ReadOnlyMemory<byte> below, int limit, IReadOnlyList<string> fields, CancellationToken cancellation = default)
    {
        var sortable = from document in Of(collection).Values
                       let value = Value(document, field)
                       where value.Type == type
                       let key = Sortable(type, value.Bytes)
                       where string.CompareOrdinal(key, Sortable(type, below.ToArray())) < 0
                       orderby key descending
                       select document;
        return Task.FromResult<IReadOnlyList<byte[]>>([.. sortable.Take(limit)]);
    }

    static string Sortable(BsonType type, byte[] value) =>
        Convert.ToHexString(type == BsonType.DateTime ? [.. value.Reverse()] : value); // dates here are after 1970

    static string Key(byte[] document) => Convert.ToHexString(Value(document, "_id").Bytes);

    static (BsonType Type, byte[] Bytes) Value(byte[] document, string field)
    {
        var reader = new BsonReader(document);
        while (reader.Read())
            if (reader.Name == field)
                return (reader.Type, reader.Value.ToArray());
        return (BsonType.EndOfDocument, []);
    }

    static byte[] Applied(byte[] document, byte[] change)
    {
        var operators = new BsonReader(change);
        while (operators.Read())
            for (var fields = operators.Nested(); fields.Read();)
                document = operators.Name switch
                {
                    "$set" => Replaced(document, fields.Name.Split('.'), fields.Type, fields.Value.ToArray()),
                    "$push" => Appended(document, fields.Name, Value(fields.Document.ToArray(), "$each").Bytes),
                    var other => throw new NotSupportedException(other),
                };
        return document;
    }

    static byte[] Replaced(byte[] document, ReadOnlySpan<string> path, BsonType type, byte[] value)
    {
        var writer = new BsonWriter();
        writer.BeginDocument();
        var reader = new BsonReader(document);
        while (reader.Read())
            if (reader.Name != path[0])
                writer.WriteElement(reader);
            else if (path.Length == 1)
                writer.WriteRaw(type, path[0], value);
            else
                writer.WriteDocument(path[0], Replaced(reader.Document.ToArray(), path[1..], type, value));
        return writer.End().ToArray();
    }

    static byte[] Appended(byte[] document, string field, byte[] elements)
    {
        var writer = new BsonWriter();
        writer.BeginDocument();
        var reader = new BsonReader(document);
        while (reader.Read())
        {
            if (reader.Name != field)
            {
                writer.WriteElement(reader);
                continue;
            }
            writer.BeginArray(field);
            for (var old = reader.Nested(); old.Read();)
                writer.WriteElement(old);
            for (var added = new BsonReader(elements); added.Read();)
                writer.WriteElement(added);
            writer.End();
        }
        return writer.End().ToArray();
    }
}
