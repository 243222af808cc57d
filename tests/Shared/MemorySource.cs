using System.Buffers.Binary;
using Etl;
using Etl.Contracts;
using Etl.Documents;
using Etl.Sources;

namespace Tests.Shared;

/// <summary>Collections in memory, read in MongoDB's order of <c>_id</c>; can be told to fail on the way.</summary>
public sealed class MemorySource : IDocumentSource
{
    readonly Dictionary<string, SortedDictionary<byte[], byte[]>> collections = [];

    /// <summary>Grows with each change and each look, as an operation time does.</summary>
    public ulong ClusterTime { get; private set; } = 1ul << 32;

    /// <summary>Documents to hand out before the source goes away; null: never.</summary>
    public int? FailAfter { get; set; }

    public SourceEffort Effort { get; set; } = SourceEffort.None;

    /// <summary>What cannot become a document, by collection and position: the media type and the reason.</summary>
    readonly Dictionary<(string Collection, string Position), (string MediaType, string Reason)> refused = [];

    /// <summary>Positions handed out since the last <see cref="Forget"/>, in order.</summary>
    public List<string> Read { get; } = [];

    public void Forget() => Read.Clear();

    public MemorySource Create(params string[] names)
    {
        foreach (string name in names)
            collections.TryAdd(name, new SortedDictionary<byte[], byte[]>(Comparer<byte[]>.Create(Compare)));
        return this;
    }

    public void Drop(string name) => collections.Remove(name);

    /// <summary>Inserts or replaces the document of this id.</summary>
    public void Put(string collection, byte[] document) => Put(collection, PositionOf(document), document);

    /// <summary>Stores bytes that need not be a document at a position of their own.</summary>
    public void Put(string collection, byte[] position, byte[] document)
    {
        ClusterTime++;
        Create(collection);
        collections[collection][position] = document;
        refused.Remove((collection, PositionText.Of(position)));
    }

    /// <summary>Stores bytes that are handed out as refused, at their place in the order.</summary>
    public void PutRefused(string collection, byte[] position, byte[] bytes, string mediaType, string reason)
    {
        Put(collection, position, bytes);
        refused[(collection, PositionText.Of(position))] = (mediaType, reason);
    }

    public bool Remove(string collection, byte[] position)
    {
        ClusterTime++;
        return collections[collection].Remove(position);
    }

    public IReadOnlyCollection<byte[]> Documents(string collection) => collections[collection].Values;

    public Task<SourceDescription> DescribeAsync(CancellationToken cancellation) =>
        Task.FromResult(new SourceDescription("memory of the tests", ++ClusterTime));

