namespace Etl.Sources;

/// <summary>A reading of one dataset in progress.</summary>
public interface IDocumentScan : IAsyncDisposable
{
    /// <summary>Fills a batch with the next documents.</summary>
    /// <returns>False when there are none left; an error is never taken for the end.</returns>
    /// <exception cref="UnavailableException">The source went away or refused.</exception>
    Task<bool> ReadAsync(DocumentBatch batch, CancellationToken cancellation);

    /// <summary>
    /// Asked for before the first batch by a reader that can drop what it was given of a day: it may then be given a day before the day is there whole,
    /// and is told by <see cref="DocumentBatch.Restarts"/> when it broke off and comes again.
    /// </summary>
    void AllowRestarts()
    {
    }

    /// <summary>
    /// Told once for each batch that <see cref="ReadAsync"/> filled, in their order, when what was made of it is durable; a next batch may be being read meanwhile.
    /// A source that hands out once only lets go of the batch here.
    /// </summary>
    Task CommittedAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>
    /// Told of documents that are outside of what was asked for, before their batch is committed. A source that remembers what it handed out must hand these out
    /// again to who asks for them.
    /// </summary>
    /// <param name="document">With its position in front.</param>
    void Leave(ReadOnlySpan<byte> document)
    {
    }
}
