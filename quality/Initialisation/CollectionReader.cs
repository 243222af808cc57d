using Etl;
using Etl.Contracts;
using Etl.Documents;
using Etl.Loading;
using Etl.Sources;
using Etl.Sources.Mongo;

namespace Quality.Initialisation;

/// <summary>Reads collections once, through the same source as a sync, and describes them.</summary>
/// <param name="sampleSize">Documents of each collection whose texts are looked at.</param>
internal sealed class CollectionReader(string mongoUri, string database, IReadOnlyList<string> collections, int sampleSize, int seed)
{
    /// <summary>The server, without secrets.</summary>
    public string Source { get; private set; } = "";

    /// <exception cref="UnavailableException">The server or a collection is missing, may not be read, or is empty.</exception>
    public async Task<IReadOnlyList<DescribedDataset>> ReadAsync(IProgress<SyncProgress> progress, CancellationToken cancellation)
    {
        var contract = Undescribed();
        await using var source = new MongoSource(mongoUri, contract);
        Source = (await source.DescribeAsync(cancellation)).Name;
        if (await source.FindMissingAsync(contract.Datasets, cancellation) is [_, ..] missing)
            throw new UnavailableException(string.Join('\n', missing.Select(m => m.Message)));
        var described = new List<DescribedDataset>();
        foreach (var dataset in contract.Datasets)
            described.Add(await DescribeAsync(source, dataset, progress, cancellation));
        TableNames.Give(described);
        return described;
    }

    async Task<DescribedDataset> DescribeAsync(MongoSource source, Dataset dataset, IProgress<SyncProgress> progress, CancellationToken cancellation)
    {
        var observer = new DocumentObserver();
        var sample = new DocumentSample(sampleSize, new Random(seed));
        long? expected = await source.EstimateAsync(dataset, cancellation);
        await using var scan = source.Scan(dataset, ScanRange.Whole, null);
        await foreach (var batch in scan.BatchesAsync(cancellation: cancellation))
        {
            for (int i = 0; i < batch.Count; i++)
                if (batch.RefusedAt(i) is null)
                    sample.Offer(batch[i], observer.Observe(batch[i]));
                else
                    observer.AddUnreadable();
            progress.Report(new SyncProgress(dataset.Name, observer.Documents, expected));
        }
        if (observer.Documents == 0)
            throw new UnavailableException($"Collection '{database}.{dataset.Name}' is empty: there is nothing to infer from. Fill it, or write its contract by hand (docs/contracts.md).");
        SampleReader.Read(sample, observer.Root);
        return Describe(dataset.Name, observer, sample.Count);
    }

    internal static DescribedDataset Describe(string collection, DocumentObserver observer, int sampled)
    {
        var key = new DocumentKey(observer.Root, collection);
        var inference = new FieldInference(collection, oneTable: key.AsEvents);
        var fields = inference.Describe(observer.Root);
        key.Mark(fields, collection);
        DateRoles.AddNotes(fields, observer.Documents);
        var described = new DescribedDataset
        {
            Name = collection,
            Documents = observer.Documents,
            Sampled = sampled,
            Fields = fields,
            AsEvents = key.AsEvents,
            PartitionBy = DateRoles.PartitionBy(fields, observer.Documents)?.Seen.Path,
        };
        if (observer.Unreadable > 0)
            described.Doubts.Add($"{FieldInference.Count(observer.Unreadable)} documents are broken BSON: they will be quarantined (malformed)");
        described.Doubts.AddRange(key.Doubts);
        described.Doubts.AddRange(inference.LeftOut.Select(l => $"left out: {l}"));
        return described;
    }

    /// <summary>A contract that says no more than which collections there are.</summary>
    Contract Undescribed()
    {
        var server = new Server("source", ServerKinds.MongoDb, new Dictionary<string, string> { ["database"] = database });
        return new Contract
        {
            Pipeline = database,
            Version = "",
            WarehouseSchema = "",
            Servers = [server],
            Hash = "",
            Folder = "",
            Datasets = [.. collections.Select(name => new Dataset
            {
                Name = name,
                SourceName = name,
                MaxRejected = 100,
                Server = server,
                Root = new Field { Name = name, Path = "", Kind = FieldKind.Object, Children = [AnyId] },
            })],
        };
    }

    /// <summary>Ids may be texts, which a collection with a collation sorts otherwise.</summary>
    static Field AnyId => new() { Name = "_id", Path = "_id", Kind = FieldKind.Value, KeyPosition = 1, Accepted = Enum.GetValues<BsonType>().ToHashSet() };
}
