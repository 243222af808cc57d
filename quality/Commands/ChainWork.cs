using System.CommandLine;
using Etl;
using Etl.Contracts;
using Etl.Loading;
using Etl.Sources;
using Quality.Commands.Progress;
using Quality.Reconciliation;
using Quality.Scheduling;

namespace Quality.Commands;

/// <summary>The steps of a chain, as the commands of their names do them.</summary>
/// <param name="pipeline">As it was typed; its contract is read anew by each chain.</param>
/// <param name="warehouse">Already running.</param>
/// <param name="days">The days asked for; null: as the source needs it.</param>
/// <param name="shows">Whether somebody watches the progress.</param>
internal sealed class ChainWork(ParseResult parsed, string pipeline, Servers warehouse, DayRange? days, int lastDays, string target, bool shows) : IChainWork
{
    /// <summary>The report tells of all pipelines, and chains of one process may end at the same time.</summary>
    static readonly SemaphoreSlim ReportGate = new(1, 1);

    Servers? servers;
    Contract? contract;
    DayRange? selected;

    public async Task<SyncResult> SyncAsync(CancellationToken cancellation)
    {
        contract = PipelineFolders.OpenOwn(pipeline);
        selected = days ?? ChainDays.Of(contract, lastDays, TimeProvider.System);
        servers = await Servers.OpenAsync(SourceFactory.NeedsMongo(contract) ? Options.Mongo(parsed) : null, warehouse.WarehouseConnection, cancellation, withQueue: SourceFactory.NeedsEmbeddedQueue(contract));
        await using var source = new SourceFactory(servers, selected, readsAll: false, Options.Seed(parsed)).Open(contract);
        await ContractShelf.KeepAsync(servers.Warehouse, contract, TimeProvider.System, cancellation);
        var options = new SyncOptions { Days = selected, Seed = Options.Seed(parsed), BatchDocuments = SyncCommand.BatchDocuments() };
        return await ShowAsync(progress => new Synchronizer(contract, source, servers.Warehouse, TimeProvider.System).RunAsync(options with { Progress = progress }, cancellation));
    }

    public async Task<ReconcileResult> ReconcileAsync(CancellationToken cancellation)
    {
        await using var source = new SourceFactory(servers!, selected, readsAll: true, Options.Seed(parsed)).Open(contract!);
        var options = new ReconcileOptions { Days = selected, Seed = Options.Seed(parsed) };
        return await ShowAsync(progress => new Reconciler(contract!, source, servers!.Warehouse, TimeProvider.System).RunAsync(options with { Progress = progress }, cancellation));
    }

    public async Task<string> ReportAsync(CancellationToken cancellation)
    {
        await ReportGate.WaitAsync(cancellation);
        try
        {
            return (await ReportCommand.WriteAsync(warehouse, target, cancellation)).Page;
        }
        finally
        {
            ReportGate.Release();
        }
    }

    Task<T> ShowAsync<T>(Func<ProgressView?, Task<T>> work) => shows ? ProgressDisplay.RunAsync(TimeProvider.System, view => work(view)) : work(null);

    public async ValueTask DisposeAsync()
    {
        if (servers is not null)
            await servers.DisposeAsync();
    }
}
