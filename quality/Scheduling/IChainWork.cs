using Etl.Loading;
using Quality.Reconciliation;

namespace Quality.Scheduling;

/// <summary>The steps of one chain, on servers that are opened with the first and closed when it is disposed.</summary>
internal interface IChainWork : IAsyncDisposable
{
    /// <summary>Loads, and makes the marts.</summary>
    Task<SyncResult> SyncAsync(CancellationToken cancellation);

    Task<ReconcileResult> ReconcileAsync(CancellationToken cancellation);

    /// <returns>The page.</returns>
    Task<string> ReportAsync(CancellationToken cancellation);
}
