using Etl.Contracts;
using Etl.Documents;

namespace Etl.Sources.Mongo;

/// <summary>Collections of a MongoDB. A document's position is its <c>_id</c>, in MongoDB's own order across all types.</summary>
public sealed class MongoSource : IDocumentSource
{
    readonly MongoConnection connection;
    readonly string database;

    /// <exception cref="UsageException">The URI is malformed, or neither it nor the contract names a database.</exception>
    /// <exception cref="UnavailableException">libmongoc is not installed.</exception>
    public MongoSource(string uri, Contract contract)
    {
        connection = MongoConnection.Open(uri);
        database = connection.Database ?? contract.Database
            ?? throw new UsageException($"No database: neither the URI '{connection.Address}' nor the contract of '{contract.Pipeline}' names one. Write mongodb://host/DATABASE.");
    }

    public async Task<SourceDescription> DescribeAsync(CancellationToken cancellation)
    {
        byte[] hello = await AskAsync(database, Bson.Make(w => w.Write("hello", 1)), cancellation);
        byte[] build = await AskAsync(database, Bson.Make(w => w.Write("buildInfo", 1)), cancellation);
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
        byte[] command = Bson.Make(w => w.Write("listCollections", 1).Write("nameOnly", true)
            .BeginDocument("cursor").Write("batchSize", 10_000).End());
        var existing = CollectionNames(await AskAsync(database, command, cancellation));
        return [.. datasets.Where(d => !existing.Contains(d.SourceName)).Select(d => new MissingDataset(d,
            $"Collection '{database}.{d.SourceName}' does not exist at {connection.Address}.{Names.DidYouMean(d.SourceName, existing)}"))];
    }

    static HashSet<string> CollectionNames(byte[] reply)
    {
        var names = new HashSet<string>();
        var reader = new BsonReader(reply);
        if (Bson.Find(ref reader, "cursor"u8))
            for (var cursor = reader.Nested(); cursor.Read();)
                if (cursor.Type == BsonType.Array)
                    for (var batch = cursor.Nested(); batch.Read();)
                    {
                        var entry = batch.Nested();
                        if (Bson.Find(ref entry, "name"u8))
                            names.Add(entry.String);
                    }
        return names;
    }

    public Task<long?> EstimateAsync(Dataset dataset, CancellationToken cancellation) => Task.FromResult<long?>(null);

    public Task<IReadOnlyList<byte[]>> SplitAsync(Dataset dataset, int parts, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<byte[]>>([]);

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

    public byte[] PositionOf(Dataset dataset, ReadOnlySpan<byte> document) => MongoScan.PositionOf(document);

    async Task<byte[]> AskAsync(string where, byte[] command, CancellationToken cancellation)
    {
        try
        {
            return await connection.CommandAsync(where, command, cancellation);
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
