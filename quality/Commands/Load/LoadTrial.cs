using System.Collections.Concurrent;
using Chaos.Load;
using Etl;
using Etl.Contracts;
using Etl.Loading;
using Etl.Sources;
using Etl.Sources.Mongo;
using Quality.Reconciliation;

namespace Quality.Commands.Load;

/// <summary>One scenario, from an empty database to the last reconciliation, which says whether anything was lost under load.</summary>
/// <param name="connection">For the writers; null: the scenario writes nothing.</param>
internal sealed class LoadTrial(Contract contract, IDocumentSource source, MongoConnection? connection, LoadWarehouse warehouse, LoadSettings settings, TimeProvider time)
{
    /// <summary>There before the load begins, so that there is something to change and delete.</summary>
    const int WrittenBefore = 200;

    /// <summary>In the midst of a spike so many times the rate, for this share of the time.</summary>
    const int SpikeTimes = 10;
    const double SpikeShare = 0.2;

    static readonly TimeSpan Second = TimeSpan.FromSeconds(1), LongestWarmUp = TimeSpan.FromSeconds(5), Moment = TimeSpan.FromMilliseconds(1);

    readonly ConcurrentQueue<string> falseAlarms = [];
    SourceWriter? writer;

    public async Task<LoadOutcome> RunAsync(LoadScenario scenario, CancellationToken cancellation)
    {
        var duration = settings.Duration ?? scenario.Lasts;
        var began = time.GetUtcNow();
        await warehouse.RenewAsync(cancellation);
        string? left = null;
        try
        {
            if (scenario.Writes)
                await PrepareAsync(cancellation);
            using var memory = new MemoryWatch(time);
            var steps = await new LoadInjector(time).RunAsync(Workloads(scenario, duration), settings.Seed, cancellation);
            var thresholds = settings.Thresholds.SelectMany(t => t.Judge(steps)).ToList();
            if (scenario == LoadScenario.Soak)
                thresholds.Add(memory.JudgeFlat(scenario.Name));
            var (verdict, reason) = Judge(steps, thresholds, await FinishAsync(scenario, cancellation));
            left = await RemoveAsync();
            return new LoadOutcome(scenario, began, time.GetUtcNow() - began, scenario.Writes ? settings.Rate : 0,
                left is null ? verdict : new[] { verdict, Verdict.Unknown }.Worst(), left is null ? reason : $"{reason} {left}", memory.Peak, thresholds, steps);
        }
        catch
        {
            if (await RemoveAsync() is { } remains)
                Terminal.Say(remains);
            throw;
        }
    }

    /// <summary>Both sides are alike when the load begins.</summary>
    async Task PrepareAsync(CancellationToken cancellation)
    {
        writer = await SourceWriter.OpenAsync(connection!, source, contract, settings.Seed, cancellation);
        var random = new Random(settings.Seed);
        for (int i = 0; i < WrittenBefore; i++)
            await writer.InsertAsync(random, cancellation);
        await SyncAsync(null, cancellation);
    }

    IReadOnlyList<Workload> Workloads(LoadScenario scenario, TimeSpan duration)
    {
        var warmUp = duration / 5 < LongestWarmUp ? duration / 5 : LongestWarmUp;
        LoadStep insert = new(LoadScenario.Insert, 3, (step, stop) => WriteAsync(step, writer!.InsertAsync, stop)),
            update = new(LoadScenario.Update, 2, (step, stop) => WriteAsync(step, writer!.UpdateAsync, stop)),
            delete = new(LoadScenario.Delete, 1, (step, stop) => WriteAsync(step, writer!.DeleteAsync, stop));
        LoadPhase[] steady = [Writes(settings.Rate, duration)];
        LoadPhase[] spike = [Writes(settings.Rate, duration * ((1 - SpikeShare) / 2)), Writes(settings.Rate * SpikeTimes, duration * SpikeShare), Writes(settings.Rate, duration * ((1 - SpikeShare) / 2))];
        Workload Writers(LoadPhase[] phases, params LoadStep[] steps) => new("writers", phases, steps) { WarmUp = warmUp };
        // A warm-up is the first phase once more: here a pause, while the writers warm up.
        Workload InTurn(string name, string step, Func<StepContext, CancellationToken, Task> run) =>
            new(name, [new LoadPhase.Pause(Moment), new LoadPhase.KeepConstant(1, duration)], [new LoadStep(step, 1, run)]) { WarmUp = scenario.Writes ? warmUp : default };
        var syncs = InTurn("syncs", LoadScenario.Sync, SyncAsync);

        if (scenario == LoadScenario.Snapshot)
            return [InTurn("snapshots", LoadScenario.Sync, SnapshotAsync)];
        if (scenario == LoadScenario.ReconcileUnderLoad)
            return [Writers(steady, insert), InTurn("reconciliations", LoadScenario.Reconcile, ReconcileAsync)];
        if (scenario == LoadScenario.Spike)
            return [Writers(spike, insert, update, delete), syncs];
        // What stays must not grow with time, or memory would.
        return scenario == LoadScenario.Soak ? [Writers(steady, insert with { Weight = 1 }, update with { Weight = 1 }, delete), syncs]
            : [Writers(steady, insert, update, delete), syncs];
    }

