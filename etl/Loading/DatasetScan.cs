using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Etl.Contracts;
using Etl.Flattening;
using Etl.Sources;
using Npgsql;

namespace Etl.Loading;

/// <summary>Reads one dataset to its end and loads it: in ranges, by several workers, each with a connection of its own.</summary>
/// <param name="journal">The run's connection; holds the pipeline's lock.</param>
internal sealed class DatasetScan(Contract contract, Dataset dataset, IDocumentSource source, Warehouse warehouse, NpgsqlConnection journal, Run run, TimeProvider time, SyncOptions options, ulong? clusterTime) : IDatasetLoad
{
    readonly DatasetBooks books = new(dataset);
    readonly Lock gate = new();
    long? expected;
    bool inOrder;
    QuarantineKeys keys = null!; // read before anything else
    Drift drift = Drift.None;
    IReadOnlyList<CheckResult> lostKeys = [];
    readonly Dictionary<(string Rule, string Path), long> warnings = [];

    public DocumentLedger Documents => books.Documents;

    public IReadOnlyList<TableLedger> Tables => books.Tables;

    /// <summary>What to know of the books.</summary>
    public List<string> Remarks { get; } = [];

    /// <summary>What the scan found out by the way: values on which documents disagree, keys that tables have lost.</summary>
    public List<CheckResult> Checks { get; } = [];

    public async Task RunAsync(CancellationToken cancellation)
    {
        keys = await QuarantineKeys.OpenAsync(journal, dataset, cancellation);
        expected = await source.EstimateAsync(dataset, cancellation);
        // What lies before the place where this run takes over was read by another run, perhaps long ago, perhaps from another server.
        // A sync shows the source as it is when it begins or later: so then the dataset is read once more; and also where documents
        // dispute a key, because who keeps it follows from their order.
        while (!await PassAsync(cancellation))
            books.ReadAgain();
    }

    /// <returns>False when the dataset must be read again.</returns>
    async Task<bool> PassAsync(CancellationToken cancellation)
    {
        var (scan, ranges, again) = await ResumeAsync(cancellation) is { } taken ? (taken.Scan, taken.Ranges, true) : await BeginAsync(cancellation);
        drift = Drift.None;
        warnings.Clear();
        bool contested = await ReadAsync(scan, ranges, cancellation), disputed = false;
        if (scan.FirstLoad)
        {
            if (contested && ranges.Count > 1 && dataset.Tables.Any(t => t.CanConflict))
            {
                books.Withdraw(books.Documents.Loaded, await ClearAsync(cancellation)); // who came first was chance
                disputed = inOrder = true;
            }
            var (documents, removed) = await MakeKeysAsync(cancellation);
            books.Withdraw(documents, removed);
            disputed |= documents > 0;
        }
        if (again)
            Remarks.Add($"Dataset '{dataset.Name}' was read to its end from where an interrupted sync had come to, then from its beginning, because what was read before may have changed since. The books count each document once.");
        if (disputed)
            Remarks.Add($"Dataset '{dataset.Name}' was read once more, in order, because documents claim each other's keys. The books count each document once.");
        again |= disputed;
        await FinishAsync(scan, isFinal: !again, cancellation);
        return !again;
    }

    /// <summary>Takes out again what a first load brought: the tables were empty when it began.</summary>
    async Task<IReadOnlyList<TableLedger>> ClearAsync(CancellationToken cancellation)
    {
        var tables = dataset.Tables.Where(t => !t.IsShared).Select(t => new TableLedger(t)).ToArray();
        await using var transaction = await journal.BeginTransactionAsync(cancellation);
        foreach (var table in tables)
            table.Removed = await journal.RunAsync($"DELETE FROM {table.Table.Sql}", cancellation);
        await LedgerSql.AddAsync(journal, run, new DocumentLedger(dataset.Name), tables, cancellation);
        await transaction.CommitAsync(cancellation);
        return tables;
    }

    /// <summary>A scan that was interrupted, if it can be gone on with.</summary>
    async Task<(Scan Scan, IReadOnlyList<Checkpoint> Ranges)?> ResumeAsync(CancellationToken cancellation)
    {
        // A selection of days is soon read anew; another one may have been asked for before.
        if (options.Days is not null || await Scan.ReadAsync(journal, contract.Pipeline, dataset, cancellation) is not { Complete: false } last)
            return null;
        // First claimed, then read: the run before may have lost its lock and not noticed yet, and may move a line until it is ours.
        await Checkpoint.ClaimAsync(journal, contract.Pipeline, dataset, run, cancellation);
        var ranges = await Checkpoint.ListAsync(journal, contract.Pipeline, dataset, cancellation);
        // What the tables have behind the last document is removed as gone. Where that document's id is of a type that fits no key,
        // the place cannot be found in the tables: then the scan begins again, which costs time and loses nothing.
        var loader = Loader(journal, last);
        if (last.ContractHash == contract.Hash && ranges.All(r => r.Position is null || loader.CanFind(r.Position)))
            return (last, ranges);
        if (last.FirstLoad && await KeyMaking.IsForAnotherAsync(journal, dataset, cancellation))
        {
            Add(await ClearAsync(cancellation)); // cut off behind this, the next run finds the same to do
            await KeyMaking.ChangeAsync(journal, dataset, cancellation);
        }
        else if (last.FirstLoad)
            Add((await MakeKeysAsync(cancellation)).Removed);
        return null;
    }

