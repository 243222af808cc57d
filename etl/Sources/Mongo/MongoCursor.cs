using System.Runtime.InteropServices;

namespace Etl.Sources.Mongo;

/// <summary>A find or an aggregation in progress. A document's bytes are valid until the next call of <see cref="Next"/>.</summary>
internal sealed unsafe class MongoCursor : IDisposable
{
    readonly ClientHandle client;
    readonly CollectionHandle collection;
    readonly CursorHandle cursor;
    nint current;

    MongoCursor(ClientHandle client, CollectionHandle collection, CursorHandle cursor) =>
        (this.client, this.collection, this.cursor) = (client, collection, cursor);

    /// <summary>Nothing is sent before the first <see cref="Next"/>. The client is given back when the cursor is closed, or when this fails.</summary>
    public static MongoCursor Find(PoolHandle pool, string database, string collection, ReadOnlySpan<byte> filter, ReadOnlySpan<byte> options) =>
        Open(pool, database, collection, filter, options, static (c, f, o) => Libmongoc.mongoc_collection_find_with_opts(c, f, o, 0));

    /// <param name="pipeline"><c>{ pipeline: [ … ] }</c></param>
    public static MongoCursor Aggregate(PoolHandle pool, string database, string collection, ReadOnlySpan<byte> pipeline, ReadOnlySpan<byte> options) =>
        Open(pool, database, collection, pipeline, options, static (c, p, o) => Libmongoc.mongoc_collection_aggregate(c, 0, p, o, 0));

    static MongoCursor Open(PoolHandle pool, string database, string name, ReadOnlySpan<byte> query, ReadOnlySpan<byte> options, Func<nint, nint, nint, nint> open)
    {
        using var queryBson = new BsonHandle(query);
        using var optionsBson = new BsonHandle(options);
        var client = new ClientHandle(pool);
        CollectionHandle? collection = null;
        try
        {
            collection = new CollectionHandle(client, database, name);
            return new MongoCursor(client, collection, new CursorHandle(open(collection.Pointer, queryBson.Pointer, optionsBson.Pointer)));
        }
        catch
        {
            collection?.Dispose();
            client.Dispose();
            throw;
        }
    }

    public ReadOnlySpan<byte> Current => Libmongoc.Bytes(current);

    /// <summary>Moves on; false at the end. An error is never taken for the end.</summary>
    /// <exception cref="MongoException">The server refused, or went away.</exception>
    public bool Next()
    {
        nint document;
        if (Libmongoc.mongoc_cursor_next(cursor.Pointer, &document))
        {
            current = document;
            return true;
        }
        Libmongoc.Error error = default;
        nint reply = 0;
        if (Libmongoc.mongoc_cursor_error_document(cursor.Pointer, &error, &reply))
            throw MongoConnection.Failure(error, reply == 0 ? default : Libmongoc.Bytes(reply));
        return false;
    }

    public void Dispose()
    {
        cursor.Dispose();
        collection.Dispose();
        client.Dispose();
    }
}
