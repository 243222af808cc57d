using Etl.Contracts;
using Etl.Flattening;
using Etl.Sources;
using Npgsql;

namespace Etl.Loading;

/// <summary>Brings the warehouse's tables to the state of the source, dataset by dataset.</summary>
/// <remarks>Killed at any point, the next run goes on after the last committed batch and ends with the same content.</remarks>
public sealed class Synchronizer(Contract contract, IDocumentSource source, Warehouse warehouse, TimeProvider time)
{
    /// <exception cref="UnavailableException">A server, a collection or the pipeline's lock cannot be had.</exception>
    public async Task<SyncResult> RunAsync(SyncOptions options, CancellationToken cancellation)
    {
        var datasets = options.Datasets ?? contract.Datasets;
        var described = await source.DescribeAsync(cancellation);
        await using var connection = await warehouse.OpenJournalAsync(time, cancellation);
        await using var held = await PipelineLock.TakeAsync(connection, contract.Pipeline, time, cancellation);
        var run = await Run.BeginAsync(connection, contract, "sync", described.Name, options.Seed, time, cancellation);
        try
        {
            var missing = await source.FindMissingAsync(datasets, cancellation);
            if (missing.Count > 0)
                throw new UnavailableException(string.Join(' ', missing.Select(m => m.Message)) + " Nothing was loaded.");
            var result = await RunAsync(datasets, described, run, connection, options, cancellation);
            await run.EndAsync(connection, result.Verdict, result.Reason, cancellation);
            return result;
        }
        catch (NpgsqlException e)
        {
            var failure = warehouse.Explain(e);
            await run.FailAsync(warehouse, failure);
            throw failure;
        }
        catch (Exception e)
        {
            await run.FailAsync(warehouse, e);
            throw;
        }
    }

    async Task<SyncResult> RunAsync(IReadOnlyList<Dataset> datasets, SourceDescription described, Run run, NpgsqlConnection connection, SyncOptions options, CancellationToken cancellation)
    {
        var tables = datasets.SelectMany(d => d.Tables).ToArray();
        foreach (var table in await TablePreparation.RunAsync(connection, tables, cancellation))
            await ForgetDroppedColumnAsync(table, connection, cancellation);
        var books = tables.ToDictionary(t => t.QualifiedName, t => new TableLedger(t));
        foreach (var table in books.Values)
            table.RowsBefore = await CountAsync(connection, table.Table, cancellation);

        var documents = new List<DocumentLedger>();
        var checks = new List<CheckResult>();
        foreach (var dataset in datasets)
        {
            await LedgerSql.AddAsync(connection, run, new DocumentLedger(dataset.Name), [.. dataset.Tables.Select(t => new TableLedger(t) { RowsBefore = books[t.QualifiedName].RowsBefore })], cancellation);
            documents.Add(await LoadAsync(dataset, described, run, connection, books, checks, options, cancellation));
        }
        foreach (var table in books.Values)
        {
            if (table.Inserted + table.Updated + table.Removed > 0)
                await connection.RunAsync($"ANALYZE {table.Table.Sql}", cancellation); // the next run must not plan for the table as it was
            table.RowsAfter = await CountAsync(connection, table.Table, cancellation);
            await LedgerSql.SetRowsAfterAsync(connection, run, table, cancellation);
        }
        checks.AddRange(await UniquenessCheck.RunAsync(connection, tables, cancellation));
        await UniquenessCheck.SaveAsync(connection, run, contract.Pipeline, checks, cancellation);
        var (verdict, reason) = Judge(datasets, documents, [.. books.Values]);
        return new SyncResult(run.Id, verdict, reason, described.Name, documents, [.. books.Values], checks);
    }

    /// <summary>A column that the same contract had before was dropped by hand: its values are gone, while the rows' hashes say that nothing changed.</summary>
    async Task ForgetDroppedColumnAsync(Table table, NpgsqlConnection connection, CancellationToken cancellation)
    {
        if (await Checkpoint.ReadAsync(connection, contract.Pipeline, table.Dataset, cancellation) is { } last && last.ContractHash == contract.Hash)
            await connection.RunAsync(new MergeSql(table).ForgetHashes, cancellation);
    }

    static Task<long> CountAsync(NpgsqlConnection connection, Table table, CancellationToken cancellation) =>
        connection.ScalarAsync<long>($"SELECT count(*) FROM {table.Sql}", cancellation);

