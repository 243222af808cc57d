using System.Diagnostics;
using Etl.Contracts;
using Etl.Flattening;
using Etl.Loading;
using Etl.Sources;
using Npgsql;
using NpgsqlTypes;

namespace Quality.Reconciliation;

/// <summary>
/// Compares a dataset whose order says nothing of its keys: several documents may speak of one, and the highest version counts. The database sorts
/// them, so that memory does not grow with them; it is told hashes of ours only, and nothing of its own tables is asked for that.
/// </summary>
internal sealed class EventComparison(EventPass pass, Table table, NpgsqlConnection connection, ReconcileOptions options, Action<Difference> report)
{
    readonly DayRange? days = options.Days;

    const string Seen = "source_documents";

    readonly SegmentSums source = new(), warehouse = new();

    /// <summary>Keys whose newest document is in quarantine, or ought to be.</summary>
    readonly HashSet<Hash128> leftOut = [];

    /// <summary>Keys of the days asked for; null: of all.</summary>
    readonly HashSet<Hash128>? selected = options.Days is null ? null : [];

    public async Task CompareAsync(TableResult result, Level level, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        await ReadSourceAsync(result, cancellation);
        await ReadWarehouseAsync(result, (_, key, hash) => warehouse.Add(key, hash), cancellation);
        result.Days = [.. pass.Days.Values];
        (result.Documents, result.Source, result.Quarantined) = (pass.Documents - pass.Filtered, source.Count, pass.Quarantined);
        (result.SourceHash, result.WarehouseHash) = (source.Sum, warehouse.Sum);
        result.Took = Stopwatch.GetElapsedTime(began);
        if (level == Level.Counts)
            return;
        ReportUnseen();
        foreach (var group in Drill.Group(source, warehouse))
            await DrillAsync(result, group, cancellation);
    }

    async Task ReadSourceAsync(TableResult result, CancellationToken cancellation)
    {
        await connection.RunAsync($"CREATE TEMP TABLE {Seen} (key uuid NOT NULL, version uuid NOT NULL, hash uuid) ON COMMIT DROP", cancellation);
        await using (var copy = await connection.BeginBinaryImportAsync($"COPY {Seen} FROM STDIN (FORMAT binary)", cancellation))
        {
            await pass.RunAsync((key, version, fields, hash, _) =>
            {
                copy.StartRow();
                copy.Write(key.ToGuid(), NpgsqlDbType.Uuid);
                copy.Write(version.ToGuid(), NpgsqlDbType.Uuid);
                if (fields.IsEmpty)
                    copy.WriteNull();
                else
                    copy.Write(hash.ToGuid(), NpgsqlDbType.Uuid);
            }, options.Tell(table.Dataset.Name, ReconcileOptions.Documents, null), cancellation);
            await copy.CompleteAsync(cancellation);
        }
        await using var stream = await connection.BeginRawBinaryCopyAsync($"""
            COPY (SELECT key, hash, row_number() OVER w, first_value(hash) OVER w, version FROM {Seen} WINDOW w AS (PARTITION BY key ORDER BY version DESC, hash DESC NULLS LAST)) TO STDOUT (FORMAT binary)
            """, cancellation);
        await using var stop = cancellation.Register(stream.Cancel);
        await Task.Run(() => Count(new CopyReader(stream), result), cancellation);
    }

    void Count(CopyReader rows, TableResult result)
    {
        while (rows.Read())
        {
            var key = Hash128.Read(RowFields.At(rows.Fields, 0)[4..]);
            var hash = RowFields.At(rows.Fields, 1);
            bool wins = System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(RowFields.At(rows.Fields, 2)[4..]) == 1;
            if (wins)
                selected?.Add(key);
            if (RowFields.IsNull(hash))
            {
                if (wins)
                    leftOut.Add(key);
            }
            else
                Count(key, hash, wins, isSame: RowFields.At(rows.Fields, 3).SequenceEqual(hash), pass.Days.GetValueOrDefault(Hash128.Read(RowFields.At(rows.Fields, 4)[4..]).High), result);
        }
    }

