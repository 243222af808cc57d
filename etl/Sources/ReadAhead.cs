using System.Runtime.CompilerServices;

namespace Etl.Sources;

/// <summary>Reads a scan one batch ahead: the source fills the next batch while the caller works on this one.</summary>
public static class ReadAhead
{
    /// <returns>Batches of which each is valid until the next is asked for.</returns>
    public static async IAsyncEnumerable<DocumentBatch> BatchesAsync(this IDocumentScan scan, int maxDocuments = DocumentBatch.DefaultDocuments, int maxBytes = DocumentBatch.DefaultBytes,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var batch in scan.BatchesAsync(new DocumentBatch(maxDocuments, maxBytes), new DocumentBatch(maxDocuments, maxBytes), cancellation))
            yield return batch;
    }

    /// <summary>The same with batches that are there already: their buffers have grown to size.</summary>
    public static async IAsyncEnumerable<DocumentBatch> BatchesAsync(this IDocumentScan scan, DocumentBatch current, DocumentBatch next, [EnumeratorCancellation] CancellationToken cancellation)
    {
        Task<bool> reading = scan.ReadAsync(current, cancellation);
        try
        {
            while (await reading)
            {
                reading = scan.ReadAsync(next, cancellation);
                yield return current;
                (current, next) = (next, current);
            }
        }
        finally
        {
            // The scan must not be closed while it reads. Whoever left the loop early has an error of its own to report.
            await reading.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }
}
