using Etl.Contracts;

namespace Etl.Sources;

/// <summary>A world that documents come from. Everything behind this interface has turned into positioned BSON.</summary>
public interface IDocumentSource : IAsyncDisposable
{
    /// <summary>
    /// What was read and committed cannot be read again: a queue forgets what it was told to forget. Such a source says where documents stand, but cannot
    /// go back there; what it gives is kept in the warehouse before it is told to forget it.
    /// </summary>
    bool IsTransient => false;

    /// <summary>Connects, and tells what is there.</summary>
    /// <exception cref="UnavailableException">The source cannot be reached or refuses us.</exception>
    Task<SourceDescription> DescribeAsync(CancellationToken cancellation);

    /// <summary>The names that are missing, each with near names that exist: an absent collection is not an empty one.</summary>
    Task<IReadOnlyList<MissingDataset>> FindMissingAsync(IReadOnlyList<Dataset> datasets, CancellationToken cancellation);

    /// <summary>About how many documents a dataset has, for saying how long it will take; null where nobody can tell without reading them.</summary>
    Task<long?> EstimateAsync(Dataset dataset, CancellationToken cancellation);

    /// <summary>Positions that divide a dataset into parts of about equal size, which may be read at the same time.</summary>
    /// <returns>At most <paramref name="parts"/> − 1, ascending; none where the dataset is small or cannot be divided.</returns>
    Task<IReadOnlyList<byte[]>> SplitAsync(Dataset dataset, int parts, CancellationToken cancellation);

    /// <summary>Reads a part of a dataset in the order of its positions.</summary>
    /// <param name="after">The position of the last document that is already durable; null: from the beginning of the range.</param>
    IDocumentScan Scan(Dataset dataset, ScanRange range, byte[]? after);

    /// <summary>Reads the documents of certain keys; keys without a document give none.</summary>
    /// <param name="positions">Positions as <see cref="DocumentBatch.Position"/> gives them.</param>
    IDocumentScan Pick(Dataset dataset, IReadOnlyList<byte[]> positions);

    /// <summary>Whether a scan leaves out what it knows to be durable: then what it does not give is neither gone nor mended.</summary>
    bool ReadsNewOnly => false;

    /// <summary>Whether it can tell that there is something new without being read: then it can be followed.</summary>
    bool CanFollow => false;

    /// <summary>Returns when there may be something new, or the time is over. What comes from the first call on is told.</summary>
    /// <exception cref="UnavailableException">The source went away.</exception>
    Task WaitForNewsAsync(IReadOnlyList<Dataset> datasets, TimeSpan longest, CancellationToken cancellation) => Task.Delay(longest, cancellation);

    /// <summary>The source of one dataset, where several stand behind this one.</summary>
    IDocumentSource SourceOf(Dataset dataset) => this;

    /// <summary>What it took so far to read: retries, reopened cursors, time-outs.</summary>
    SourceEffort Effort { get; }

    /// <summary>The position of a document, from the document itself.</summary>
    byte[] PositionOf(Dataset dataset, ReadOnlySpan<byte> document);
}
