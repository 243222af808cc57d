using System.Diagnostics;
using Etl;
using Etl.Contracts;
using Etl.Flattening;
using Etl.Loading;
using Etl.Sources;
using Npgsql;

namespace Quality.Reconciliation;

/// <summary>
/// Compares source and warehouse. It reads both sides on its own: documents decoded and hashed by contract,
/// tables hashed from their columns as they stand.
/// </summary>
public sealed class Reconciler(Contract contract, IDocumentSource source, Warehouse warehouse, TimeProvider time)
{
    /// <summary>Told every difference, in no particular order; a repair collects from here.</summary>
    public Action<Difference>? OnDifference { get; init; }

    /// <exception cref="UnavailableException">A side cannot be reached; nothing is known then.</exception>
    public async Task<ReconcileResult> RunAsync(ReconcileOptions options, CancellationToken cancellation)
    {
        var datasets = options.Datasets ?? contract.Datasets;
        await using var journal = await warehouse.OpenJournalAsync(time, cancellation);
        string described = await DescribeAsync(datasets, cancellation);
        Run? run = null;
        try
        {
            run = await Run.BeginAsync(journal, contract, "reconcile", described, options.Seed, time, cancellation);
            var tables = new List<TableResult>();
            SampledComparison? sample = null;
            if (options.Budget is not null)
                (sample, tables) = await SampleAsync(datasets, options, journal, cancellation);
            else
                foreach (var dataset in datasets)
                    tables.AddRange(await Readable(dataset).FindMissingAsync([dataset], cancellation) is [var gone]
                        ? dataset.AllTables.Select(t => new TableResult(t) { Reason = gone.Message })
                        : await CompareAsync(dataset, options, journal, cancellation));
            var (verdict, reason) = sample is null ? Judge(tables, options.Level) : JudgeSample(sample, tables, options);
            var checks = await TableChecks.RunAsync(journal, contract, datasets, time, cancellation);
            if (TableChecks.Judge(checks) is var (worse, why))
                (verdict, reason) = (((Verdict[])[verdict, worse]).Worst(), verdict == Verdict.Reconciled || worse == Verdict.Mismatched && verdict == Verdict.Unknown ? why : $"{reason} {why}");
            if (options.IsFiltered)
                reason += " Only documents that the filter selects were judged, and no rows whose documents the source no longer has.";
            var result = new ReconcileResult(run.Id, verdict, reason, described, tables)
            {
                Bound = sample is { Segments: > 0 } && sample.Read < sample.Segments && tables.All(t => t.DifferenceCount == 0) ? sample.Bound : null,
                Checks = checks,
                Seed = sample is null ? null : options.Seed,
            };
            await CheckRunner.SaveAsync(journal, run, contract.Pipeline, checks, cancellation);
            await ReconciliationJournal.WriteAsync(journal, run, contract, result, options.Level, cancellation);
            await run.EndAsync(journal, verdict, reason, cancellation);
            return result;
        }
        // A connection that is lost while a transaction ends says nothing; the next statement finds it closed.
        catch (Exception e) when (e is NpgsqlException or IOException || e is InvalidOperationException && journal.State != System.Data.ConnectionState.Open)
        {
            var lost = new UnavailableException($"The warehouse was lost while it was read: {e.Message.ReplaceLineEndings(" ")} Nothing is known of what was not compared; run again.", e);
            await (run?.FailAsync(warehouse, lost) ?? Task.CompletedTask);
            throw lost;
        }
        catch (Exception e)
        {
            await (run?.FailAsync(warehouse, e) ?? Task.CompletedTask);
            throw;
        }
    }

    /// <summary>What a dataset is compared with: its source, or what was kept of one that cannot be read again.</summary>
    IDocumentSource Readable(Dataset dataset) =>
        KeptMessages.InPlaceOf(source, dataset, warehouse, contract.Pipeline);

    async Task<string> DescribeAsync(IReadOnlyList<Dataset> datasets, CancellationToken cancellation)
    {
        var names = new List<string>();
        foreach (var dataset in datasets)
            names.Add((await Readable(dataset).DescribeAsync(cancellation)).Name);
        return string.Join("; ", names.Distinct());
    }

    async Task<(SampledComparison, List<TableResult>)> SampleAsync(IReadOnlyList<Dataset> datasets, ReconcileOptions options, NpgsqlConnection connection, CancellationToken cancellation)
    {
        var tables = new List<TableResult>();
        var chosen = new List<(Dataset, IDocumentSource, IReadOnlyList<TableResult>)>();
        foreach (var dataset in datasets)
        {
            var results = dataset.AllTables.Select(t => new TableResult(t)).ToArray();
            tables.AddRange(results);
            string? gone = (await Readable(dataset).FindMissingAsync([dataset], cancellation)).Select(m => m.Message).FirstOrDefault();
            if (!dataset.IsOrdered)
                gone ??= $"Dataset '{dataset.Name}' cannot be read in parts: its documents come in no order of their keys. Compare it without a budget.";
            foreach (var result in results)
                result.Reason = gone ?? await FindUnfitAsync(connection, result.Table, cancellation);
            if (results.Any(r => r.Reason is null))
                chosen.Add((dataset, Readable(dataset), results));
        }
        var sample = new SampledComparison(contract.Pipeline, connection, options, time, OnDifference);
        await sample.CompareAsync(chosen, cancellation);
        return (sample, tables);
    }

