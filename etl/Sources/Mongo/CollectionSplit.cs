using Etl.Documents;

namespace Etl.Sources.Mongo;

/// <summary>How large a collection is, and the ids that divide it into parts of about equal size.</summary>
/// <remarks>
/// <c>splitVector</c> would tell exactly, but wants rights that a reader does not have. <c>$sample</c> as the first stage, of far less
/// than 5 % of a collection, walks a random cursor: its cost does not grow with the collection. The server sorts the ids, because only it
/// knows the collection's collation. Clustered collections take the same hint, and mongos passes it to every shard.
/// </remarks>
internal sealed class CollectionSplit(MongoConnection connection, string database)
{
    /// <summary>Documents that a part has at least: a smaller one is read before a second cursor is open.</summary>
    public const long SmallestPart = 4_000;

    /// <summary>Ids drawn for each part; its size then strays by about a tenth.</summary>
    const int SampledPerPart = 100;

    /// <summary>A server that cannot draw a sample is asked to count off this many index entries, no more.</summary>
    const long MostCounted = 1_000_000;

    /// <summary>The number that the server keeps beside the collection; orphans of a sharded cluster are in it.</summary>
    /// <exception cref="MongoException"/>
    public async Task<long> EstimateAsync(string collection, CancellationToken cancellation)
    {
        byte[] reply = await connection.AskAsync(database, Bson.Make(w => w.Write("count", collection).Write("maxTimeMS", connection.Options.OperationTimeout)), cancellation);
        return Count(reply);
    }

    static long Count(byte[] reply)
    {
        var reader = new BsonReader(reply);
        return !Bson.Find(ref reader, "n"u8) ? 0 : reader.Type switch
        {
            BsonType.Int32 => reader.Int32,
            BsonType.Int64 => reader.Int64,
            BsonType.Double => (long)reader.Double,
            _ => 0,
        };
    }

    /// <remarks>Why a collection that is large enough is not divided is remarked in the source's effort.</remarks>
    /// <returns><c>{ _id: … }</c>, ascending in the server's order; at most <paramref name="parts"/> − 1.</returns>
    /// <exception cref="MongoException">The server went away, or does not let us read.</exception>
    public async Task<IReadOnlyList<byte[]>> SplitAsync(string collection, int parts, CancellationToken cancellation)
    {
        long documents = parts < 2 ? 0 : await EstimateAsync(collection, cancellation);
        parts = (int)Math.Min(parts, documents / SmallestPart);
        if (parts < 2)
            return [];
        try
        {
            return await Task.Run(() => Sampled(collection, parts, cancellation), cancellation).WaitAsync(cancellation);
        }
        catch (MongoException e) when (e.IsFromServer && !e.IsPassing && !e.IsRefusedLogin && !e.IsForbidden)
        {
            if (documents > MostCounted)
            {
                connection.Effort.Remark($"'{collection}' is read as one range: the server draws no sample of it ({e.Message.TrimEnd('.')}), and {documents:N0} documents are too many to count off.");
                return [];
            }
        }
        try
        {
            return await Task.Run(() => CountedOff(collection, parts, documents, cancellation), cancellation).WaitAsync(cancellation);
        }
        catch (MongoException e) when (e.IsFromServer && !e.IsPassing && !e.IsRefusedLogin && !e.IsForbidden)
        {
            connection.Effort.Remark($"'{collection}' is read as one range: the server neither draws a sample of it nor counts it off ({e.Message.TrimEnd('.')}).");
            return [];
        }
    }

    IReadOnlyList<byte[]> Sampled(string collection, int parts, CancellationToken cancellation)
    {
        byte[] pipeline = Bson.Make(w => w.BeginArray("pipeline")
            .BeginDocument().BeginDocument("$sample").Write("size", parts * SampledPerPart).End().End()
            .BeginDocument().BeginDocument("$project").Write("_id", 1).End().End()
            .BeginDocument().BeginDocument("$sort").Write("_id", 1).End().End()
            .End());
        var ids = new List<byte[]>();
        using (var cursor = connection.Aggregate(database, collection, pipeline, Bson.Make(w => w.Write("maxTimeMS", connection.Options.OperationTimeout))))
            while (cursor.Next())
            {
                cancellation.ThrowIfCancellationRequested();
                byte[] id = DocumentId.PositionOf(cursor.Current);
                if (ids.Count == 0 || !ids[^1].AsSpan().SequenceEqual(id)) // the random cursor may meet a document twice
                    ids.Add(id);
            }
        return [.. Enumerable.Range(1, parts - 1).Select(i => i * ids.Count / parts).Where(i => i > 0).Distinct().Select(i => ids[i])];
    }

    /// <summary>Exact, but the server walks the index up to each.</summary>
    IReadOnlyList<byte[]> CountedOff(string collection, int parts, long documents, CancellationToken cancellation)
    {
        var ids = new List<byte[]>();
        for (int i = 1; i < parts; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            byte[] options = Bson.Make(w => w.BeginDocument("sort").Write("_id", 1).End().BeginDocument("projection").Write("_id", 1).End()
                .Write("skip", documents * i / parts).Write("limit", 1L).Write("maxTimeMS", connection.Options.OperationTimeout));
            using var cursor = connection.Find(database, collection, Bson.Make(_ => { }), options);
            if (cursor.Next())
                ids.Add(DocumentId.PositionOf(cursor.Current));
        }
        return ids;
    }
}
