using Etl.Contracts;
using Etl.Documents;

namespace Etl.Sources.Mongo;

/// <summary>Collections of a MongoDB. A document's position is its <c>_id</c>, in MongoDB's own order across all types.</summary>
public sealed class MongoSource : IDocumentSource
{
    readonly MongoConnection connection;
    readonly string database;
    readonly CollectionSplit split;

    /// <exception cref="UsageException">The URI is malformed, or neither it nor the contract names a database.</exception>
    /// <exception cref="UnavailableException">libmongoc is not installed.</exception>
    public MongoSource(string uri, Contract contract)
    {
        connection = MongoConnection.Open(uri);
        database = connection.Database ?? contract.Database
            ?? throw new UsageException($"No database: neither the URI '{connection.Address}' nor the contract of '{contract.Pipeline}' names one. Write mongodb://host/DATABASE.");
        split = new CollectionSplit(connection, database);
    }

    public async Task<SourceDescription> DescribeAsync(CancellationToken cancellation)
    {
        byte[] hello = await AskAsync(() => connection.AskAsync(database, Bson.Make(w => w.Write("hello", 1)), cancellation));
        byte[] build = await AskAsync(() => connection.AskAsync(database, Bson.Make(w => w.Write("buildInfo", 1)), cancellation));
        return Describe(hello, build);
    }

    SourceDescription Describe(byte[] hello, byte[] build)
    {
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

    public async Task<IReadOnlyList<MissingDataset>> FindMissingAsync(IReadOnlyList<Dataset> datasets, CancellationToken cancellation)
    {
        // authorizedCollections: who may read some collections, but not list them all, sees those.
        byte[] command = Bson.Make(w => w.Write("listCollections", 1).Write("nameOnly", true).Write("authorizedCollections", true)
            .BeginDocument("cursor").Write("batchSize", 10_000).End());
        var existing = Collections(await AskAsync(() => connection.AskAsync(database, command, cancellation))).Select(c => c.Name).ToHashSet();
        return [.. datasets.Where(d => !existing.Contains(d.SourceName)).Select(d => new MissingDataset(d,
            $"Collection '{database}.{d.SourceName}' does not exist at {connection.Address}.{Names.DidYouMean(d.SourceName, existing)}"))];
    }

    static List<(string Name, string Type)> Collections(byte[] reply)
    {
        var collections = new List<(string Name, string Type)>();
        var reader = new BsonReader(reply);
        if (Bson.Find(ref reader, "cursor"u8))
            for (var cursor = reader.Nested(); cursor.Read();)
                if (cursor.Type == BsonType.Array)
                    for (var batch = cursor.Nested(); batch.Read();)
                    {
                        var name = batch.Nested();
                        var type = batch.Nested();
                        if (Bson.Find(ref name, "name"u8) && Bson.Find(ref type, "type"u8))
                            collections.Add((name.String, type.String));
                    }
        return collections;
    }

    public async Task<long?> EstimateAsync(Dataset dataset, CancellationToken cancellation) =>
        await IsCollectionAsync(dataset, cancellation) ? await AskAsync(() => split.EstimateAsync(dataset.SourceName, cancellation)) : null;

    public async Task<IReadOnlyList<byte[]>> SplitAsync(Dataset dataset, int parts, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parts, 1);
        return await IsCollectionAsync(dataset, cancellation) ? await AskAsync(() => split.SplitAsync(dataset.SourceName, parts, _ => { }, cancellation)) : [];
    }

    /// <summary>Whether it has an index on _id to walk; views and time series have none.</summary>
    async Task<bool> IsCollectionAsync(Dataset dataset, CancellationToken cancellation)
    {
        byte[] command = Bson.Make(w => w.Write("listCollections", 1).Write("nameOnly", true).Write("authorizedCollections", true)
            .BeginDocument("filter").Write("name", dataset.SourceName).End());
        return Collections(await AskAsync(() => connection.AskAsync(database, command, cancellation))).All(c => c.Type == "collection");
    }

    public IDocumentScan Scan(Dataset dataset, ScanRange range, byte[]? after)
    {
        // min, max and hint walk the index between two keys, across types; a query by $gt would see only ids of the same type.
        byte[] options = Bson.Make(w =>
        {
            w.BeginDocument("sort").Write("_id", 1).End().Write("batchSize", MongoScan.BatchSize);
            if ((after ?? range.From ?? range.To) is not null)
                w.BeginDocument("hint").Write("_id", 1).End();
            if ((after ?? range.From) is { } first)
                w.WriteDocument("min", first);
            if (range.To is { } end)
                w.WriteDocument("max", end);
        });
        return new MongoScan(() => connection.Find(database, dataset.SourceName, Bson.Make(_ => { }), options), Explain, after);
    }

    public IDocumentScan Pick(Dataset dataset, IReadOnlyList<byte[]> positions)
    {
        byte[] filter = Bson.Make(w =>
        {
            w.BeginDocument("_id").BeginArray("$in");
            foreach (byte[] position in positions)
            {
                var id = new BsonReader(position);
                id.Read();
                w.WriteElement(id);
            }
            w.End().End();
        });
        byte[] options = Bson.Make(w => w.BeginDocument("sort").Write("_id", 1).End().Write("batchSize", MongoScan.BatchSize));
        return new MongoScan(() => connection.Find(database, dataset.SourceName, filter, options), Explain, null);
    }

    public SourceEffort Effort => SourceEffort.None;

    public byte[] PositionOf(Dataset dataset, ReadOnlySpan<byte> document) => MongoScan.PositionOf(document);

    async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (MongoException e)
        {
            throw Explain(e);
        }
    }

    UnavailableException Explain(MongoException e) =>
        e.IsRefusedLogin ? new UnavailableException($"MongoDB at {connection.Address} refused the login: {Sentence(e)} Check user, password and authSource of the URI.", e)
        : e.IsUnreachable ? new UnavailableException($"MongoDB at {connection.Address} cannot be reached: {Sentence(e)} Check the address, and that the server runs.", e)
        : new UnavailableException($"MongoDB at {connection.Address} answered with error {e.Code}: {Sentence(e)}", e);

    static string Sentence(MongoException e) => e.Message.TrimEnd('.', ' ') + ".";

    public ValueTask DisposeAsync()
    {
        connection.Dispose();
        return ValueTask.CompletedTask;
    }
}
