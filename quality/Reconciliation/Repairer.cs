using Etl.Contracts;
using Etl.Loading;
using Etl.Marts;
using Etl.Sources;
using Etl.Validation;
using Npgsql;

namespace Quality.Reconciliation;

/// <summary>
/// Mends exactly what a reconciliation finds: documents behind missing and changed rows are read anew and written through the
/// loading path, whatever their rows' _hash says. Then everything is compared once more.
/// </summary>
public sealed class Repairer(Contract contract, IDocumentSource source, Warehouse warehouse, TimeProvider time)
{
    /// <param name="deleteUnexpected">Also remove rows that the source does not know, leaving tombstones.</param>
    /// <param name="dryRun">Only find out what would be done.</param>
    public async Task<RepairResult> RunAsync(ReconcileOptions options, bool deleteUnexpected, CancellationToken cancellation, bool dryRun = false)
    {
        var plan = new RepairPlan(deleteUnexpected);
        var reconciler = new Reconciler(contract, source, warehouse, time) { OnDifference = plan.Add };
        var before = await reconciler.RunAsync(options, cancellation);
        plan.LeaveUnreferenced(before);
        long left = deleteUnexpected ? 0 : before.Tables.Where(t => !t.Table.IsDerived).Sum(t => t.Unexpected);
        if (dryRun || plan.IsEmpty)
            return new RepairResult(null, before, before, 0, 0, left) { Plan = plan.Steps, IsDryRun = dryRun };
        var (run, rewritten, removed, marts) = await MendAsync(plan, before, options, cancellation);
        var after = await new Reconciler(contract, source, warehouse, time).RunAsync(options with { Again = " once more" }, cancellation);
        // A key that stood twice went with both its rows; the rightful one is a missing row now.
        if (removed > 0 && after.Tables.Any(t => t.Missing > 0))
        {
            var second = await RunAsync(options with { Again = " once more" }, deleteUnexpected: false, cancellation);
            (after, rewritten, marts) = (second.After, rewritten + second.Rewritten, second.Marts ?? marts);
        }
        if (after.Verdict == Verdict.Reconciled)
            await using (var connection = await warehouse.OpenAsync(cancellation))
                await ReconciliationJournal.MarkRepairedAsync(connection, before.Run, cancellation);
        return new RepairResult(run, before, after, rewritten, removed, left) { Marts = marts, Plan = plan.Steps };
    }

    async Task<(long Run, long Rewritten, long Removed, MartBuild Marts)> MendAsync(RepairPlan plan, ReconcileResult before, ReconcileOptions options, CancellationToken cancellation)
    {
        var (documents, unexpected, derived) = (plan.Documents, plan.Unexpected, plan.Derived);
        await using var connection = await warehouse.OpenAsync(cancellation);
        await using var held = await PipelineLock.TakeAsync(connection, contract.Pipeline, time, cancellation);
        var run = await Run.BeginAsync(connection, contract, "repair", before.Source, options.Seed, time, cancellation);
        long rewritten = 0, removed = 0;
        try
        {
            var version = !contract.Datasets.Any(d => d.IsOrdered) ? default : new RowVersion((await source.DescribeAsync(cancellation)).ClusterTime ?? (ulong)run.Id, 0);
            foreach (var dataset in contract.Datasets.Where(d => !d.IsOrdered))
            {
                var (written, gone) = await MendEventsAsync(connection, run, dataset, documents.GetValueOrDefault((dataset, false)), unexpected.GetValueOrDefault(dataset.RootTable) ?? [], derived, cancellation);
                (rewritten, removed) = (rewritten + written, removed + gone);
            }
            foreach (var dataset in contract.Datasets.Where(d => d.IsOrdered))
            {
                var names = await QuarantineKeys.OpenAsync(connection, dataset, cancellation);
                foreach (bool forShared in (bool[])[false, true])
                    if (documents.TryGetValue((dataset, forShared), out var positions))
                    {
                        var claimants = await ClaimantsAsync(connection, dataset, cancellation);
                        rewritten += await RewriteAsync(Loader(dataset, forShared, names), dataset, [.. positions.Values.Where(p => !claimants.Contains(names.Of(p)))], version, options, cancellation);
                    }
                foreach (var table in dataset.Tables)
                    if (unexpected.TryGetValue(table, out var keys) && keys.Count > 0)
                        removed += (await Loader(dataset, false, names).RemoveKeysAsync(table, keys, version, cancellation)).Removed;
            }
            await plan.SaveAsync(connection, run, contract.Pipeline, before.Run, time, cancellation);
            var marts = await new MartBuilder(connection, contract, run, time).RunAsync(cancellation);
            await run.EndAsync(connection, marts.Verdict, $"{rewritten:N0} documents written anew, {removed:N0} rows removed that the source does not know.{(marts.Trouble is { } trouble ? " " + trouble : "")}", cancellation);
            return (run.Id, rewritten, removed, marts);
        }
        catch (Exception e)
        {
            await run.FailAsync(warehouse, e);
            throw;
        }

        BatchLoader Loader(Dataset dataset, bool fillsShared, QuarantineKeys keys) =>
            new(connection, contract, dataset, run, time, d => source.PositionOf(dataset, d.Span), keys) { Repairing = true, FillsShared = fillsShared };
    }

