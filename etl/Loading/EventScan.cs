using Etl.Contracts;
using Etl.Flattening;
using Etl.Sources;
using Npgsql;

namespace Etl.Loading;

/// <summary>
/// Reads a dataset of events, or one that is read by position, to its end and loads it. It always begins anew: what was loaded before is
/// recognised, and costs little; what came late, anywhere in the source, is found.
/// </summary>
internal sealed class EventScan(Contract contract, Dataset dataset, IDocumentSource source, Warehouse warehouse, NpgsqlConnection journal, Run run, TimeProvider time, SyncOptions options) : IDatasetLoad
{
    readonly TableLedger[] tables = [.. dataset.AllTables.Select(t => new TableLedger(t))];

    public DocumentLedger Documents { get; } = new(dataset.Name);

    public IReadOnlyList<TableLedger> Tables => tables;

    public List<string> Remarks { get; } = [];

    public List<CheckResult> Checks { get; } = [];

    long? expected;
    int undurable;

    public async Task RunAsync(CancellationToken cancellation)
    {
        await EnsureKeyAsync(cancellation);
        expected = await source.EstimateAsync(dataset, cancellation);
        var last = await Scan.ReadAsync(journal, contract.Pipeline, dataset, cancellation);
        var version = new RowVersion((ulong)run.Id, 0);
        if (last is not null && version.CompareTo(last.Version) <= 0)
            version = last.Version with { Ordinal = last.Version.Ordinal + 1 };
        var scan = new Scan(contract.Pipeline, dataset.Name, (last?.Number ?? 0) + 1, false, false, version, contract.Hash, run.Id);
        var range = DaySelector.RangeOf(dataset, options.Days);
        var checkpoint = new Checkpoint(contract.Pipeline, dataset.Name, Checkpoint.WholeRange, range, scan.Number, null, 0, false);
        await using (var transaction = await journal.BeginTransactionAsync(cancellation))
        {
            await scan.WriteAsync(journal, run, time, cancellation);
            await Checkpoint.ReplaceAsync(journal, contract.Pipeline, dataset, [checkpoint], run, time, cancellation);
            await transaction.CommitAsync(cancellation);
        }

        await using var connection = await warehouse.OpenAsync(cancellation);
        if (!source.IsTransient && !source.ReadsNewOnly)
            await connection.RunAsync("SET synchronous_commit = off", cancellation); // whatever a dying server takes is read again
        await using var loader = new EventLoader(connection, contract, dataset, run, time, source, await QuarantineKeys.OpenAsync(journal, dataset, cancellation))
        {
            RememberedKeys = options.RememberedKeys,
            ResolvesAccepted = !ReadsAll && await journal.ScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM quality.quarantine WHERE pipeline = $1 AND dataset = $2 AND state = 'open')", cancellation, contract.Pipeline, dataset.Name),
        };
        await loader.PrepareAsync(cancellation);
        if (last?.ContractHash != contract.Hash)
            Add(new DocumentLedger(dataset.Name), await loader.DeriveAsync(t => connection.RunAsync(t.TouchAll, cancellation), version, cancellation));
        checkpoint = await ReadAsync(loader, scan, checkpoint, cancellation);
        if (options.Days is { } days)
            await RebuildAsync(loader, connection, days, version, cancellation);
        await FinishAsync(loader, scan, checkpoint, cancellation);
    }

    /// <summary>What is in a queue is taken out whole, whatever days are wanted: what was left there could not be told from what is new.</summary>
    DaySelector? Selector => source.IsTransient ? null : DaySelector.For(dataset, options.Days);

    async Task<Checkpoint> ReadAsync(EventLoader loader, Scan scan, Checkpoint checkpoint, CancellationToken cancellation)
    {
        var selector = Selector;
        var order = new EventOrder(dataset, (uint)scan.Number, source.IsTransient);
        var positions = Array.Empty<EventPosition>();
        var (versions, skipped) = (Array.Empty<RowVersion>(), Array.Empty<bool>());
        ulong? open = null;
        long inUnit = 0;
        byte[]? lastPosition = null;
        await using var reading = source.Scan(dataset, checkpoint.Range, null);
        if (dataset.LoadsEvents)
            reading.AllowRestarts();

        async Task CommitAsync(bool isWhole)
        {
            checkpoint = checkpoint with { Position = lastPosition, Documents = checkpoint.Documents + inUnit };
            var (byDocument, byTable) = await loader.CommitAsync(checkpoint, isWhole, scan.Version, cancellation);
            Add(byDocument, byTable);
            (open, inUnit) = (null, 0);
        }

        await foreach (var batch in reading.BatchesAsync(options.BatchDocuments, options.BatchBytes, cancellation))
        {
            if (batch.Restarts)
            {
                await loader.AbandonAsync(cancellation);
                (open, inUnit) = (null, 0);
            }
            if (positions.Length < batch.Count)
                (positions, versions, skipped) = (new EventPosition[batch.Count], new RowVersion[batch.Count], new bool[batch.Count]);
            for (int i = 0; i < batch.Count; i++)
            {
                positions[i] = EventPosition.Of(batch.RefusedAt(i)?.Position ?? batch[i]);
                versions[i] = order.Next(positions[i]);
                skipped[i] = selector is not null && batch.RefusedAt(i) is null && !selector.Selects(batch[i]);
                if (skipped[i])
                    reading.Leave(batch[i]);
            }
            for (int first = 0, end; first < batch.Count; first = end)
            {
                var whole = order.WholeOf(positions[first]);
                for (end = first + 1; end < batch.Count && order.WholeOf(positions[end]) == whole; end++)
                {
                }
                if (loader.IsOpen && whole != open)
                {
                    await CommitAsync(isWhole: false);
                    await TellAsync(reading, cancellation);
                }
                await loader.AddAsync(batch, first, end, skipped, versions, isAlone: whole is null, PartitionOf(positions[first]), cancellation);
                inUnit += end - first;
                lastPosition = batch.RefusedAt(end - 1)?.Position ?? source.PositionOf(dataset, batch[end - 1]);
                open = whole;
                if (whole is null)
                    await CommitAsync(isWhole: false);
            }
            undurable++;
            if (!loader.IsOpen)
                await TellAsync(reading, cancellation);
        }
        if (loader.IsOpen || !dataset.LoadsEvents)
            await CommitAsync(isWhole: !dataset.LoadsEvents && ReadsAll);
        await TellAsync(reading, cancellation);
        return checkpoint;
    }

    /// <summary>Batches of which everything is committed may be forgotten by their source.</summary>
    async Task TellAsync(IDocumentScan reading, CancellationToken cancellation)
    {
        for (; undurable > 0; undurable--)
            await reading.CommittedAsync(cancellation);
    }

    static string PartitionOf(in EventPosition position) => position.Day ? position.DayText : Checkpoint.WholeRange;

    /// <summary>Derived tables of the days asked for, made anew from events that are there: a table edited by hand is mended by it.</summary>
    async Task RebuildAsync(EventLoader loader, NpgsqlConnection connection, DayRange days, RowVersion version, CancellationToken cancellation)
    {
        if (dataset.Derived.Count == 0 || dataset.PartitionField is not { } field || dataset.PlaceOf(field) is not (_, var column))
            return;
        Add(new DocumentLedger(dataset.Name), await loader.DeriveAsync(t => connection.RunAsync(t.TouchDays(column), cancellation, days.Start, days.End), version, cancellation));
    }

    async Task FinishAsync(EventLoader loader, Scan scan, Checkpoint checkpoint, CancellationToken cancellation)
    {
        await using var transaction = await journal.BeginTransactionAsync(cancellation);
        await ResolveAsync(cancellation);
        await DriftWriter.WriteAsync(journal, run, dataset.Name, loader.Drift, cancellation);
        await (checkpoint with { Complete = true }).WriteAsync(journal, run, time, [], cancellation);
        await (scan with { Complete = true }).WriteAsync(journal, run, time, cancellation);
        await transaction.CommitAsync(cancellation);
        Checks.AddRange(loader.Warnings.Select(w => new CheckResult(dataset.RootTable.QualifiedName, w.Key.Path, w.Key.Rule, w.Value, []) { Name = "warns only", Unit = "documents" }));
    }

    /// <summary>Whether the reading is of everything that there is: then what it does not refuse is mended or gone.</summary>
    bool ReadsAll => options.Days is null && !source.IsTransient && !source.ReadsNewOnly;

    Task ResolveAsync(CancellationToken cancellation) => !ReadsAll ? Task.CompletedTask
        : journal.RunAsync("UPDATE quality.quarantine SET state = 'resolved' WHERE pipeline = $1 AND dataset = $2 AND state = 'open' AND last_run < $3", cancellation, contract.Pipeline, dataset.Name, run.Id);

    /// <summary>Who wins a key is decided by looking it up; without its index that would be a walk through the table for each batch.</summary>
    async Task EnsureKeyAsync(CancellationToken cancellation)
    {
        foreach (var table in dataset.AllTables)
        {
            var merge = new MergeSql(table);
            if (await journal.ScalarAsync<bool>($"SELECT {merge.HasKey} OR NOT {merge.CanHaveKey}", cancellation))
                continue;
            try
            {
                await journal.RunAsync(TableSql.AddKey(table), cancellation);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
            {
                throw new UnavailableException($"Table {table.QualifiedName} has lost its primary key and has rows that share one: {e.Detail} Remove the superfluous rows, or the table, and sync again.", e);
            }
        }
    }

    void Add(DocumentLedger byDocument, IReadOnlyList<TableLedger> byTable)
    {
        Documents.Add(byDocument);
        foreach (var (own, more) in tables.Zip(byTable))
            own.Add(more);
        if (byDocument.Read > 0)
            options.Progress?.Report(new SyncProgress(dataset.Name, Documents.Read, expected));
    }
}
