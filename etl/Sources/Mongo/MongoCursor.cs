using System.Runtime.InteropServices;

namespace Etl.Sources.Mongo;

/// <summary>A find in progress. A document's bytes are valid until the next call of <see cref="Next"/>.</summary>
internal sealed unsafe class MongoCursor : IDisposable
{
    readonly ClientHandle client;
    readonly CollectionHandle collection;
    readonly CursorHandle cursor;
    nint current;

    public MongoCursor(ClientHandle client, string database, string collection, ReadOnlySpan<byte> filter, ReadOnlySpan<byte> options)
    {
        this.client = client;
        using var filterBson = new BsonHandle(filter);
        using var optionsBson = new BsonHandle(options);
        this.collection = new CollectionHandle(client, database, collection);
        cursor = new CursorHandle(Libmongoc.mongoc_collection_find_with_opts(this.collection.Pointer, filterBson.Pointer, optionsBson.Pointer, 0));
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