    /// <summary>Less than everything is never reconciled, unless somebody said which bound is good enough.</summary>
    static (Verdict, string) JudgeSample(SampledComparison sample, IReadOnlyList<TableResult> tables, ReconcileOptions options)
    {
        if (sample.Segments == 0 || sample.Read == sample.Segments || tables.Any(t => t.Verdict == Verdict.Mismatched || t.Verdict == Verdict.Unknown && !t.IsSample))
            return Judge(tables, options.Level);
        double bound = sample.Bound;
        string found = TableResult.SampleSentence(sample.Segments, sample.Read, bound);
        found = char.ToUpperInvariant(found[0]) + found[1..];
        if (!(bound <= options.AcceptBound))
            return (Verdict.Unknown, options.AcceptBound is { } asked ? $"{found} That is more than the accepted {asked * 100:0.##} %." : found);
        foreach (var table in tables.Where(t => t.IsSample))
            table.Verdict = Verdict.Reconciled;
        return (Verdict.Reconciled, $"{found} Accepted: at most {options.AcceptBound * 100:0.##} %.");
    }

    async Task<IReadOnlyList<TableResult>> CompareAsync(Dataset dataset, ReconcileOptions options, NpgsqlConnection connection, CancellationToken cancellation)
    {
        var results = dataset.AllTables.Select(t => new TableResult(t)).ToArray();
        foreach (var result in results)
            result.Reason = await FindUnfitAsync(connection, result.Table, cancellation);
        bool settles = options.Settle > TimeSpan.Zero && options.Level == Level.Contents;
        if (!dataset.IsOrdered)
            return await CompareEventsAsync(dataset, results, settles, options, connection, cancellation);
        if (results.Any(r => r.Reason is null))
            await new DocumentComparison(contract.Pipeline, dataset, Readable(dataset), connection, options, time, new Tally(results, settles, OnDifference)).CompareAsync(cancellation);
        return results;
    }

    /// <summary>Datasets of events, or read by position, and the tables that follow from them.</summary>
    async Task<IReadOnlyList<TableResult>> CompareEventsAsync(Dataset dataset, TableResult[] results, bool settles, ReconcileOptions options, NpgsqlConnection connection, CancellationToken cancellation)
    {
        if (results[0].Reason is { } unfit) // then nothing can be said of what follows from it
        {
            foreach (var result in results)
                result.Reason ??= unfit;
            return results;
        }
        var comparison = new DatasetOfEvents(contract.Pipeline, dataset, Readable(dataset), connection, options);
        var tally = new Tally(results, settles, OnDifference);
        await comparison.CompareAsync(tally, settles, cancellation);
        if (tally.Held.Count > 0)
            tally = await comparison.CompareAgainAsync(tally, time, OnDifference, cancellation);
        foreach (var result in tally.Results.Where(r => r.Reason is null))
            if (options.Level == Level.Counts)
                result.JudgeCounts();
            else
                result.JudgeContents();
        return tally.Results;
    }

    /// <returns>What keeps the table from being compared, or null.</returns>
    internal static async Task<string?> FindUnfitAsync(NpgsqlConnection connection, Table table, CancellationToken cancellation)
    {
        var existing = await TablePreparation.ColumnsAsync(connection, table, cancellation);
        if (existing.Count == 0)
            return $"Table {table.QualifiedName} does not exist. Load it: quality sync.";
        foreach (var column in table.Columns)
            if (TablePreparation.Misfit(column.SqlType, existing.GetValueOrDefault(column.Name)) is { } found)
                return $"Column {table.QualifiedName}.{column.Name} {found}.";
        return null;
    }

    static (Verdict, string) Judge(IReadOnlyList<TableResult> tables, Level level)
    {
        var verdict = tables.Select(t => t.Verdict).Worst();
        if (verdict == Verdict.Reconciled && tables.All(t => t.Source == 0 && t.Warehouse == t.HeldBack + t.Unreferenced))
            return (Verdict.Unknown, "Nothing was compared: source and warehouse are both empty" +
                (tables.Sum(t => t.Quarantined) is > 0 and var refused ? $" but for {refused:N0} documents in quarantine." : "."));
        long rows = tables.Sum(t => t.Source);
        return verdict switch
        {
            Verdict.Reconciled => (verdict, $"All {rows:N0} rows of {tables.Count} tables are equal on both sides, column by column."),
            Verdict.Mismatched => (verdict, $"{tables.Sum(t => t.Missing):N0} rows missing, {tables.Sum(t => t.Changed):N0} changed, {tables.Sum(t => t.Unexpected):N0} unexpected, in {string.Join(", ", tables.Where(t => t.DifferenceCount > 0).Select(t => t.Table.QualifiedName))}.{(tables.Sum(t => t.InFlight) is > 0 and var moving ? $" {moving:N0} besides are in flight." : "")}"),
            _ when level == Level.Counts => (verdict, "Only the numbers of rows were compared; they are equal. Contents are unknown: run without --level counts."),
            _ => (verdict, string.Join(' ', tables.Where(t => t.Verdict == Verdict.Unknown && t.Reason is not null).Select(t => t.Reason).Distinct())),
        };
    }
}
