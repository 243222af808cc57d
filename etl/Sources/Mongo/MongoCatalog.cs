using Etl.Documents;

namespace Etl.Sources.Mongo;

/// <summary>What a server says of itself and of the collections of one database, and how they can be read.</summary>
internal sealed class MongoCatalog(MongoConnection connection, string database)
{
    /// <summary>Whether scans ask for majority read concern; null until the server was asked.</summary>
    bool? majority = connection.NamesReadConcern ? false : null;

    /// <summary>Whether the user may not list what collections are, only that they are.</summary>
    bool maySeeNamesOnly;

    public string Database => database;

    /// <exception cref="MongoException"/>
    public async Task<SourceDescription> DescribeAsync(CancellationToken cancellation)
    {
        byte[] hello = await connection.AskAsync(database, Bson.Make(w => w.Write("hello", 1)), cancellation);
        byte[] build = await connection.AskAsync(database, Bson.Make(w => w.Write("buildInfo", 1)), cancellation);
        ulong? clusterTime = null;
        for (var reader = new BsonReader(hello); reader.Read();)
            if (reader.NameUtf8.SequenceEqual("operationTime"u8) && reader.Type == BsonType.Timestamp)
                clusterTime = reader.Timestamp;
        string version = "";
        bool emulator = false;
        for (var reader = new BsonReader(build); reader.Read();)
            if (reader.NameUtf8.SequenceEqual("version"u8) && reader.Type == BsonType.String)
                version = reader.String;
            else if (reader.NameUtf8.SequenceEqual("emulator"u8) && reader.Type == BsonType.Boolean)
                emulator = reader.Boolean;
        return new SourceDescription($"{(emulator ? "emulator of mongodb" : "mongodb")} {version} at {connection.Address}", clusterTime);
    }

    /// <exception cref="MongoException"/>
    public async Task<IReadOnlySet<string>> NamesAsync(CancellationToken cancellation) =>
        (await ListAsync(null, namesOnly: true, cancellation)).Select(c => c.Name).ToHashSet();

    /// <exception cref="MongoException"/>
    public async Task<CollectionKind> KindAsync(string collection, CancellationToken cancellation) => await DescribedAsync(collection, cancellation) switch
    {
        [] => CollectionKind.Missing,
        [{ Type: "collection", HasCollation: true }, ..] => CollectionKind.Collated,
        [{ Type: "collection" }, ..] => CollectionKind.Collection,
        _ => CollectionKind.View,
    };

    async Task<List<(string Name, string Type, bool HasCollation)>> DescribedAsync(string collection, CancellationToken cancellation)
    {
        try
        {
            return await ListAsync(collection, namesOnly: maySeeNamesOnly, cancellation);
        }
        catch (MongoException e) when (e.IsForbidden && !maySeeNamesOnly)
        {
            maySeeNamesOnly = true; // who may read single collections is told no more of them
            return await ListAsync(collection, namesOnly: true, cancellation);
        }
    }

    /// <param name="only">A single name; null: all.</param>
    /// <param name="namesOnly">Names and types: collations are not told.</param>
    async Task<List<(string Name, string Type, bool HasCollation)>> ListAsync(string? only, bool namesOnly, CancellationToken cancellation)
    {
        // With authorizedCollections, who may read some collections but not list them all sees those.
        byte[] command = Bson.Make(w =>
        {
            w.Write("listCollections", 1).Write("nameOnly", namesOnly).Write("authorizedCollections", true)
                .BeginDocument("cursor").Write("batchSize", 10_000).End().Write("maxTimeMS", connection.Options.OperationTimeout);
            if (only is not null)
                w.BeginDocument("filter").Write("name", only).End();
        });
        var reader = new BsonReader(await connection.AskAsync(database, command, cancellation));
        var found = new List<(string Name, string Type, bool HasCollation)>();
        if (Bson.Find(ref reader, "cursor"u8))
            for (var cursor = reader.Nested(); cursor.Read();)
                if (cursor.Type == BsonType.Array)
                    for (var batch = cursor.Nested(); batch.Read();)
                    {
                        var name = batch.Nested();
                        var type = batch.Nested();
                        if (Bson.Find(ref name, "name"u8) && Bson.Find(ref type, "type"u8))
                            found.Add((name.String, type.String, HasCollation(batch.Nested())));
                    }
        return found;
    }

    /// <summary>The simple collation, by bytes, is what a collection without one has, and is not told.</summary>
    static bool HasCollation(BsonReader described) =>
        Bson.Find(ref described, "options"u8) && described.Type == BsonType.Document && described.Nested() is var options && Bson.Find(ref options, "collation"u8);

    /// <summary>Opens a cursor. Asks anew what the collection is: one that was dropped meanwhile would read as empty.</summary>
    /// <param name="from">Where reading begins, that position included; null: at the beginning.</param>
    /// <exception cref="MongoException"/>
    /// <exception cref="UnavailableException">The collection does not exist.</exception>
    public async Task<MongoCursor> OpenAsync(string collection, RangeQuery query, byte[]? from, CancellationToken cancellation)
    {
        var kind = await KindAsync(collection, cancellation);
        if (kind == CollectionKind.Missing)
            throw new UnavailableException($"Collection '{database}.{collection}' does not exist at {connection.Address}, or was dropped while it was read. Nothing is taken for gone because of that.");
        majority ??= await HasMajorityAsync(cancellation);
        var (filter, options) = query.Build(kind, from, majority.Value);
        return connection.Find(database, collection, filter, options);
    }

    /// <summary>Replica sets and sharded clusters have it; asked once, because a server refuses what it does not have only when the cursor is first read.</summary>
    async Task<bool> HasMajorityAsync(CancellationToken cancellation)
    {
        byte[] hello = await connection.AskAsync(database, Bson.Make(w => w.Write("hello", 1)), cancellation);
        for (var reader = new BsonReader(hello); reader.Read();)
            if (reader.NameUtf8.SequenceEqual("setName"u8) || reader.NameUtf8.SequenceEqual("msg"u8) && reader.Type == BsonType.String && reader.String == "isdbgrid")
                return true;
        connection.Effort.Remark("The server is no member of a replica set: it is read with its own read concern, 'local'.");
        return false;
    }

    /// <summary>The server refused majority read concern: it is not asked again.</summary>
    /// <returns>Whether it was asked for.</returns>
    public bool ForgoMajority()
    {
        bool asked = majority == true;
        majority = false;
        if (asked)
            connection.Effort.Remark("The server has no majority read concern: it is read with 'local', which may show what a failover takes back.");
        return asked;
    }
}