    void Count(Hash128 key, ReadOnlySpan<byte> hash, bool wins, bool isSame, DayBooks? day, TableResult result)
    {
        if (wins)
        {
            source.Add(key, Hash128.Read(hash[4..]));
            day?.Source += 1;
        }
        else if (isSame)
        {
            result.Duplicate++;
            day?.Duplicate += 1;
        }
        else
        {
            result.Superseded++;
            day?.Superseded += 1;
        }
    }

    async Task ReadWarehouseAsync(TableResult result, WarehouseRow visit, CancellationToken cancellation)
    {
        int dayColumn = days is null ? -1 : table.Columns.ToList().FindIndex(c => c.Field == table.Dataset.PartitionField && c.Field is not null);
        (result.Warehouse, result.HeldBack) = (0, 0);
        var rows = new WarehousePass(connection, table);
        await rows.RunAsync(new Dictionary<Hash128, LeftOut>(), (fields, key, hash) =>
        {
            if (selected is not null && !selected.Contains(key) && (dayColumn < 0 || !IsInDays(RowFields.At(fields, dayColumn))))
                return;
            result.Warehouse++;
            if (leftOut.Contains(key))
                result.HeldBack++;
            else
                visit(fields, key, hash);
        }, options.Tell(table.QualifiedName, ReconcileOptions.Rows, source.Count), cancellation);
        result.Nulls = days is null ? table.Columns.Zip(rows.Nulls).ToDictionary(c => c.First.Name, c => c.Second) : null;
    }

    /// <summary>A row of the days asked for that the source does not give there is one too many.</summary>
    bool IsInDays(ReadOnlySpan<byte> field)
    {
        if (RowFields.IsNull(field))
            return false;
        var epoch = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
        long at = System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(field[4..]);
        return at >= (days!.Start - epoch).Ticks / TimeSpan.TicksPerMicrosecond && at < (days.End - epoch).Ticks / TimeSpan.TicksPerMicrosecond;
    }

    /// <summary>Documents that the contract refuses and no quarantine holds.</summary>
    void ReportUnseen()
    {
        foreach (var document in pass.Unseen)
            report(document.ToDifference(table));
    }

    readonly record struct SourceSide(RowVersion Version, byte[] Fields, Hash128 Hash, byte[] Position);

    async Task DrillAsync(TableResult result, IReadOnlySet<int> segments, CancellationToken cancellation)
    {
        var builder = new DifferenceBuilder(table);
        var rows = new Dictionary<Hash128, SourceSide>();
        await pass.RunAsync((key, version, fields, hash, document) =>
        {
            if (fields.IsEmpty || leftOut.Contains(key) || !segments.Contains(SegmentSums.SegmentOf(key)))
                return;
            if (!rows.TryGetValue(key, out var known) || (version, hash).CompareTo((known.Version, known.Hash)) > 0)
                rows[key] = new SourceSide(version, fields.ToArray(), hash, pass.PositionOf(document));
        }, options.Tell($"{table.Dataset.Name} again", ReconcileOptions.Documents, result.Documents), cancellation);
        await ReadWarehouseAsync(result, (fields, key, hash) =>
        {
            if (!segments.Contains(SegmentSums.SegmentOf(key)))
                return;
            if (!rows.Remove(key, out var side))
                report(builder.Build(DifferenceKind.Unexpected, default, fields, null) with { Trace = new RowTrace(key, null, hash, []) });
            else if (side.Hash != hash)
                report(builder.Build(DifferenceKind.Changed, side.Fields, fields, side.Position) with { Trace = new RowTrace(key, side.Hash, hash, []) });
        }, cancellation);
        foreach (var (key, side) in rows)
            report(builder.Build(DifferenceKind.Missing, side.Fields, default, side.Position) with { Trace = new RowTrace(key, side.Hash, null, []) });
    }
}
