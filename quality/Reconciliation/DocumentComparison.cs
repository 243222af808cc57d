using System.Diagnostics;
using Etl.Contracts;
using Etl.Flattening;
using Etl.Loading;
using Etl.Sources;
using Npgsql;

namespace Quality.Reconciliation;

/// <summary>Compares the tables of a dataset that is read in the order of its keys: sums by segments first, rows of the segments that differ then.</summary>
internal sealed class DocumentComparison(string pipeline, Dataset dataset, IDocumentSource source, NpgsqlConnection connection, ReconcileOptions options, TimeProvider time, Tally tally)
{
    readonly IReadOnlyList<TableResult> results = tally.Results;

    public async Task CompareAsync(CancellationToken cancellation)
    {
        Selection? selection;
        Dictionary<Hash128, Hash128>[] sharedKeys;
        // One picture of all tables of the dataset, whoever writes meanwhile.
        await using (await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellation))
        {
            var quarantine = await QuarantineIndex.ReadAsync(connection, pipeline, dataset, cancellation);
            selection = await Selection.ReadAsync(connection, dataset, options.Days, options.IsFiltered, cancellation);
            var names = await QuarantineKeys.OpenAsync(connection, dataset, cancellation);
            var pass = new SourcePass(source, dataset, quarantine, names, selection);
            var (inSource, inWarehouse) = await SumAsync(pass, selection, cancellation);
            sharedKeys = inSource.Shared;
            if (options.Level == Level.Counts)
            {
                foreach (var result in Fit)
                    result.JudgeCounts();
                return;
            }
            if (results[0].Reason is null)
                foreach (var document in pass.LeftOut.Values.Where(d => d.Rule is not null))
                    tally.Report(document.ToDifference(results[0].Table));
            var drill = new RangeDrill(dataset, source, connection, inSource, options, parts => new SourcePass(source, dataset, quarantine, names, selection) { Parts = parts }, selection);
            for (int i = 0; i < results.Count; i++)
                if (results[i].Reason is null)
                {
                    foreach (var (turn, group) in Drill.Group(inSource.Segments[i], inWarehouse.Segments[i]).Index())
                        await DrillAsync(i, group, turn, pass, selection, sharedKeys[i], tally.Report, cancellation);
                    if (inSource.ByRange[i].DifferingFrom(inWarehouse.ByRange[i], inSource.Ranges.Count, options.RowsAtATime).ToArray() is { Length: > 0 } differing)
                        await drill.RunAsync(i, results[i].Table, inWarehouse.ByRange[i], differing, tally.Report, cancellation);
                    await new UnreferencedRows(dataset, connection, options, tally).SetApartAsync(results[i], pass.LeftOut, cancellation);
                }
        }
        if (tally.Held.Count > 0)
            await SettleAsync(selection, sharedKeys, cancellation);
        foreach (var result in Fit)
            result.JudgeContents();
    }

    IEnumerable<TableResult> Fit => results.Where(r => r.Reason is null);

    async Task<(SourceSums Source, WarehouseSums Warehouse)> SumAsync(SourcePass pass, Selection? selection, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        var inSource = await SumSourceAsync(pass, options.Tell(dataset.Name, ReconcileOptions.Documents, await source.EstimateAsync(dataset, cancellation)), cancellation);
        var inWarehouse = new WarehouseSums([.. results.Select(_ => new SegmentSums())], [.. results.Select(_ => new RangeSums())]);
        foreach (var (i, result) in results.Index().Where(r => r.Item.Reason is null))
        {
            await SumWarehouseAsync(i, pass, selection, inSource, inWarehouse, cancellation);
            (result.Source, result.SourceHash) = (inSource.Segments[i].Count + inSource.ByRange[i].Count, inSource.Segments[i].Sum + inSource.ByRange[i].Sum);
            result.WarehouseHash = inWarehouse.Segments[i].Sum + inWarehouse.ByRange[i].Sum;
            result.Took = Stopwatch.GetElapsedTime(began);
            began = Stopwatch.GetTimestamp();
        }
        results[0].Quarantined = pass.Quarantined;
        return (inSource, inWarehouse);
    }

    /// <summary>Rows of documents are looked at one by one, as often as it takes; what cannot be asked for alone is compared once more as a whole.</summary>
    async Task SettleAsync(Selection? selection, Dictionary<Hash128, Hash128>[] sharedKeys, CancellationToken cancellation)
    {
        var found = time.GetUtcNow();
        var suspects = Suspect.Of(tally.Held);
        var byDocument = suspects.Where(s => s.First.All(SecondLook.CanFind)).ToArray();
        await new Settlement(options.Settle, time).RunAsync(byDocument, open =>
        {
            options.Tell($"{dataset.Name} again, what differs", ReconcileOptions.Rows, suspects.Count)?.Invoke(suspects.Count - open.Count);
            return new SecondLook(pipeline, dataset, source, connection, selection).LookAsync(open, cancellation);
        }, cancellation);
        tally.Settle(byDocument, found, time.GetUtcNow());

        var others = suspects.Except(byDocument).ToArray();
        foreach (var suspect in others.Where(s => !s.Id.Table.IsShared).SelectMany(s => s.First))
            tally.Count(suspect, lookedAt: false); // a row that has lost the key of its document
        var shared = others.Where(s => s.Id.Table.IsShared).ToArray();
        if (shared.Length == 0)
            return;
        if (byDocument.Length == 0)
            await Task.Delay(options.Settle < WholePause ? options.Settle : WholePause, time, cancellation);
        await LookAtWholeAsync(shared, selection, sharedKeys, cancellation);
        tally.Settle(shared, found, time.GetUtcNow());
    }

    /// <summary>Before everything is compared once more; as long as two looks at single rows take.</summary>
    public static readonly TimeSpan WholePause = TimeSpan.FromSeconds(3);

    /// <summary>Rows of dimensions: many documents give them, so only all documents can say which value they have.</summary>
    async Task LookAtWholeAsync(Suspect[] suspects, Selection? selection, Dictionary<Hash128, Hash128>[] sharedKeys, CancellationToken cancellation)
    {
        await using var snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellation);
        var pass = new SourcePass(source, dataset, await QuarantineIndex.ReadAsync(connection, pipeline, dataset, cancellation), await QuarantineKeys.OpenAsync(connection, dataset, cancellation), selection);
        foreach (var group in suspects.GroupBy(s => s.Id.Table))
        {
            int index = results.ToList().FindIndex(r => r.Table == group.Key);
            var (differing, inSource) = (new List<Difference>(), new HashSet<RowId>());
            await DrillAsync(index, group.Select(s => SegmentSums.SegmentOf(s.Id.Key)).ToHashSet(), 1, pass, selection, sharedKeys[index], differing.Add, cancellation, key => inSource.Add(new RowId(group.Key, key)));
            foreach (var suspect in group)
                suspect.SeeOnce(new Look(differing.ToLookup(d => d.Id), inSource));
        }
    }

    sealed record WarehouseSums(SegmentSums[] Segments, RangeSums[] ByRange);

    async Task<SourceSums> SumSourceAsync(SourcePass pass, Action<long>? tell, CancellationToken cancellation)
    {
        var byRange = results.Select(_ => new RangeSums()).ToArray();
        var ranges = new KeyRanges(dataset, byRange, options.DocumentsPerRange);
        var segments = results.Select(_ => new SegmentSums()).ToArray();
        var hashers = results.Select(r => new RowHasher(r.Table)).ToArray();
        var shared = results.Select(_ => new Dictionary<Hash128, Hash128>()).ToArray();
        int root = results.ToList().FindIndex(r => r.Table == dataset.RootTable);
        await pass.RunAsync((table, fields, hash, _) =>
        {
            if (table == root)
                ranges.Next(fields);
            if (!results[table].Table.IsShared)
                byRange[table].Add(ranges.Current, hash);
            else if (hashers[table].Key(fields) is var key && (!shared[table].TryGetValue(key, out var best) || hash.CompareTo(best) > 0))
                shared[table][key] = hash; // many documents repeat the row; of unequal ones the greatest hash wins, as when loading
        }, tell, cancellation);
        ranges.Complete();
        for (int i = 0; i < segments.Length; i++)
            foreach (var (key, hash) in shared[i])
                segments[i].Add(key, hash);
        return new SourceSums(ranges, byRange, segments, shared, byRange[root]);
    }

    /// <summary>With a selection, only those rows of a dimension are judged that the selected documents give: nobody knows what others refer to.</summary>
    async Task SumWarehouseAsync(int index, SourcePass pass, Selection? selection, SourceSums source, WarehouseSums sums, CancellationToken cancellation)
    {
        var (result, given) = (results[index], source.Shared[index]);
        var (segments, byRange) = (sums.Segments[index], sums.ByRange[index]);
        var rows = new WarehousePass(connection, result.Table, selection) { HashesKeys = result.Table.IsShared };
        int documentKey = result.Table.IsShared ? -1 : result.Table.Columns.ToList().IndexOf(result.Table.DocumentKey[0]);
        await rows.RunAsync(pass.LeftOut, (fields, key, hash) =>
        {
            if (!result.Table.IsShared)
                byRange.Add(source.Ranges.Of(RowFields.At(fields, documentKey)), hash);
            else if (selection is null || given.ContainsKey(key))
                segments.Add(key, hash);
        }, options.Tell(result.Table.QualifiedName, ReconcileOptions.Rows, source.ByRange[index].Count + source.Segments[index].Count), cancellation);
        long judged = segments.Count + byRange.Count;
        result.Judged = options.IsFiltered ? (judged, rows.All) : null;
        (result.Warehouse, result.HeldBack) = (selection is not null && result.Table.IsShared ? judged : rows.Count, rows.HeldBack);
        result.Nulls = result.Table.Columns.Zip(rows.Nulls).ToDictionary(c => c.First.Name, c => c.Second);
    }

    async Task DrillAsync(int index, IReadOnlySet<int> segments, int turn, SourcePass pass, Selection? selection, Dictionary<Hash128, Hash128> given, Action<Difference> report, CancellationToken cancellation, Action<Hash128>? present = null)
    {
        var result = results[index];
        var drill = new Drill(result.Table, segments);
        var builder = new DifferenceBuilder(result.Table);
        string again = turn == 0 ? "" : $", turn {turn + 1}";
        await pass.RunAsync((table, fields, hash, document) =>
        {
            if (table == index)
            {
                var key = drill.AddSource(fields, hash, document, d => source.PositionOf(dataset, d));
                present?.Invoke(key);
            }
        }, options.Tell($"{dataset.Name} again, for {result.Table.Name}{again}", ReconcileOptions.Documents, pass.Documents), cancellation);
        await new WarehousePass(connection, result.Table, selection).RunAsync(pass.LeftOut, (fields, key, hash) =>
        {
            if (selection is null || !result.Table.IsShared || given.ContainsKey(key))
                drill.CompareWarehouse(fields, key, hash, builder, report);
        }, options.Tell($"{result.Table.QualifiedName} again{again}", ReconcileOptions.Rows, result.Warehouse), cancellation);
        drill.ReportMissing(builder, report);
    }
}
