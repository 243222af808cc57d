using Etl.Contracts;
using Etl.Flattening;

namespace Quality.Reconciliation;

/// <summary>Compares one table row by row, within a group of segments that are known to differ.</summary>
/// <param name="segments">Null: all.</param>
internal sealed class Drill(Table table, IReadOnlySet<int>? segments)
{
    /// <summary>Rows of one side that are held in memory at a time; more differing segments are read in several turns.</summary>
    public const int RowsAtATime = 200_000;

    readonly record struct SourceSide(byte[] Fields, Hash128 Hash, byte[] Position);

    readonly RowHasher hasher = new(table);
    readonly int documentKey = table.DocumentKey is [var column, ..] ? table.Columns.ToList().IndexOf(column) : -1;
    readonly Dictionary<Hash128, SourceSide> source = [];
    readonly List<SourceSide> repeated = [];

    public delegate byte[] PositionOf(ReadOnlySpan<byte> document);

    /// <returns>Hash of the row's key.</returns>
    public Hash128 AddSource(ReadOnlySpan<byte> fields, Hash128 hash, ReadOnlySpan<byte> document, PositionOf positionOf)
    {
        var key = hasher.Key(fields);
        if (segments?.Contains(SegmentSums.SegmentOf(key)) == false)
            return key;
        var side = new SourceSide(fields.ToArray(), hash, positionOf(document));
        if (source.TryAdd(key, side))
            return key;
        if (!table.IsShared)
            repeated.Add(side); // two documents claim one key; the table can only have one of them
        else if (hash.CompareTo(source[key].Hash) > 0)
            source[key] = side; // among equal versions the greatest hash wins, as when loading
        return key;
    }

    public void CompareWarehouse(ReadOnlySpan<byte> fields, Hash128 key, Hash128 hash, DifferenceBuilder builder, Action<Difference> report)
    {
        if (segments?.Contains(SegmentSums.SegmentOf(key)) == false)
            return;
        if (!source.Remove(key, out var side))
            report(builder.Build(DifferenceKind.Unexpected, default, fields, null) with { Trace = Trace(key, null, hash, default, fields) });
        else if (side.Hash != hash)
            report(builder.Build(DifferenceKind.Changed, side.Fields, fields, side.Position) with { Trace = Trace(key, side.Hash, hash, side.Fields, fields) });
    }

    /// <summary>What the warehouse did not have.</summary>
    public void ReportMissing(DifferenceBuilder builder, Action<Difference> report)
    {
        foreach (var side in source.Values.Concat(repeated))
            report(builder.Build(DifferenceKind.Missing, side.Fields, default, side.Position) with { Trace = Trace(hasher.Key(side.Fields), side.Hash, null, side.Fields, default) });
    }

    RowTrace Trace(Hash128 key, Hash128? inSource, Hash128? inWarehouse, ReadOnlySpan<byte> sourceFields, ReadOnlySpan<byte> warehouseFields) =>
        new(key, inSource, inWarehouse, RowTrace.DocumentsOf(documentKey, sourceFields, warehouseFields));

    /// <summary>Groups segments so that each group fits in memory.</summary>
    public static IEnumerable<IReadOnlySet<int>> Group(SegmentSums source, SegmentSums warehouse)
    {
        var group = new HashSet<int>();
        long rows = 0;
        foreach (int segment in source.DifferingFrom(warehouse))
        {
            long more = Math.Max(source.CountOf(segment), warehouse.CountOf(segment));
            if (group.Count > 0 && rows + more > RowsAtATime)
            {
                yield return group;
                (group, rows) = ([], 0);
            }
            group.Add(segment);
            rows += more;
        }
        if (group.Count > 0)
            yield return group;
    }
}
