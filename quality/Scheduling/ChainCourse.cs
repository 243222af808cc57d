using Etl;
using Etl.Loading;
using Npgsql;
using Quality.Reconciliation;
using Quality.Scheduling.Metrics;

namespace Quality.Scheduling;

/// <summary>The steps of a chain, one after the other; what fails is a step's outcome, and only what cannot follow is left out.</summary>
/// <param name="save">Keeps a step that has ended; gives it back with the run that the journal knows of it.</param>
internal sealed class ChainCourse(string pipeline, TimeProvider time, Func<StepResult, Task<StepResult>> save)
{
    readonly List<StepResult> steps = [];

    public IReadOnlyList<StepResult> Steps => steps;

    /// <summary>The step that was begun last.</summary>
    public StepResult InHand { get; private set; } = new(Scheduling.Steps.Sync, time.GetUtcNow(), time.GetUtcNow(), null, "");

    public string? Page { get; private set; }

    public Exception? Fault { get; private set; }

    public Exception? Failure { get; private set; }

    public async Task RunAsync(IChainWork work, ChainMeter meter, CancellationToken cancellation)
    {
        if (await DoAsync(Scheduling.Steps.Sync, () => work.SyncAsync(cancellation), s => (s.OfTables.Verdict, s.OfTables.Reason, s.Run), cancellation, Building) is { } synced)
        {
            meter.Count(pipeline, synced);
            await MartsAsync(synced);
            if (await DoAsync(Scheduling.Steps.Reconcile, () => work.ReconcileAsync(cancellation), r => (r.Verdict, r.Reason, r.Run), cancellation) is { } compared)
                meter.Count(pipeline, compared);
        }
        else
        {
            await LeaveOutAsync(Scheduling.Steps.Marts);
            await LeaveOutAsync(Scheduling.Steps.Reconcile);
        }
        Page = await DoAsync(Scheduling.Steps.Report, () => work.ReportAsync(cancellation), page => (Verdict.Reconciled, $"Written to {page}", null), cancellation);
    }

    /// <param name="thereof">What of its time belongs to the next step.</param>
    async Task<T?> DoAsync<T>(string step, Func<Task<T>> work, Func<T, (Verdict, string, long?)> judge, CancellationToken cancellation, Func<T, TimeSpan>? thereof = null) where T : class
    {
        InHand = new StepResult(step, time.GetUtcNow(), time.GetUtcNow(), null, "");
        T? done = null;
        Exception? failed = null;
        try
        {
            done = await work();
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            failed = e;
        }
        if (failed is null)
        {
            var (verdict, reason, run) = judge(done!);
            await EndAsync(verdict, reason, run, time.GetUtcNow() - (thereof?.Invoke(done!) ?? TimeSpan.Zero));
            return done;
        }
        bool foreseen = failed is UnavailableException or NpgsqlException or UsageException;
        Failure ??= failed;
        Fault ??= foreseen ? null : failed;
        await EndAsync(Verdict.Unknown, foreseen ? failed.Message : $"Internal error, please report it: {failed.GetType().Name}: {failed.Message}", null, time.GetUtcNow());
        return null;
    }

    /// <summary>Marts are made at the end of the sync, under its lock: what is left to say is how they came out, and how long they took.</summary>
    async Task MartsAsync(SyncResult synced)
    {
        InHand = new StepResult(Scheduling.Steps.Marts, time.GetUtcNow() - Building(synced), time.GetUtcNow(), null, "");
        await EndAsync(synced.OfMarts.Verdict, synced.OfMarts.Trouble ?? $"{synced.Marts.Count} {(synced.Marts.Count == 1 ? "mart" : "marts")} built.", synced.Run, time.GetUtcNow());
    }

    static TimeSpan Building(SyncResult synced) => TimeSpan.FromMilliseconds(synced.Marts.Sum(m => m.Milliseconds));

    async Task LeaveOutAsync(string step)
    {
        InHand = new StepResult(step, time.GetUtcNow(), time.GetUtcNow(), null, "");
        await EndAsync(null, "Not run, because sync failed.", null, time.GetUtcNow());
    }

    async Task EndAsync(Verdict? verdict, string reason, long? run, DateTimeOffset ended) =>
        steps.Add(await save(InHand with { Ended = ended, Verdict = verdict, Reason = reason.ReplaceLineEndings(" "), Run = run }));
}