    async Task<DocumentLedger> LoadAsync(Dataset dataset, SourceDescription described, Run run, NpgsqlConnection connection, Dictionary<string, TableLedger> tables,
        List<CheckResult> checks, SyncOptions options, CancellationToken cancellation)
    {
        var checkpoint = await BeginScanAsync(dataset, described, run, connection, cancellation);
        bool resumed = checkpoint.Position is not null;
        var loader = new BatchLoader(connection, contract, dataset, run, time, d => source.PositionOf(dataset, d.Span));
        await loader.PrepareAsync(checkpoint.Position, cancellation);
        var books = new DocumentLedger(dataset.Name);
        await using var scan = source.Scan(dataset, ScanRange.Whole, checkpoint.Position);
        await foreach (var batch in scan.BatchesAsync(options.BatchDocuments, options.BatchBytes, cancellation))
        {
            checkpoint = checkpoint with { Position = batch.Position, Documents = checkpoint.Documents + batch.Count };
            var (byDocument, byTable) = await loader.LoadAsync(batch, checkpoint, checkpoint.Version, cancellation);
            books.Add(byDocument);
            foreach (var table in byTable)
                tables[table.Table.QualifiedName].Add(table);
            options.Progress?.Report(new SyncProgress(dataset.Name, books.Read));
        }
        var (settled, disputed) = await loader.FinishAsync(checkpoint with { Complete = true }, cancellation);
        foreach (var table in settled)
            tables[table.Table.QualifiedName].Add(table);
        if (!resumed) // otherwise the scan below sees all of them
            checks.AddRange(disputed.GroupBy(d => d.Table.QualifiedName).Select(g => new CheckResult(g.Key, string.Join(", ", g.First().Table.Key), "disputed", g.Count(),
            [.. g.Take(5).Select(d => new CheckSample(d.Key, d.Values))])));
        // What lies before the place where this run took over was read by another run, perhaps long ago, perhaps from another server.
        // A sync shows the source as it is when it begins or later; so that part is looked at again.
        if (resumed)
            books.Add(await LoadAsync(dataset, described, run, connection, tables, checks, options, cancellation));
        return books;
    }

    /// <summary>Goes on with a scan that was interrupted, or begins a new one.</summary>
    async Task<Checkpoint> BeginScanAsync(Dataset dataset, SourceDescription described, Run run, NpgsqlConnection connection, CancellationToken cancellation)
    {
        var last = await Checkpoint.ReadAsync(connection, contract.Pipeline, dataset, cancellation);
        // What the tables have behind the last document is removed as gone. Where that document's id is of a type that fits no key,
        // the place cannot be found in the tables: then the scan begins again, which costs time and loses nothing.
        if (last is { Complete: false } && last.ContractHash == contract.Hash && (last.Position is null || !new Flattener(dataset).Key(last.Position).IsEmpty))
            return last;
        // Versions grow from scan to scan, also when the source's clock does not.
        var version = new RowVersion(described.ClusterTime ?? (ulong)run.Id, 0);
        if (last is not null && version.CompareTo(last.Version) <= 0)
            version = last.Version with { Ordinal = last.Version.Ordinal + 1 };
        var first = new Checkpoint(contract.Pipeline, dataset.Name, false, (last?.Scan ?? 0) + 1, version, null, 0, contract.Hash, run.Id);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        foreach (var table in dataset.Tables.Where(t => t.IsShared)) // left by a scan that is not gone on with
            await connection.RunAsync(new MergeSql(table).ClearCandidates, cancellation);
        await first.WriteAsync(connection, run, time, cancellation);
        await transaction.CommitAsync(cancellation);
        return first;
    }

    static (Verdict, string) Judge(IReadOnlyList<Dataset> datasets, IReadOnlyList<DocumentLedger> documents, IReadOnlyList<TableLedger> tables)
    {
        foreach (var table in tables.Where(t => !t.TableBalances))
            return (Verdict.Mismatched, $"{table.Table.QualifiedName} has {table.RowsAfter} rows; the books say {table.RowsBefore + table.Inserted - table.Removed}. Somebody else writes to the table.");
        foreach (var (dataset, books) in datasets.Zip(documents))
            if (books.Read >= Dataset.MaxRejectedFrom && books.Quarantined * 100.0 > books.Read * dataset.MaxRejected)
                return (Verdict.Mismatched, $"Dataset '{dataset.Name}': {books.Quarantined:N0} of {books.Read:N0} documents were refused (limit {dataset.MaxRejected} %). Mend the source, or raise maxRejected in the contract.");
        long read = documents.Sum(d => d.Read), refused = documents.Sum(d => d.Quarantined);
        return (Verdict.Reconciled, $"{read:N0} documents read, {refused:N0} quarantined; the books close.");
    }
}
