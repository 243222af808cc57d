using Etl.Contracts;
using Etl.Flattening;
using Etl.Marts;
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
        try
        {
            await using var held = await PipelineLock.TakeAsync(connection, contract.Pipeline, time, cancellation);
            var run = await Run.BeginAsync(connection, contract, "sync", described.Name, options.Seed, time, cancellation);
            return await RunAsync(datasets, described, run, connection, options, cancellation);
        }
        catch (NpgsqlException e)
        {
            throw warehouse.Explain(e);
        }
    }

    /// <summary>The run from its beginning to its end, whatever the end is.</summary>
    async Task<SyncResult> RunAsync(IReadOnlyList<Dataset> datasets, SourceDescription described, Run run, NpgsqlConnection connection, SyncOptions options, CancellationToken cancellation)
    {
        try
        {
            await run.SaveDaysAsync(connection, options.Days, cancellation);
            var missing = await source.FindMissingAsync(datasets, cancellation);
            if (missing.Count > 0)
                throw new UnavailableException(string.Join(' ', missing.Select(m => m.Message)) + " Nothing was loaded.");
            var result = await LoadAsync(datasets, described, run, connection, options, cancellation);
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

    async Task<SyncResult> LoadAsync(IReadOnlyList<Dataset> datasets, SourceDescription described, Run run, NpgsqlConnection connection, SyncOptions options, CancellationToken cancellation)
    {
        var tables = datasets.SelectMany(d => d.AllTables).ToArray();
        await TableOwnership.CheckAsync(connection, contract.Pipeline, tables, cancellation);
        await TablePreparation.RunAsync(connection, contract, tables, cancellation);
        await TablePreparation.IndexAsync(connection, datasets.SelectMany(d => d.Derived), cancellation);
        var books = tables.ToDictionary(t => t.QualifiedName, t => new TableLedger(t));
        foreach (var table in books.Values)
            table.RowsBefore = await CountAsync(connection, table.Table, cancellation);

        var documents = new List<DocumentLedger>();
        var checks = new List<CheckResult>();
        var remarks = new List<string>();
        foreach (var dataset in datasets)
        {
            await LedgerSql.AddAsync(connection, run, new DocumentLedger(dataset.Name), [.. dataset.AllTables.Select(t => new TableLedger(t) { RowsBefore = books[t.QualifiedName].RowsBefore })], cancellation);
            var origin = source.SourceOf(dataset);
            IDatasetLoad scan = dataset.IsOrdered ? new DatasetScan(contract, dataset, origin, warehouse, connection, run, time, options, described.ClusterTime)
                : new EventScan(contract, dataset, origin, warehouse, connection, run, time, options);
            await scan.RunAsync(cancellation);
            documents.Add(scan.Documents);
            foreach (var table in scan.Tables)
                books[table.Table.QualifiedName].Add(table);
            checks.AddRange(scan.Checks);
            remarks.AddRange(scan.Remarks);
        }
        foreach (var table in books.Values)
        {
            table.RowsAfter = await CountAsync(connection, table.Table, cancellation);
            if (IsStale(table))
                // The next run asks by keys alone; the other columns are autovacuum's business.
                await connection.RunAsync($"ANALYZE {table.Table.Sql} ({TableSql.Names(table.Table.Key.Concat(table.Table.DocumentKey).Distinct())})", cancellation);
            await LedgerSql.SetRowsAfterAsync(connection, run, table, cancellation);
        }
        checks.AddRange(await UniquenessCheck.RunAsync(connection, tables.Where(t => !t.IsDerived), cancellation));
        checks.AddRange(await CheckRunner.RunAsync(connection, contract, datasets, time, cancellation));
        await CheckRunner.SaveAsync(connection, run, contract.Pipeline, checks, cancellation);
        var marts = await new MartBuilder(connection, contract, run, time).RunAsync(cancellation);
        var ofTables = Judge(contract.Pipeline, datasets, documents, [.. books.Values], checks);
        checks.AddRange(marts.Checks);
        remarks.AddRange(marts.Remarks);
        var (verdict, reason) = Judge(contract.Pipeline, datasets, documents, [.. books.Values], checks);
        var effort = source.Effort with { Remarks = [.. source.Effort.Remarks, .. remarks] };
        await run.SaveEffortAsync(connection, effort, cancellation);
        return new SyncResult(run.Id, verdict, reason, described.Name, documents, [.. books.Values], checks, effort) { Marts = marts.Marts, OfTables = ofTables, OfMarts = (marts.Verdict, marts.Trouble) };
    }

    /// <summary>
    /// Whether the next run might plan for the table as it was. After a first load PostgreSQL knows enough where every question is for a
    /// unique key or a range of it; how many rows a document has, it must be told.
    /// </summary>
    static bool IsStale(TableLedger table) =>
        (table.RowsBefore > 0 || TableSql.CreateIndex(table.Table) is not null) && (table.Inserted + table.Updated + table.Removed) * StaleShare > table.RowsAfter;

    /// <summary>Changes to one row in so many make old figures misleading.</summary>
    const int StaleShare = 10;

    static Task<long> CountAsync(NpgsqlConnection connection, Table table, CancellationToken cancellation) =>
        connection.ScalarAsync<long>($"SELECT count(*) FROM {table.Live}", cancellation);

    static (Verdict, string) Judge(string pipeline, IReadOnlyList<Dataset> datasets, IReadOnlyList<DocumentLedger> documents, IReadOnlyList<TableLedger> tables, IReadOnlyList<CheckResult> checks)
    {
        foreach (var table in tables.Where(t => !t.TableBalances))
            return (Verdict.Mismatched, $"{table.Table.QualifiedName} has {table.RowsAfter} rows; the books say {table.RowsBefore + table.Inserted - table.Removed}. Somebody else writes to the table.");
        foreach (var (dataset, books) in datasets.Zip(documents))
            if (books.Read >= Dataset.MaxRejectedFrom && books.Quarantined * 100.0 > books.Read * dataset.MaxRejected)
                return (Verdict.Mismatched, $"Dataset '{dataset.Name}': {books.Quarantined:N0} of {books.Read:N0} documents were refused (limit {dataset.MaxRejected} %). Mend the source, or raise maxRejected in the contract.");
        if (checks.FirstOrDefault(c => c is { Rule: CheckResult.PrimaryKey, Holds: false }) is { } keyless)
            return (Verdict.Mismatched, $"Table {keyless.Table} has lost its key, and it cannot be made again: {keyless.Failing:N0} rows share one ({keyless.Column}) or have none. Remove them: quality reconcile {pipeline} --repair --delete-unexpected; the next sync makes the key.");
        if (checks.FirstOrDefault(c => c.Holds == false && !c.Warns) is { } broken)
            return (Verdict.Mismatched, broken.Sentence ?? $"Quality rule '{broken.Name}' on {broken.Place}: measured {broken.Measured} {broken.Unit}, must be {broken.Expected}. The rows stay.");
        if (checks.FirstOrDefault(c => c.Holds is null && !c.Warns) is { } unknown)
            return (Verdict.Unknown, unknown.Sentence ?? $"Quality rule '{unknown.Name}' on {unknown.Place} could not be measured: {unknown.Failure ?? "there is nothing to measure"}.");
        long read = documents.Sum(d => d.Read), refused = documents.Sum(d => d.Quarantined);
        return (Verdict.Reconciled, $"{read:N0} documents read, {refused:N0} quarantined; the books close.");
    }
}
