using Etl.Contracts;
using Etl.Flattening;
using Etl.Loading;
using Etl.Sources;
using Npgsql;

namespace Quality.Reconciliation;

/// <summary>Compares a table row by row in those ranges of documents' keys that differ, reading nothing else of either side.</summary>
internal sealed class RangeDrill(Dataset dataset, IDocumentSource source, NpgsqlConnection connection, SourceSums sums, ReconcileOptions options,
    Func<Func<IEnumerable<IDocumentScan>>, SourcePass> passOver, Selection? selection)
{
    readonly KeyRanges ranges = sums.Ranges;
    KeyTable? keys;

    /// <param name="index">Of the table among the dataset's.</param>
    /// <param name="inWarehouse">The table's sums.</param>
    /// <param name="differing">Neighbouring ranges that differ.</param>
    public async Task RunAsync(int index, Table table, RangeSums inWarehouse, IReadOnlyList<(int From, int To, long Rows)> differing, Action<Difference> report, CancellationToken cancellation)
    {
        if (keys is null)
        {
            keys = new KeyTable(connection, dataset, "quality_ranges");
            await keys.FillAsync(ranges.Ends, cancellation);
        }
        foreach (var (turn, (some, segments)) in Turns(table, differing).Index())
        {
            string again = turn == 0 ? "" : $", turn {turn + 1}";
            var between = some.Select(d => ranges.Between(d.From, d.To)).ToArray();
            var drill = new Drill(table, segments);
            var builder = new DifferenceBuilder(table);
            var pass = passOver(() => between.Select(b => source.Scan(dataset, new ScanRange(ranges.PositionOf(b.From), ranges.PositionOf(b.To)), null)));
            await pass.RunAsync((of, fields, hash, document) =>
            {
                if (of == index)
                    drill.AddSource(fields, hash, document, d => source.PositionOf(dataset, d));
            }, options.Tell($"{dataset.Name} again, for {table.Name}{again}", ReconcileOptions.Documents, some.Sum(d => sums.Documents.CountOf(d.From, d.To))), cancellation);
            var tell = options.Tell($"{table.QualifiedName} again{again}", ReconcileOptions.Rows, some.Sum(d => inWarehouse.CountOf(d.From, d.To)));
            long read = 0;
            foreach (var (from, to) in between)
            {
                var rows = new WarehousePass(connection, table, selection) { Condition = keys.Between(table, from, to) };
                await rows.RunAsync(pass.LeftOut, (fields, key, hash) => drill.CompareWarehouse(fields, key, hash, builder, report), count => tell?.Invoke(read + count), cancellation);
                read += rows.Count;
            }
            drill.ReportMissing(builder, report);
        }
    }

    /// <summary>
    /// What fits in memory at a time. Where a row's key names its document, range by range. Else a row may have come under another document, and so be in
    /// another range on each side: then all ranges are read in each turn, for some of the keys.
    /// </summary>
    IEnumerable<(IReadOnlyList<(int From, int To, long Rows)> Ranges, IReadOnlySet<int>? Segments)> Turns(Table table, IReadOnlyList<(int From, int To, long Rows)> differing)
    {
        long rows = differing.Sum(d => d.Rows);
        if (rows <= options.RowsAtATime)
            yield return (differing, null);
        else if (table.DocumentKey.All(table.Key.Contains))
        {
            var some = new List<(int From, int To, long Rows)>();
            foreach (var range in differing)
            {
                if (some.Count > 0 && some.Sum(s => s.Rows) + range.Rows > options.RowsAtATime)
                {
                    yield return (some, null);
                    some = [];
                }
                some.Add(range);
            }
            yield return (some, null);
        }
        else
        {
            int turns = (int)Math.Min(SegmentSums.Segments, rows / options.RowsAtATime + 1);
            for (int turn = 0; turn < turns; turn++)
                yield return (differing, Enumerable.Range(0, SegmentSums.Segments).Where(s => s % turns == turn).ToHashSet());
        }
    }
}
