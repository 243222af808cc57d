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
        var run = await Run.BeginAsync(journal, contract, "reconcile", described, options.Seed, time, cancellation);
        try
        {
            var tables = new List<TableResult>();
            foreach (var dataset in datasets)
                tables.AddRange(await Readable(dataset).FindMissingAsync([dataset], cancellation) is [var gone]
                    ? dataset.AllTables.Select(t => new TableResult(t) { Reason = gone.Message })
                    : dataset.IsOrdered ? await CompareAsync(dataset, options, journal, cancellation)
                    : await CompareEventsAsync(dataset, options, journal, cancellation));
            var (verdict, reason) = Judge(tables, options.Level);
            var result = new ReconcileResult(run.Id, verdict, reason, described, tables);
            await ReconciliationJournal.WriteAsync(journal, run, contract, result, options.Level, cancellation);
            await run.EndAsync(journal, verdict, reason, cancellation);
            return result;
        }
        catch (Exception e) when (e is NpgsqlException or IOException)
        {
            var lost = new UnavailableException($"The warehouse was lost while it was read: {e.Message.ReplaceLineEndings(" ")} Nothing is known of what was not compared; run again.", e);
            await run.FailAsync(warehouse, lost);
            throw lost;
        }
        catch (Exception e)
        {
            await run.FailAsync(warehouse, e);
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

    /// <summary>Datasets of events, or read by position, and the tables that follow from them.</summary>
    async Task<IReadOnlyList<TableResult>> CompareEventsAsync(Dataset dataset, ReconcileOptions options, NpgsqlConnection connection, CancellationToken cancellation)
    {
        var results = dataset.AllTables.Select(t => new TableResult(t)).ToArray();
        foreach (var result in results)
            result.Reason = await FindUnfitAsync(connection, result.Table, cancellation);
        if (results[0].Reason is { } unfit) // then nothing can be said of what follows from it
        {
            foreach (var result in results)
                result.Reason ??= unfit;
            return results;
        }
        await using var snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellation);
        var quarantine = await QuarantineIndex.ReadAsync(connection, contract.Pipeline, dataset, cancellation);
        var keys = await QuarantineKeys.OpenAsync(connection, dataset, cancellation);
        var pass = new EventPass(Readable(dataset), dataset, quarantine, keys, DaySelector.For(dataset, options.Days), DaySelector.RangeOf(dataset, options.Days));
        await new EventComparison(pass, dataset.RootTable, connection, options, d => Count(results[0], d)).CompareAsync(results[0], options.Level, cancellation);
        for (int i = 1; i < results.Length; i++)
            if (results[i] is { Reason: null } result)
                await new DerivedComparison(dataset.Derived[i - 1], connection, d => Count(result, d)).CompareAsync(result, options.Level, cancellation);
        foreach (var result in results.Where(r => r.Reason is null))
            if (options.Level == Level.Counts)
                JudgeCounts(result);
            else
                JudgeContents(result);
        return results;
    }

    async Task<IReadOnlyList<TableResult>> CompareAsync(Dataset dataset, ReconcileOptions options, NpgsqlConnection connection, CancellationToken cancellation)
    {
        var results = dataset.Tables.Select(t => new TableResult(t)).ToArray();
        foreach (var result in results)
            result.Reason = await FindUnfitAsync(connection, result.Table, cancellation);
        if (results.All(r => r.Reason is not null))
            return results;

        // One picture of all tables of the dataset, whoever writes meanwhile.
        await using var snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellation);
        var quarantine = await QuarantineIndex.ReadAsync(connection, contract.Pipeline, dataset, cancellation);
        var selection = await DaySelection.ReadAsync(connection, dataset, options.Days, cancellation);
        var pass = new SourcePass(Readable(dataset), dataset, quarantine, await QuarantineKeys.OpenAsync(connection, dataset, cancellation), selection);
        long began = Stopwatch.GetTimestamp();
        var (sourceSums, sharedKeys) = await SumSourceAsync(pass, results, options.Tell(dataset.Name, ReconcileOptions.Documents, await source.EstimateAsync(dataset, cancellation)), cancellation);
        var warehouseSums = new SegmentSums[results.Length];
        for (int i = 0; i < results.Length; i++)
        {
            var result = results[i];
            if (result.Reason is not null)
                continue;
            warehouseSums[i] = await SumWarehouseAsync(result, pass, selection, sharedKeys[i], options.Tell(result.Table.QualifiedName, ReconcileOptions.Rows, sourceSums[i].Count), connection, cancellation);
            (result.Source, result.SourceHash, result.WarehouseHash) = (sourceSums[i].Count, sourceSums[i].Sum, warehouseSums[i].Sum);
            result.Took = Stopwatch.GetElapsedTime(began);
            began = Stopwatch.GetTimestamp();
        }
        results[0].Quarantined = pass.Quarantined;
        if (options.Level == Level.Counts)
        {
            foreach (var result in results.Where(r => r.Reason is null))
                JudgeCounts(result);
            return results;
        }
        if (results[0].Reason is null)
            CountUnseen(results[0], pass);
        for (int i = 0; i < results.Length; i++)
            if (results[i].Reason is null)
            {
                foreach (var (turn, group) in Drill.Group(sourceSums[i], warehouseSums[i]).Index())
                    await DrillAsync(i, results[i], group, turn, pass, selection, sharedKeys[i], options, connection, cancellation);
                await SetUnreferencedApartAsync(results[i], pass, options, connection, cancellation);
                JudgeContents(results[i]);
            }
        return results;
    }

    /// <returns>What keeps the table from being compared, or null.</returns>
    static async Task<string?> FindUnfitAsync(NpgsqlConnection connection, Table table, CancellationToken cancellation)
    {
        var existing = await TablePreparation.ColumnsAsync(connection, table, cancellation);
        if (existing.Count == 0)
            return $"Table {table.QualifiedName} does not exist. Load it: quality sync.";
        foreach (var column in table.Columns)
            if (TablePreparation.Misfit(column.SqlType, existing.GetValueOrDefault(column.Name)) is { } found)
                return $"Column {table.QualifiedName}.{column.Name} {found}.";
        return null;
    }

    /// <returns>The sums, and the keys of shared tables' rows.</returns>
    static async Task<(SegmentSums[] Sums, Dictionary<Hash128, Hash128>[] Shared)> SumSourceAsync(SourcePass pass, TableResult[] results, Action<long>? tell, CancellationToken cancellation)
    {
        var sums = results.Select(_ => new SegmentSums()).ToArray();
        var hashers = results.Select(r => new Etl.Flattening.RowHasher(r.Table)).ToArray();
        var shared = results.Select(_ => new Dictionary<Hash128, Hash128>()).ToArray();
        await pass.RunAsync((table, fields, hash, _) =>
        {
            var key = hashers[table].Key(fields);
            if (!results[table].Table.IsShared)
                sums[table].Add(key, hash);
            else if (!shared[table].TryGetValue(key, out var best) || hash.CompareTo(best) > 0)
                shared[table][key] = hash; // many documents repeat the row; of unequal ones the greatest hash wins, as when loading
        }, tell, cancellation);
        for (int i = 0; i < sums.Length; i++)
            foreach (var (key, hash) in shared[i])
                sums[i].Add(key, hash);
        return (sums, shared);
    }

    /// <param name="selection">Null: all rows are judged. Else of a shared table only those that the selected documents give: nobody knows what others refer to.</param>
    static async Task<SegmentSums> SumWarehouseAsync(TableResult result, SourcePass pass, DaySelection? selection, Dictionary<Hash128, Hash128> given, Action<long>? tell, NpgsqlConnection connection, CancellationToken cancellation)
    {
        var sums = new SegmentSums();
        var rows = new WarehousePass(connection, result.Table, selection);
        await rows.RunAsync(pass.LeftOut, (_, key, hash) =>
        {
            if (selection is null || !result.Table.IsShared || given.ContainsKey(key))
                sums.Add(key, hash);
        }, tell, cancellation);
        (result.Warehouse, result.HeldBack) = (selection is not null && result.Table.IsShared ? sums.Count : rows.Count, rows.HeldBack);
        result.Nulls = result.Table.Columns.Zip(rows.Nulls).ToDictionary(c => c.First.Name, c => c.Second);
        return sums;
    }

    /// <summary>Documents that the contract refuses and no quarantine holds: their rows are missing, or of an older version.</summary>
    void CountUnseen(TableResult root, SourcePass pass)
    {
        foreach (var document in pass.LeftOut.Values.Where(d => d.Rule is not null))
        {
            var kind = document.HasRows ? DifferenceKind.Changed : DifferenceKind.Missing;
            root.Unseen++;
            Count(root, new Difference(root.Table, kind, $"document {document.Key}", "{}", document.Position,
                [new Cell("(document)", "bson", $"refused by rule {document.Rule}, not yet in quarantine", document.HasRows ? "an older version" : null, false)]));
        }
    }

    void Count(TableResult result, Difference difference)
    {
        OnDifference?.Invoke(difference);
        switch (difference.Kind)
        {
            case DifferenceKind.Missing:
                result.Missing++;
                break;
            case DifferenceKind.Unexpected:
                result.Unexpected++;
                break;
            default:
                result.Changed++;
                break;
        }
        // All unexpected rows of a dimension are kept until it is known which of them something refers to; dimensions are small.
        if (result.Differences.Count < TableResult.SampleLimit || result.Table.IsShared && difference.Kind == DifferenceKind.Unexpected)
            result.Differences.Add(difference);
    }

    async Task DrillAsync(int index, TableResult result, IReadOnlySet<int> segments, int turn, SourcePass pass, DaySelection? selection, Dictionary<Hash128, Hash128> given, ReconcileOptions options, NpgsqlConnection connection, CancellationToken cancellation)
    {
        var drill = new Drill(result.Table, segments);
        var builder = new DifferenceBuilder(result.Table);
        void Report(Difference difference) => Count(result, difference);
        string again = turn == 0 ? "" : $", turn {turn + 1}";
        await pass.RunAsync((table, fields, hash, document) =>
        {
            if (table == index)
                drill.AddSource(fields, hash, document, d => source.PositionOf(result.Table.Dataset, d));
        }, options.Tell($"{result.Table.Dataset.Name} again, for {result.Table.Name}{again}", ReconcileOptions.Documents, pass.Documents), cancellation);
        await new WarehousePass(connection, result.Table, selection).RunAsync(pass.LeftOut, (fields, key, hash) =>
        {
            if (selection is null || !result.Table.IsShared || given.ContainsKey(key))
                drill.CompareWarehouse(fields, key, hash, builder, Report);
        }, options.Tell($"{result.Table.QualifiedName} again{again}", ReconcileOptions.Rows, result.Warehouse), cancellation);
        drill.ReportMissing(builder, Report);
    }

    /// <summary>A dimension row stays when nothing refers to it any more: that is no difference.</summary>
    static async Task SetUnreferencedApartAsync(TableResult result, SourcePass pass, ReconcileOptions options, NpgsqlConnection connection, CancellationToken cancellation)
    {
        if (!result.Table.IsShared)
            return;
        var suspects = result.Differences.Where(d => d.Kind == DifferenceKind.Unexpected).ToList();
        if (suspects.Count == 0)
            return;
        var (compared, any) = await FindReferencesAsync(result.Table, pass, options, connection, cancellation);
        var apart = suspects.Where(d => !compared.Contains(d.KeyJson)).ToHashSet();
        result.Differences.RemoveAll(apart.Contains);
        result.Unexpected -= apart.Count;
        // Only rows of documents in quarantine refer to it: left out of both sides, as they are.
        int heldBack = apart.Count(d => any.Contains(d.KeyJson));
        result.HeldBack += heldBack;
        result.Unreferenced += apart.Count - heldBack;
        if (result.Differences.Count > TableResult.SampleLimit)
            result.Differences.RemoveRange(TableResult.SampleLimit, result.Differences.Count - TableResult.SampleLimit);
    }

    /// <summary>The keys of a dimension that rows of the warehouse refer to: rows that are compared, and all of them.</summary>
    static async Task<(HashSet<string> Compared, HashSet<string> Any)> FindReferencesAsync(Table shared, SourcePass pass, ReconcileOptions options, NpgsqlConnection connection, CancellationToken cancellation)
    {
        var (compared, any) = (new HashSet<string>(), new HashSet<string>());
        foreach (var table in shared.Dataset.Tables.Where(t => t != shared && shared.Key.All(k => t.Columns.Any(c => c.Field?.Path == k.Field!.Path))))
        {
            int[] columns = [.. shared.Key.Select(k => table.Columns.ToList().FindIndex(c => c.Field?.Path == k.Field!.Path))];
            var tell = options.Tell($"{table.QualifiedName} again, for {shared.Name}", ReconcileOptions.Rows, null);
            await new WarehousePass(connection, table).RunAsync(pass.LeftOut, (fields, _, _) => compared.Add(KeyOf(fields)), tell, cancellation);
            await new WarehousePass(connection, table).RunAsync(new Dictionary<Hash128, LeftOut>(), (fields, _, _) => any.Add(KeyOf(fields)), null, cancellation);

            string KeyOf(ReadOnlySpan<byte> fields)
            {
                var key = new System.Text.Json.Nodes.JsonObject();
                for (int i = 0; i < columns.Length; i++)
                    key.Add(shared.Key[i].Name, DifferenceBuilder.TextOf(shared.Key[i], RowFields.At(fields, columns[i])));
                return key.ToJsonString();
            }
        }
        return (compared, any);
    }

    static void JudgeContents(TableResult result)
    {
        result.Matched = result.Source - (result.Missing + result.Changed - result.Unseen);
        result.Coverage = 1;
        result.Verdict = result.DifferenceCount == 0 ? Verdict.Reconciled : Verdict.Mismatched;
        result.Reason = result.DifferenceCount == 0 ? null : $"{result.Missing:N0} missing, {result.Changed:N0} changed, {result.Unexpected:N0} unexpected.";
    }

    static void JudgeCounts(TableResult result)
    {
        long compared = result.Warehouse - result.HeldBack;
        (result.Missing, result.Unexpected) = (Math.Max(0, result.Source - compared), Math.Max(0, compared - result.Source));
        result.Verdict = result.DifferenceCount == 0 ? Verdict.Unknown : Verdict.Mismatched;
        result.Reason = result.DifferenceCount == 0 ? "Only the numbers of rows were compared; they are equal." : $"{result.Source:N0} rows in the source, {compared:N0} in the warehouse.";
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
            Verdict.Mismatched => (verdict, $"{tables.Sum(t => t.Missing):N0} rows missing, {tables.Sum(t => t.Changed):N0} changed, {tables.Sum(t => t.Unexpected):N0} unexpected, in {string.Join(", ", tables.Where(t => t.DifferenceCount > 0).Select(t => t.Table.QualifiedName))}."),
            _ when level == Level.Counts => (verdict, "Only the numbers of rows were compared; they are equal. Contents are unknown: run without --level counts."),
            _ => (verdict, string.Join(' ', tables.Where(t => t.Verdict == Verdict.Unknown && t.Reason is not null).Select(t => t.Reason).Distinct())),
        };
    }
}
