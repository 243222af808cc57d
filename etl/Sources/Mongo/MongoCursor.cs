namespace Etl.Sources.Mongo;

/// <summary>A find or an aggregation in progress. A document's bytes are valid until the next call of <see cref="Next"/>.</summary>
internal sealed unsafe class MongoCursor : IDisposable
{
    readonly MongoConnection connection;
    readonly ClientHandle client;
    readonly CollectionHandle collection;
    readonly CursorHandle cursor;
    readonly CommandWatch watch;
    nint current;

    MongoCursor(MongoConnection connection, ClientHandle client, CollectionHandle collection, CursorHandle cursor)
    {
        (this.connection, this.client, this.collection, this.cursor) = (connection, client, collection, cursor);
        watch = connection.Watch();
    }

    /// <summary>Nothing is sent before the first <see cref="Next"/>. The client is given back when the cursor is closed, or when this fails.</summary>
    public static MongoCursor Find(MongoConnection connection, string database, string collection, ReadOnlySpan<byte> filter, ReadOnlySpan<byte> options) =>
        Open(connection, database, collection, filter, options, static (c, f, o) => Libmongoc.mongoc_collection_find_with_opts(c, f, o, 0));

    /// <param name="pipeline"><c>{ pipeline: [ … ] }</c></param>
    public static MongoCursor Aggregate(MongoConnection connection, string database, string collection, ReadOnlySpan<byte> pipeline, ReadOnlySpan<byte> options) =>
        Open(connection, database, collection, pipeline, options, static (c, p, o) => Libmongoc.mongoc_collection_aggregate(c, 0, p, o, 0));

    static MongoCursor Open(MongoConnection connection, string database, string name, ReadOnlySpan<byte> query, ReadOnlySpan<byte> options, Func<nint, nint, nint, nint> open)
    {
        using var queryBson = new BsonHandle(query);
        using var optionsBson = new BsonHandle(options);
        var client = connection.Pop();
        CollectionHandle? collection = null;
        try
        {
            collection = new CollectionHandle(client, database, name);
            return new MongoCursor(connection, client, collection, new CursorHandle(open(collection.Pointer, queryBson.Pointer, optionsBson.Pointer)));
        }
        catch
        {
            collection?.Dispose();
            client.Dispose();
            throw;
        }
    }

    public ReadOnlySpan<byte> Current => Libmongoc.Bytes(current);

    /// <summary>Moves on; false at the end. An error is never taken for the end, nor is a reply that the driver cannot walk to its end.</summary>
    /// <exception cref="MongoException">The server refused, went away, or sent what is no reply.</exception>
    public bool Next()
    {
        nint document;
        bool found;
        using (watch.Listen())
            found = Libmongoc.mongoc_cursor_next(cursor.Pointer, &document);
        if (!found)
            return End();
        if (watch.Broken is not null)
            throw Broken();
        watch.Taken++;
        current = document;
        return true;
    }

    bool End()
    {
        Libmongoc.Error error = default;
        nint reply = 0;
        if (Libmongoc.mongoc_cursor_error_document(cursor.Pointer, &error, &reply))
        {
            var failure = connection.Failure(error, reply == 0 ? default : Libmongoc.Bytes(reply), watch.Host);
            watch.Book(connection.Effort, failure);
            throw failure;
        }
        watch.End();
        return watch.Broken is null ? false : throw Broken();
    }

    MongoException Broken()
    {
        var failure = new MongoException(MongoException.ProtocolDomain, MongoException.InvalidReply, $"A reply cannot be read: {watch.Broken}") { Host = watch.Host };
        watch.Book(connection.Effort, failure);
        return failure;
    }

    public void Dispose()
    {
        watch.Book(connection.Effort, null); // what the driver overcame
        cursor.Dispose();
        collection.Dispose();
        client.Dispose();
    }
}