    public Task<IReadOnlyList<MissingDataset>> FindMissingAsync(IReadOnlyList<Dataset> datasets, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<MissingDataset>>([.. datasets.Where(d => !collections.ContainsKey(d.SourceName))
            .Select(d => new MissingDataset(d, $"Collection '{d.SourceName}' does not exist in memory.{Names.DidYouMean(d.SourceName, collections.Keys)}"))]);

    /// <summary>Whether the collections can be divided; small as they are, a test may want it.</summary>
    public bool Splits { get; set; }

    public Task<long?> EstimateAsync(Dataset dataset, CancellationToken cancellation) => Task.FromResult<long?>(collections[dataset.SourceName].Count);

    public Task<IReadOnlyList<byte[]>> SplitAsync(Dataset dataset, int parts, CancellationToken cancellation)
    {
        byte[][] positions = [.. collections[dataset.SourceName].Keys];
        return Task.FromResult<IReadOnlyList<byte[]>>(Splits ? [.. Enumerable.Range(1, parts - 1).Select(i => i * positions.Length / parts).Where(i => i > 0).Distinct().Select(i => positions[i])] : []);
    }

    public IDocumentScan Scan(Dataset dataset, ScanRange range, byte[]? after) => new MemoryScan(this, dataset.SourceName,
        [.. collections[dataset.SourceName].Where(d => (range.From is null || Compare(d.Key, range.From) >= 0) && (range.To is null || Compare(d.Key, range.To) < 0)
            && (after is null || Compare(d.Key, after) > 0))]);

    public IDocumentScan Pick(Dataset dataset, IReadOnlyList<byte[]> positions) => new MemoryScan(this, dataset.SourceName,
        [.. collections[dataset.SourceName].Where(d => positions.Any(p => Compare(p, d.Key) == 0))]);

    /// <summary>Bytes that are no document have the position that they were put at.</summary>
    public byte[] PositionOf(Dataset dataset, ReadOnlySpan<byte> document)
    {
        foreach (var (position, stored) in collections[dataset.SourceName])
            if (document.SequenceEqual(stored))
                return position;
        return PositionOf(document);
    }

    /// <summary>{ _id: … } of a document.</summary>
    public static byte[] PositionOf(ReadOnlySpan<byte> document) => Bson.Only(document, "_id"u8);

    byte[] HandOut(KeyValuePair<byte[], byte[]> document)
    {
        lock (Read) // ranges are read at the same time
        {
            if (FailAfter is { } left)
            {
                if (left == 0)
                    throw new UnavailableException("The source in memory was told to go away here.");
                FailAfter = left - 1;
            }
            Read.Add(PositionText.Of(document.Key));
        }
        return document.Value;
    }

    /// <summary>Whether texts are sorted as people do, as in a collection that was made with a collation.</summary>
    public bool HasCollation { get; set; }

    /// <summary>MongoDB's order: by kind of type first, numbers by value across their types.</summary>
    int Compare(byte[] left, byte[] right)
    {
        var a = new BsonReader(left);
        var b = new BsonReader(right);
        if (!a.Read() | !b.Read())
            return left.Length.CompareTo(right.Length);
        int kinds = Kind(a.Type).CompareTo(Kind(b.Type));
        if (kinds != 0)
            return kinds;
        return a.Type switch
        {
            BsonType.Int32 or BsonType.Int64 or BsonType.Double or BsonType.Decimal128 => Number(a).CompareTo(Number(b)),
            BsonType.DateTime => a.DateTime.CompareTo(b.DateTime),
            BsonType.String when HasCollation && string.Compare(a.String, b.String, StringComparison.OrdinalIgnoreCase) is var order and not 0 => order,
            BsonType.String => a.Utf8.SequenceCompareTo(b.Utf8),
            BsonType.Binary when a.BinaryBytes.Length != b.BinaryBytes.Length => a.BinaryBytes.Length.CompareTo(b.BinaryBytes.Length),
            _ => a.Value.SequenceCompareTo(b.Value),
        };
    }

    static int Kind(BsonType type) => type switch
    {
        BsonType.MinKey => 0,
        BsonType.Null or BsonType.Undefined => 1,
        BsonType.Int32 or BsonType.Int64 or BsonType.Double or BsonType.Decimal128 => 2,
        BsonType.String or BsonType.Symbol => 3,
        BsonType.Document => 4,
        BsonType.Array => 5,
        BsonType.Binary => 6,
        BsonType.ObjectId => 7,
        BsonType.Boolean => 8,
        BsonType.DateTime => 9,
        BsonType.Timestamp => 10,
        BsonType.RegularExpression => 11,
        _ => 12,
    };

    static double Number(in BsonReader value) => value.Type switch
    {
        BsonType.Int32 => value.Int32,
        BsonType.Int64 => value.Int64,
        BsonType.Double => BinaryPrimitives.ReadDoubleLittleEndian(value.Value),
        _ => double.Parse(value.Decimal128.ToString(), System.Globalization.CultureInfo.InvariantCulture),
    };

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    sealed class MemoryScan(MemorySource source, string collection, IReadOnlyList<KeyValuePair<byte[], byte[]>> documents) : IDocumentScan
    {
        int next;

        public async Task<bool> ReadAsync(DocumentBatch batch, CancellationToken cancellation)
        {
            await Task.Yield();
            batch.Clear();
            for (; next < documents.Count && batch.HasRoomFor(documents[next].Value.Length); next++)
            {
                var (position, bytes) = (documents[next].Key, source.HandOut(documents[next]));
                if (source.refused.TryGetValue((collection, PositionText.Of(position)), out var reason))
                    batch.AddRefused(bytes, reason.MediaType, position, reason.Reason);
                else
                    batch.Add(bytes);
                batch.Position = position;
            }
            return batch.Count > 0;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
