namespace Etl.Sources;

/// <summary>A reading of one dataset in progress.</summary>
public interface IDocumentScan : IAsyncDisposable
{
    /// <summary>Fills a batch with the next documents.</summary>
    /// <returns>False when there are none left; an error is never taken for the end.</returns>
    /// <exception cref="UnavailableException">The source went away or refused.</exception>
    Task<bool> ReadAsync(DocumentBatch batch, CancellationToken cancellation);

    /// <summary>Told once for each batch, in their order, when everything in it is durable: the source may forget it.</summary>
    Task CommittedAsync(CancellationToken cancellation) => Task.CompletedTask;
}
