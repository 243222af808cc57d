using Etl.Contracts;
using Etl.Sources;

namespace Etl.Loading;

/// <summary>How a sync is done.</summary>
public sealed record SyncOptions
{
    /// <summary>The datasets to load; null: all of the contract.</summary>
    public IReadOnlyList<Dataset>? Datasets { get; init; }

    /// <summary>Only documents of these days; null: all.</summary>
    public DayRange? Days { get; init; }

    /// <value>Default: 10,000 documents.</value>
    public int BatchDocuments { get; init; } = DocumentBatch.DefaultDocuments;

    /// <value>Default: 5 MiB.</value>
    public int BatchBytes { get; init; } = DocumentBatch.DefaultBytes;

    /// <summary>Connections that load at the same time, each a range of the dataset.</summary>
    /// <value>Default: one more than processors, from 2 to 4: while one waits for the database, another encodes.</value>
    public int Workers { get; init; } = Math.Clamp(Environment.ProcessorCount + 1, 2, 4);

    /// <summary>Ranges are taken one after the other by whoever is free: a few more than workers, so that none waits long for the last.</summary>
    public const int RangesPerWorker = 4;

    /// <summary>Keys of a day or file that comes to an empty table, remembered to tell which come twice; of more, the table's own key tells.</summary>
    /// <value>Default: 4,194,304, which is 64 MB.</value>
    public int RememberedKeys { get; init; } = 1 << 22;

    public long? Seed { get; init; }

    /// <summary>Told after each committed batch.</summary>
    public IProgress<SyncProgress>? Progress { get; init; }
}

/// <param name="Documents">Read in this run so far, of this dataset.</param>
/// <param name="Expected">About how many there are; null where nobody knows.</param>
public sealed record SyncProgress(string Dataset, long Documents, long? Expected = null);
