using Etl.Contracts;
using Etl.Documents;

namespace Etl.Sources.Mongo;

/// <summary>Collections of a MongoDB. A document's position is its <c>_id</c>, in MongoDB's own order across all types.</summary>
public sealed class MongoSource : IDocumentSource
{
    readonly MongoConnection connection;
    readonly MongoRetry retry;
    readonly MongoCatalog catalog;
    readonly CollectionSplit split;

    /// <exception cref="UsageException">The URI is malformed, neither it nor the contract names a database, or an option is out of its range.</exception>
    /// <exception cref="UnavailableException">libmongoc is not installed, or the name of a <c>mongodb+srv</c> URI leads nowhere.</exception>
    public MongoSource(string uri, Contract contract, MongoOptions? options = null)
    {
        connection = MongoConnection.Open(uri, options);
        string database = connection.Database ?? contract.Database
            ?? throw new UsageException($"No database: neither the URI '{connection.Address}' nor the contract of '{contract.Pipeline}' names one. Write mongodb://host/DATABASE.");
        retry = new MongoRetry(connection.Options);
        catalog = new MongoCatalog(connection, database);
        split = new CollectionSplit(connection, database);
    }

    /// <summary>A filter of the server's: scans give only documents that it selects; those that are picked by their keys come whatever it says. Null: all.</summary>
    public byte[]? Where { get; init; }

    public SourceEffort Effort => connection.Effort.Sum;

    public Task<SourceDescription> DescribeAsync(CancellationToken cancellation) => AskAsync(catalog.DescribeAsync, cancellation);

    public async Task<IReadOnlyList<MissingDataset>> FindMissingAsync(IReadOnlyList<Dataset> datasets, CancellationToken cancellation)
    {
        var existing = await AskAsync(catalog.NamesAsync, cancellation);
        return [.. datasets.Where(d => !existing.Contains(d.SourceName)).Select(d => new MissingDataset(d,
            $"Collection '{catalog.Database}.{d.SourceName}' does not exist at {connection.Address}.{Names.DidYouMean(d.SourceName, existing)}"))];
    }

    public async Task<long?> EstimateAsync(Dataset dataset, CancellationToken cancellation) =>
        await KindAsync(dataset, cancellation) is CollectionKind.Collection or CollectionKind.Collated
            ? await AskAsync(token => split.EstimateAsync(dataset.SourceName, token), cancellation) : null;

    public async Task<IReadOnlyList<byte[]>> SplitAsync(Dataset dataset, int parts, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parts, 1);
        var kind = await KindAsync(dataset, cancellation);
        if (kind == CollectionKind.View)
            connection.Effort.Remark($"'{dataset.SourceName}' is a view or a time series: it has no index on _id, so it is read as one range, sorted by the server.");
        if (kind == CollectionKind.Collated && HasTextIds(dataset))
            connection.Effort.Remark($"'{dataset.SourceName}' was made with a collation, by which its index on _id sorts text: it is read as one range, sorted by the server by bytes.");
        return kind == CollectionKind.Collection || kind == CollectionKind.Collated && !HasTextIds(dataset)
            ? await AskAsync(token => split.SplitAsync(dataset.SourceName, parts, token), cancellation) : [];
    }

    Task<CollectionKind> KindAsync(Dataset dataset, CancellationToken cancellation) => AskAsync(token => catalog.KindAsync(dataset.SourceName, token), cancellation);

    static bool HasTextIds(Dataset dataset) => dataset.Key.Any(f => f.Accepted.Contains(BsonType.String));

    public IDocumentScan Scan(Dataset dataset, ScanRange range, byte[]? after) => Scan(dataset, new RangeQuery(range, null, HasTextIds(dataset)) { Where = Where }, after);

    public IDocumentScan Pick(Dataset dataset, IReadOnlyList<byte[]> positions) => Scan(dataset, new RangeQuery(ScanRange.Whole, positions, HasTextIds(dataset)), null);

    MongoScan Scan(Dataset dataset, RangeQuery query, byte[]? after) =>
        new(connection, retry, catalog, dataset.SourceName, query, after);

    public byte[] PositionOf(Dataset dataset, ReadOnlySpan<byte> document) => DocumentId.PositionOf(document);

    async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellation)
    {
        try
        {
            return await retry.CommandAsync(ask, cancellation);
        }
        catch (MongoException e)
        {
            if (e.IsPassing)
                connection.Effort.GaveUp();
            throw MongoFailures.Explain(e, connection.Address);
        }
    }

    public ValueTask DisposeAsync()
    {
        connection.Dispose();
        return ValueTask.CompletedTask;
    }
}