    /// <summary>Rows of events are written anew from the documents that count for their keys; then whatever follows from them, where it differed.</summary>
    async Task<(long Rewritten, long Removed)> MendEventsAsync(NpgsqlConnection connection, Run run, Dataset dataset, Dictionary<string, byte[]>? documents, List<string> unexpected,
        Dictionary<Table, List<string>> derived, CancellationToken cancellation)
    {
        var follow = dataset.Derived.Where(d => derived.ContainsKey(d.Table)).ToArray();
        if (documents is null && unexpected.Count == 0 && follow.Length == 0)
            return (0, 0);
        var origin = KeptMessages.InPlaceOf(source, dataset, warehouse, contract.Pipeline);
        await using var loader = new EventLoader(connection, contract, dataset, run, time, origin, await QuarantineKeys.OpenAsync(connection, dataset, cancellation)) { Repairing = true, ResolvesAccepted = true };
        await loader.PrepareAsync(cancellation);
        var scan = await Scan.ReadAsync(connection, contract.Pipeline, dataset, cancellation);
        var version = new RowVersion((ulong)run.Id, 0);
        long rewritten = 0;
        foreach (byte[][] some in (documents?.Values ?? Enumerable.Empty<byte[]>()).Chunk(PositionsAtATime))
        {
            await using var reading = origin.Pick(dataset, some);
            var batch = new DocumentBatch();
            while (await reading.ReadAsync(batch, cancellation))
            {
                await loader.RewriteAsync(batch, scan?.Number ?? 1, version, cancellation);
                rewritten += batch.Count;
            }
        }
        long removed = unexpected.Count == 0 ? 0 : await loader.RemoveKeysAsync(unexpected, version, cancellation);
        foreach (var table in follow)
            await loader.DeriveAsync(table, [.. derived[table.Table].Select(k => k[1..^1]).Where(k => k.Length > 0)], version, cancellation);
        return (rewritten, removed);
    }

    const int PositionsAtATime = 1_000;

    /// <summary>
    /// Documents in quarantine because they claim a key that another document has. Who keeps a key follows from the order of a whole scan;
    /// written alone, such a document would take the other's rows. They wait for the next sync, and stay differences until then.
    /// </summary>
    async Task<HashSet<string>> ClaimantsAsync(NpgsqlConnection connection, Dataset dataset, CancellationToken cancellation) =>
        [.. await connection.ListAsync<string>("SELECT document_key FROM quality.quarantine WHERE pipeline = $1 AND dataset = $2 AND state = 'open' AND rule = $3",
            cancellation, contract.Pipeline, dataset.Name, RuleNames.KeyConflict)];

    async Task<long> RewriteAsync(BatchLoader loader, Dataset dataset, IReadOnlyList<byte[]> positions, RowVersion version, ReconcileOptions options, CancellationToken cancellation)
    {
        long rewritten = 0;
        var tell = options.Tell($"{dataset.Name} written anew", ReconcileOptions.Documents, positions.Count);
        await loader.PrepareAsync(ScanRange.Whole, null, cancellation);
        foreach (byte[][] some in positions.Chunk(PositionsAtATime))
        {
            await using var scan = source.Pick(dataset, some);
            var batch = new DocumentBatch();
            while (await scan.ReadAsync(batch, cancellation))
            {
                await loader.LoadAsync(batch, checkpoint: null, version, cancellation);
                rewritten += batch.Count;
                tell?.Invoke(rewritten);
            }
        }
        await loader.SettleAsync(version, () => Task.CompletedTask, cancellation);
        return rewritten;
    }
}
