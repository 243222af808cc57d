using Etl.Documents;
using Etl.Sources.Mongo;

namespace Chaos.Generation;

/// <summary>Writes to a MongoDB by insert and update commands of at most 1,000 documents or 8 MB.</summary>
public sealed class MongoDocumentSink(MongoConnection connection, string database) : IDocumentSink
{
    const int MaxItems = 1_000, MaxBytes = 8 * 1024 * 1024;
    const uint ServerDomain = 17, WriteConcernFailed = 64;

    public async Task InsertAsync(string collection, IReadOnlyList<byte[]> documents, CancellationToken cancellation = default)
    {
        foreach (var command in InsertCommands(collection, documents))
            await WriteAsync(command, $"insert into {database}.{collection}", cancellation);
    }

    public async Task UpdateAsync(string collection, IReadOnlyList<DocumentUpdate> updates, CancellationToken cancellation = default)
    {
        foreach (var command in UpdateCommands(collection, updates))
            await WriteAsync(command, $"update of {database}.{collection}", cancellation);
    }

    public async Task<IReadOnlyList<byte[]>> HighestAsync(
        string collection, string field, BsonType type, ReadOnlyMemory<byte> below, int limit, IReadOnlyList<string> fields, CancellationToken cancellation = default)
    {
        // One batch and no getMore: the pool may hand out another client, and with it another session, to the next command.
        var command = Bson.Make(find =>
        {
            find.Write("find", collection);
            find.BeginDocument("filter").BeginDocument(field).WriteRaw(type, "$lt", below.Span).End().End();
            find.BeginDocument("projection");
            foreach (string wanted in fields)
                find.Write(wanted, 1);
            find.End();
            find.BeginDocument("sort").Write(field, -1).End();
            find.Write("limit", limit).Write("batchSize", limit).Write("singleBatch", true);
        });
        return FirstBatch(await connection.CommandAsync(database, command, cancellation));
    }

    internal static IEnumerable<byte[]> InsertCommands(string collection, IReadOnlyList<byte[]> documents) =>
        Commands("insert", "documents", collection, documents.Count, at => documents[at].Length,
            (writer, at) => writer.WriteDocument("", documents[at]));

    internal static IEnumerable<byte[]> UpdateCommands(string collection, IReadOnlyList<DocumentUpdate> updates) =>
        Commands("update", "updates", collection, updates.Count, at => updates[at].Change.Length,
            (writer, at) => writer.BeginDocument()
                .BeginDocument("q").WriteObjectId("_id", updates[at].Id).End()
                .WriteDocument("u", updates[at].Change)
                .End());

    static IEnumerable<byte[]> Commands(string verb, string items, string collection, int count, Func<int, int> size, Action<BsonWriter, int> write)
    {
        for (int next = 0; next < count;)
        {
            int from = next, to = next;
            long bytes = 0;
            while (to < count && to - from < MaxItems && (to == from || bytes + size(to) <= MaxBytes))
                bytes += size(to++);
            next = to;
            yield return Bson.Make(command =>
            {
                command.Write(verb, collection).Write("ordered", true).BeginArray(items);
                for (int at = from; at < to; at++)
                    write(command, at);
                command.End();
            });
        }
    }

    async Task WriteAsync(byte[] command, string what, CancellationToken cancellation) =>
        ThrowOnErrors(await connection.CommandAsync(database, command, cancellation), what);

    /// <summary>A write command can answer ok: 1 and still have failed: then the errors are in its reply.</summary>
    /// <exception cref="MongoException">The reply carries write errors or a write concern error.</exception>
    internal static void ThrowOnErrors(ReadOnlySpan<byte> reply, string what)
    {
        var reader = new BsonReader(reply);
        while (reader.Read())
        {
            if (reader.Type == BsonType.Array && reader.NameUtf8.SequenceEqual("writeErrors"u8))
            {
                int failures = 0;
                (uint Code, string Message) first = default;
                for (var errors = reader.Nested(); errors.Read(); failures++)
                    if (failures == 0 && errors.Type == BsonType.Document)
                        first = CodeAndMessage(errors.Nested());
                if (failures > 0)
                    throw new MongoException(ServerDomain, first.Code, $"The {what} failed for {failures} document(s); the first: {first.Message} (code {first.Code})", []);
            }
            else if (reader.Type == BsonType.Document && reader.NameUtf8.SequenceEqual("writeConcernError"u8))
            {
                var (code, message) = CodeAndMessage(reader.Nested());
                throw new MongoException(ServerDomain, code == 0 ? WriteConcernFailed : code, $"The {what} was not confirmed: {message} (code {code})", []);
            }
        }
    }

    static (uint Code, string Message) CodeAndMessage(BsonReader error)
    {
        uint code = 0;
        string message = "no message";
        while (error.Read())
        {
            if (error.Type == BsonType.Int32 && error.NameUtf8.SequenceEqual("code"u8))
                code = (uint)error.Int32;
            else if (error.Type == BsonType.String && error.NameUtf8.SequenceEqual("errmsg"u8))
                message = error.String;
        }
        return (code, message);
    }

    static List<byte[]> FirstBatch(ReadOnlySpan<byte> reply)
    {
        var documents = new List<byte[]>();
        var reader = new BsonReader(reply);
        if (!Bson.Find(ref reader, "cursor"u8))
            return documents;
        var cursor = reader.Nested();
        if (Bson.Find(ref cursor, "firstBatch"u8))
            for (var batch = cursor.Nested(); batch.Read();)
                documents.Add(batch.Document.ToArray());
        return documents;
    }
}