    async Task<(Scan Scan, IReadOnlyList<Checkpoint> Ranges, bool Resumed)> BeginAsync(CancellationToken cancellation)
    {
        var last = await Scan.ReadAsync(journal, contract.Pipeline, dataset, cancellation);
        // Versions grow from scan to scan, also when the source's clock does not.
        var version = new RowVersion(clusterTime ?? (ulong)run.Id, 0);
        if (last is not null && version.CompareTo(last.Version) <= 0)
            version = last.Version with { Ordinal = last.Version.Ordinal + 1 };
        bool isEmpty = true;
        foreach (var table in dataset.Tables.Where(t => !t.IsShared))
            isEmpty &= !await journal.ScalarAsync<bool>($"SELECT EXISTS (SELECT 1 FROM {table.Sql})", cancellation);
        lostKeys = await KeyMaking.RestoreAsync(journal, dataset.Tables.Where(t => t.IsShared || !isEmpty), cancellation);
        var scan = new Scan(contract.Pipeline, dataset.Name, (last?.Number ?? 0) + 1, false, isEmpty, version, contract.Hash, run.Id);
        var ranges = await DivideAsync(scan, cancellation);
        await using var transaction = await journal.BeginTransactionAsync(cancellation);
        await ClearCandidatesAsync(cancellation); // left by a scan that is not gone on with
        await scan.WriteAsync(journal, run, time, cancellation);
        await Checkpoint.ReplaceAsync(journal, contract.Pipeline, dataset, ranges, run, time, cancellation);
        await transaction.CommitAsync(cancellation);
        return (scan, ranges, false);
    }

    async Task<IReadOnlyList<Checkpoint>> DivideAsync(Scan scan, CancellationToken cancellation)
    {
        var loader = Loader(journal, scan);
        // A range's ends must be found in the tables too; ids of other types than the key's have no place there.
        byte[][] ends = options.Workers == 1 || inOrder || !await CanDivideAsync(scan, cancellation) ? []
            : [.. (await source.SplitAsync(dataset, options.Workers * SyncOptions.RangesPerWorker, cancellation)).Where(loader.CanFind)];
        return [.. Enumerable.Range(0, ends.Length + 1).Select(i => new Checkpoint(contract.Pipeline, dataset.Name, Checkpoint.NameOf(i, ends.Length + 1),
            new ScanRange(i == 0 ? null : ends[i - 1], i == ends.Length ? null : ends[i]), scan.Number, null, 0, false))];
    }

    /// <summary>
    /// Workers go at their own pace, so the order of documents is lost among them. That order decides who keeps a key which two documents claim.
    /// Where they cannot, it does not matter; in a first load without keys, disputes are found when the keys are made, and settled in order.
    /// </summary>
    async Task<bool> CanDivideAsync(Scan scan, CancellationToken cancellation)
    {
        foreach (var merge in dataset.Tables.Where(t => t.CanConflict).Select(t => new MergeSql(t)))
            // Into tables with triggers or partitions, batches go the careful way, which settles disputes at once, by the order in which it meets them.
            if (!scan.FirstLoad || await journal.ScalarAsync<bool>($"SELECT {merge.HasKey}", cancellation) || !await journal.ScalarAsync<bool>(merge.IsPlain(firstLoad: true), cancellation))
                return false;
        return true;
    }

    async Task ClearCandidatesAsync(CancellationToken cancellation)
    {
        foreach (var table in dataset.Tables.Where(t => t.IsShared))
            await journal.RunAsync(new MergeSql(table).ClearCandidates, cancellation);
    }

    BatchLoader Loader(NpgsqlConnection connection, Scan scan) => new(connection, contract, dataset, run, time, d => source.PositionOf(dataset, d.Span), keys)
    {
        IsFirstLoad = scan.FirstLoad,
        CommitsLazily = connection != journal,
    };

