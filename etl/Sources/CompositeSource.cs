using Etl.Contracts;

namespace Etl.Sources;

/// <summary>Several sources of one contract, each with datasets of its own.</summary>
/// <param name="sources">By the name of the server.</param>
public sealed class CompositeSource(IReadOnlyDictionary<string, IDocumentSource> sources) : IDocumentSource
{
    public IDocumentSource SourceOf(Dataset dataset) => sources[dataset.Server.Name];

    public async Task<SourceDescription> DescribeAsync(CancellationToken cancellation)
    {
        var described = new List<SourceDescription>();
        foreach (var source in sources.Values)
            described.Add(await source.DescribeAsync(cancellation));
        return new SourceDescription(string.Join("; ", described.Select(d => d.Name)), described.Max(d => d.ClusterTime));
    }

    public async Task<IReadOnlyList<MissingDataset>> FindMissingAsync(IReadOnlyList<Dataset> datasets, CancellationToken cancellation)
    {
        var missing = new List<MissingDataset>();
        foreach (var group in datasets.GroupBy(SourceOf))
            missing.AddRange(await group.Key.FindMissingAsync([.. group], cancellation));
        return missing;
    }

    public Task<long?> EstimateAsync(Dataset dataset, CancellationToken cancellation) => SourceOf(dataset).EstimateAsync(dataset, cancellation);

    public Task<IReadOnlyList<byte[]>> SplitAsync(Dataset dataset, int parts, CancellationToken cancellation) => SourceOf(dataset).SplitAsync(dataset, parts, cancellation);

    public IDocumentScan Scan(Dataset dataset, ScanRange range, byte[]? after) => SourceOf(dataset).Scan(dataset, range, after);

    public IDocumentScan Pick(Dataset dataset, IReadOnlyList<byte[]> positions) => SourceOf(dataset).Pick(dataset, positions);

    public byte[] PositionOf(Dataset dataset, ReadOnlySpan<byte> document) => SourceOf(dataset).PositionOf(dataset, document);

    /// <summary>The others are read again with it.</summary>
    public bool CanFollow => sources.Values.Any(s => s.CanFollow);

    public Task WaitForNewsAsync(IReadOnlyList<Dataset> datasets, TimeSpan longest, CancellationToken cancellation)
    {
        var followed = datasets.GroupBy(SourceOf).Where(g => g.Key.CanFollow).ToList();
        return followed.Count == 0 ? Task.Delay(longest, cancellation)
            : FirstOf.WaitAsync(followed.Select(g => (Func<CancellationToken, Task>)(token => g.Key.WaitForNewsAsync([.. g], longest, token))), cancellation);
    }

    public SourceEffort Effort => sources.Values.Select(s => s.Effort).Aggregate(SourceEffort.None,
        (sum, e) => new SourceEffort(sum.Retries + e.Retries, sum.Reopened + e.Reopened, sum.TimedOut + e.TimedOut, [.. sum.Remarks, .. e.Remarks]) { Pending = sum.Pending + e.Pending });

    public async ValueTask DisposeAsync()
    {
        foreach (var source in sources.Values)
            await source.DisposeAsync();
    }
}
