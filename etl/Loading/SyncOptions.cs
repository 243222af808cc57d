using Etl.Contracts;
using Etl.Sources;

namespace Etl.Loading;

/// <summary>How a sync is done.</summary>
public sealed record SyncOptions
{
    /// <summary>The datasets to load; null: all of the contract.</summary>
    public IReadOnlyList<Dataset>? Datasets { get; init; }

    /// <value>Default: 10,000 documents.</value>
    public int BatchDocuments { get; init; } = DocumentBatch.DefaultDocuments;

    /// <value>Default: 5 MiB.</value>
    public int BatchBytes { get; init; } = DocumentBatch.DefaultBytes;

    public long? Seed { get; init; }

    /// <summary>Told after each committed batch.</summary>
    public IProgress<SyncProgress>? Progress { get; init; }
}

/// <param name="Documents">Read in this run so far, of this dataset.</param>
/// <param name="Expected">How many the source thinks that it has; null: it does not say.</param>
public sealed record SyncProgress(string Dataset, long Documents, long? Expected = null);