    /// <returns>Whether documents were found to claim each other's keys.</returns>
    async Task<bool> ReadAsync(Scan scan, IReadOnlyList<Checkpoint> ranges, CancellationToken cancellation)
    {
        var queue = new ConcurrentQueue<Checkpoint>(ranges.Where(r => !r.Complete));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        ExceptionDispatchInfo? first = null;
        var workers = Enumerable.Range(0, Math.Min(options.Workers, queue.Count)).Select(_ => Task.Run(async () =>
        {
            try
            {
                return await WorkAsync(scan, queue, stop.Token);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref first, ExceptionDispatchInfo.Capture(e), null);
                await stop.CancelAsync();
                throw;
            }
        }, CancellationToken.None)).ToArray();
        try
        {
            return (await Task.WhenAll(workers)).Any(contested => contested);
        }
        catch (Exception)
        {
            cancellation.ThrowIfCancellationRequested();
            first?.Throw(); // it stopped the others; theirs is only that they were stopped
            throw;
        }
    }

    async Task<bool> WorkAsync(Scan scan, ConcurrentQueue<Checkpoint> queue, CancellationToken stop)
    {
        await using var connection = await warehouse.OpenAsync(stop);
        var loader = Loader(connection, scan);
        // One pair of batches for all ranges: their buffers have grown to size.
        (DocumentBatch, DocumentBatch) batches = (new(options.BatchDocuments, options.BatchBytes), new(options.BatchDocuments, options.BatchBytes));
        while (queue.TryDequeue(out var range))
            await ReadRangeAsync(loader, batches, scan, range, stop);
        lock (gate)
        {
            drift = drift.Merge(loader.Drift);
            foreach (var (warning, count) in loader.Warnings)
                warnings[warning] = warnings.GetValueOrDefault(warning) + count;
        }
        return loader.IsContested;
    }

    async Task ReadRangeAsync(BatchLoader loader, (DocumentBatch First, DocumentBatch Second) batches, Scan scan, Checkpoint range, CancellationToken cancellation)
    {
        await loader.PrepareAsync(range.Range, range.Position, cancellation);
        await using var reading = source.Scan(dataset, range.Range, range.Position);
        var selector = DaySelector.For(dataset, options.Days);
        var skipped = selector is null ? null : new bool[options.BatchDocuments];
        await foreach (var batch in reading.BatchesAsync(batches.First, batches.Second, cancellation))
        {
            for (int i = 0; skipped is not null && i < batch.Count; i++)
                skipped[i] = batch.RefusedAt(i) is not null || !selector!.Selects(batch[i]);
            range = range with { Position = batch.Position, Documents = range.Documents + batch.Count };
            var (byDocument, byTable) = await loader.LoadAsync(batch, range, scan.Version, cancellation, skipped);
            books.Add(byDocument, byTable, read => options.Progress?.Report(new SyncProgress(dataset.Name, read, expected)));
        }
        Add(await loader.FinishRangeAsync(range, scan.Version, cancellation));
    }

    /// <summary>What was done to rows for no document's sake.</summary>
    void Add(IReadOnlyList<TableLedger> byTable) => books.Add(new DocumentLedger(dataset.Name), byTable);

    /// <returns>Documents that disputed a key, and the rows that were taken out with them.</returns>
    async Task<(long Documents, IReadOnlyList<TableLedger> Removed)> MakeKeysAsync(CancellationToken cancellation)
    {
        var (documents, removed) = await KeyMaking.CompleteAsync(journal, dataset, cancellation);
        await LedgerSql.AddAsync(journal, run, new DocumentLedger(dataset.Name), removed, cancellation);
        return (documents, removed);
    }

    /// <summary>Ends a scan: settles the shared dimensions, closes quarantine entries that no longer hold.</summary>
    /// <param name="isFinal">Whether the dataset is not read again in this run.</param>
    async Task FinishAsync(Scan scan, bool isFinal, CancellationToken cancellation)
    {
        var loader = Loader(journal, scan);
        await loader.PrepareAsync(ScanRange.Whole, null, cancellation);
        if (!isFinal)
            await ClearCandidatesAsync(cancellation); // of documents that are read again, and may yet be refused
        var (settled, disputed) = await loader.SettleAsync(scan.Version, async () =>
        {
            // What this scan did not refuse again is mended or gone; of days that nobody asked for it says nothing.
            if (options.Days is null || dataset.PartitionField is null)
                await journal.RunAsync("UPDATE quality.quarantine SET state = 'resolved' WHERE pipeline = $1 AND dataset = $2 AND state = 'open' AND last_run < $3",
                    cancellation, contract.Pipeline, dataset.Name, scan.FirstRun);
            await DriftWriter.WriteAsync(journal, run, dataset.Name, drift, cancellation);
            if (isFinal && books.Readings > 1)
                await CorrectAsync(cancellation);
            await (scan with { Complete = true }).WriteAsync(journal, run, time, cancellation);
        }, cancellation);
        Add(settled);
        if (!isFinal)
            return;
        Checks.AddRange(lostKeys);
        Checks.AddRange(warnings.Select(w => new CheckResult(dataset.RootTable.QualifiedName, w.Key.Path, w.Key.Rule, w.Value, []) { Name = "warns only", Unit = "documents" }));
        Checks.AddRange(disputed.GroupBy(d => d.Table.QualifiedName).Select(g => new CheckResult(g.Key, string.Join(", ", g.First().Table.Key), "disputed", g.Count(),
                [.. g.Take(5).Select(d => new CheckSample(d.Shown, d.Values))])));
    }

    /// <summary>Until here the journal has every reading: a run that dies in the second has its books all the same.</summary>
    async Task CorrectAsync(CancellationToken cancellation)
    {
        var (byDocument, byTable) = books.Correction();
        await LedgerSql.AddAsync(journal, run, byDocument, byTable, cancellation);
    }
}