    static LoadPhase Writes(int rate, TimeSpan during) => new LoadPhase.Inject(rate, Second, during);

    static async Task WriteAsync(StepContext step, Func<Random, CancellationToken, Task> write, CancellationToken cancellation)
    {
        await write(step.Random, cancellation);
        step.Done(1);
    }

    /// <summary>The whole source into an empty warehouse. Emptying it belongs to the round, and takes a fraction of a second.</summary>
    async Task SnapshotAsync(StepContext step, CancellationToken cancellation)
    {
        await warehouse.RenewAsync(cancellation);
        await SyncAsync(step, cancellation);
    }

    async Task SyncAsync(StepContext? step, CancellationToken cancellation)
    {
        var count = step is null ? null : new DocumentCount(step);
        var result = await new Synchronizer(contract, source, warehouse.Current, time).RunAsync(new SyncOptions { Seed = settings.Seed, Progress = count }, cancellation);
        foreach (var books in result.Documents)
            count?.Reached(books.Dataset, books.Read);
    }

    /// <summary>While only new documents come, they alone may be reported, and only as missing: the warehouse stands still.</summary>
    async Task ReconcileAsync(StepContext step, CancellationToken cancellation)
    {
        var missing = new ConcurrentDictionary<Dataset, ConcurrentBag<string>>();
        int others = 0;
        var reconciler = new Reconciler(contract, source, warehouse.Current, time)
        {
            OnDifference = difference =>
            {
                if (difference is { Kind: DifferenceKind.Missing, Position: { } position })
                    missing.GetOrAdd(difference.Table.Dataset, _ => []).Add(Convert.ToHexString(position));
                else if (!difference.Table.IsShared) // dimension rows that nothing refers to are told here too, and set apart afterwards
                    Interlocked.Increment(ref others);
            },
        };
        await reconciler.RunAsync(new ReconcileOptions { Seed = settings.Seed, Progress = new DocumentCount(step) }, cancellation);
        int alarms = others + missing.Sum(m => m.Value.Distinct().Except(writer!.PositionsOf(m.Key)).Count());
        if (alarms == 0)
            return;
        falseAlarms.Enqueue($"A reconciliation under load reported {alarms:N0} differences that the load did not make.");
        throw new InvalidOperationException("differences were reported that the load did not make");
    }

    /// <summary>The writers have stopped: one more sync, and both sides must be equal.</summary>
    async Task<ReconcileResult> FinishAsync(LoadScenario scenario, CancellationToken cancellation)
    {
        if (scenario.Writes)
            await SyncAsync(null, cancellation);
        return await new Reconciler(contract, source, warehouse.Current, time).RunAsync(new ReconcileOptions { Seed = settings.Seed }, cancellation);
    }

    (Verdict, string) Judge(IReadOnlyList<StepResult> steps, IReadOnlyList<ThresholdResult> thresholds, ReconcileResult after)
    {
        if (after.Verdict == Verdict.Mismatched)
            return (Verdict.Mismatched, $"After the load, source and warehouse differ: {after.Reason}");
        if (falseAlarms.TryPeek(out string? alarm))
            return (Verdict.Mismatched, alarm);
        if (thresholds.Where(t => !t.Holds).ToList() is [var first, ..] broken)
            return (Verdict.Mismatched, $"{broken.Count} of {thresholds.Count} thresholds were passed; '{first.Threshold}': {first.Step} {first.Measured}.");
        if (steps.GroupBy(s => s.Workload).FirstOrDefault(w => w.All(s => s.Operations == 0)) is { } idle)
            return (Verdict.Unknown, $"The load was not put on: no operation of the {idle.Key} ended well{(idle.SelectMany(s => s.Reasons).FirstOrDefault() is { } why ? $": {why.Reason}" : ".")}");
        if (after.Verdict == Verdict.Unknown)
            return (Verdict.Unknown, $"After the load nothing is known of both sides: {after.Reason}");
        long failed = steps.Sum(s => s.Failed);
        return (Verdict.Reconciled, $"{steps.Sum(s => s.Operations):N0} operations ended well, {failed:N0} failed; afterwards {after.Tables.Sum(t => t.Matched):N0} rows equal their source.");
    }

    /// <summary>The source as it was before.</summary>
    /// <returns>What could not be taken out; null: nothing is left.</returns>
    async Task<string?> RemoveAsync()
    {
        if (writer is null)
            return null;
        try
        {
            await writer.RemoveAllAsync(CancellationToken.None);
            return null;
        }
        catch (Exception e) when (e is MongoException or UnavailableException)
        {
            return $"About {writer.Written:N0} documents that the load wrote could not be taken out of {connection!.Address}: {e.Message}";
        }
    }
}
