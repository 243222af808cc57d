using Etl;
using Etl.Contracts;
using Etl.Loading;
using Etl.Sources;
using Quality.Reconciliation;
using Quality.Scheduling;
using Tests.Shared;

namespace Quality.Tests.Scheduling;

/// <summary>Steps that end as a test plans them; each with a run in the journal, as real ones have.</summary>
sealed class PlannedWork(string warehouse) : IChainWork
{
    public Func<CancellationToken, Task<(Verdict, string)>> Sync { get; set; } = _ => Right();

    public (Verdict, string?) Marts { get; set; } = (Verdict.Reconciled, null);

    public Func<CancellationToken, Task<(Verdict, string)>> Reconcile { get; set; } = _ => Right();

    public Func<string> Report { get; set; } = () => "/report.html";

    public int Opened { get; set; }

    public int Synced { get; private set; }

    public static Task<(Verdict, string)> Right() => Task.FromResult((Verdict.Reconciled, "All is well."));

    public static Func<CancellationToken, Task<(Verdict, string)>> Wrong(string reason) => _ => Task.FromResult((Verdict.Mismatched, reason));

    public static Func<CancellationToken, Task<(Verdict, string)>> Unreachable(string reason) => _ => throw new UnavailableException(reason);

    public async Task<SyncResult> SyncAsync(CancellationToken cancellation)
    {
        Synced++;
        var (verdict, reason) = await Sync(cancellation);
        return new SyncResult(await RunAsync("sync"), verdict, reason, "memory", [], [], [], SourceEffort.None) { OfMarts = Marts };
    }

    public async Task<ReconcileResult> ReconcileAsync(CancellationToken cancellation)
    {
        var (verdict, reason) = await Reconcile(cancellation);
        return new ReconcileResult(await RunAsync("reconcile"), verdict, reason, "memory", []);
    }

    async Task<long> RunAsync(string command) =>
        (long)(await Postgres.ScalarAsync(warehouse, $"INSERT INTO quality.runs (pipeline, command, host, process_id, started_at) VALUES ('p', '{command}', 'h', 1, now()) RETURNING id"))!;

    public Task<string> ReportAsync(CancellationToken cancellation) => Task.FromResult(Report());

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
