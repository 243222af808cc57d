using Etl.Documents;

namespace Etl.Sources.Mongo;

/// <summary>One find, read batch by batch on the thread pool, because the driver blocks.</summary>
internal sealed class MongoScan(Func<MongoCursor> open, Func<MongoException, UnavailableException> explain, byte[]? after) : IDocumentScan
{
    /// <summary>Documents the server is asked for at a time; measured best between 1,000 and 10,000.</summary>
    public const int BatchSize = 1_000;

    MongoCursor? cursor;
    bool waiting; // the cursor stands on a document that found no room in the last batch
    bool ended;

    public Task<bool> ReadAsync(DocumentBatch batch, CancellationToken cancellation) => Task.Run(() => Read(batch, cancellation), cancellation);

    bool Read(DocumentBatch batch, CancellationToken cancellation)
    {
        batch.Clear();
        if (ended)
            return false;
        try
        {
            cursor ??= open();
            while (waiting || cursor.Next())
            {
                cancellation.ThrowIfCancellationRequested();
                var document = cursor.Current;
                if (!waiting && after is not null)
                {
                    // 'min' includes the document that is already durable, if it still exists; only the first can be it.
                    bool isThatOne = PositionOf(document).AsSpan().SequenceEqual(after);
                    after = null;
                    if (isThatOne)
                        continue;
                }
                waiting = !batch.HasRoomFor(document.Length);
                if (waiting)
                    break;
                batch.Add(document);
            }
        }
        catch (MongoException e)
        {
            throw explain(e);
        }
        ended = !waiting;
        if (batch.Count > 0)
            batch.Position = PositionOf(batch[batch.Count - 1]);
        return batch.Count > 0;
    }

    /// <summary>{ _id: … } of a document.</summary>
    public static byte[] PositionOf(ReadOnlySpan<byte> document)
    {
        var reader = new BsonReader(document);
        var writer = new BsonWriter(64);
        writer.BeginDocument();
        if (Bson.Find(ref reader, "_id"u8))
            writer.WriteElement(reader);
        return writer.End().ToArray();
    }

    public ValueTask DisposeAsync()
    {
        cursor?.Dispose();
        return ValueTask.CompletedTask;
    }
}
