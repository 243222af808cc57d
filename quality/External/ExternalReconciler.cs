using Etl;
using Etl.Contracts;
using Etl.Flattening;
using Etl.Loading;
using Etl.Sources;
using Npgsql;
using Quality.Reconciliation;

namespace Quality.External;

/// <summary>
/// Judges tables that somebody else fills: every row of every document against the table's columns as they stand. Only reads: it needs the right to SELECT, no
/// column of ours and no schema of ours, and keeps no journal.
/// </summary>
internal sealed class ExternalReconciler(IDocumentSource source, Warehouse warehouse)
{
    /// <summary>Rows of one side that are held in memory at a time.</summary>
    const int RowsAtATime = 200_000;

    /// <exception cref="UnavailableException">A side cannot be reached, or may not be read; nothing is known then.</exception>
    public async Task<IReadOnlyList<ExternalTable>> RunAsync(IReadOnlyList<Dataset> datasets, ReconcileOptions options, CancellationToken cancellation)
    {
        await using var connection = await warehouse.OpenAsync(cancellation);
        try
        {
            var tables = new List<ExternalTable>();
            foreach (var dataset in datasets)
                tables.AddRange(await source.FindMissingAsync([dataset], cancellation) is [var gone]
                    ? dataset.Tables.Select(t => new ExternalTable(new TableResult(t) { Reason = gone.Message }, []))
                    : await CompareAsync(connection, dataset, options, cancellation));
            return tables;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new UnavailableException($"{warehouse} does not let this user read: {e.MessageText}. Grant it USAGE on the schema and SELECT on the tables of the mapping.", e);
        }
        catch (Exception e) when (e is NpgsqlException or IOException)
        {
            throw new UnavailableException($"The warehouse was lost while it was read: {e.Message.ReplaceLineEndings(" ")} Nothing is known of what was not compared; run again.", e);
        }
    }

    async Task<IReadOnlyList<ExternalTable>> CompareAsync(NpgsqlConnection connection, Dataset dataset, ReconcileOptions options, CancellationToken cancellation)
    {
        await using var snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellation);
        await connection.RunAsync("SET TRANSACTION READ ONLY", cancellation);
        var results = new ExternalTable[dataset.Tables.Count];
        var sides = new Side?[results.Length];
        for (int i = 0; i < results.Length; i++)
        {
            var table = await ForeignTable.ReadAsync(connection, dataset.Tables[i], cancellation);
            results[i] = new ExternalTable(new TableResult(dataset.Tables[i]) { Reason = table.Problem }, table.NotCompared);
            sides[i] = table.Select is { } select ? new Side(connection, dataset.Tables[i], select) : null;
        }
        if (sides.All(s => s is null))
            return results;
        var reading = new ExternalSource(source, dataset);
        await SumSourceAsync(reading, sides, options.Tell(dataset.Name, ReconcileOptions.Documents, await source.EstimateAsync(dataset, cancellation)), cancellation);
        for (int i = 0; i < results.Length; i++)
            if (sides[i] is { } side)
            {
                await side.SumWarehouseAsync(reading.Refused, options.Tell(side.Table.QualifiedName, ReconcileOptions.Rows, side.Source.Count), cancellation);
                var result = results[i].Result;
                (result.Source, result.Warehouse, result.SourceHash, result.WarehouseHash) = (side.Source.Count, side.Rows, side.Source.Sum, side.Warehouse.Sum);
            }
        if (options.Level == Level.Contents)
        {
            for (int i = 0; i < results.Length; i++)
                if (sides[i] is { } side)
                    foreach (var group in side.DifferingGroups())
                        await DrillAsync(reading, side, i, group, results[i].Result, cancellation);
            CountRefused(reading, dataset, results[0].Result);
        }
        foreach (var result in results.Where((_, i) => sides[i] is not null).Select(r => r.Result))
            Judge(result, options.Level);
        return results;
    }

    static async Task SumSourceAsync(ExternalSource reading, Side?[] sides, Action<long>? tell, CancellationToken cancellation)
    {
        var shared = sides.Select(_ => new Dictionary<Hash128, Hash128>()).ToArray();
        await reading.ReadAsync((table, fields, _) =>
        {
            if (sides[table] is not { } side)
                return;
            var (key, hash) = (side.Form.Key(fields), side.Form.Hash(fields));
            if (!side.Table.IsShared)
                side.Source.Add(key, hash);
            else if (!shared[table].TryGetValue(key, out var best) || hash.CompareTo(best) > 0)
                shared[table][key] = hash; // many documents repeat the row
        }, tell, cancellation);
        foreach (var (table, rows) in shared.Index())
            foreach (var (key, hash) in rows)
                sides[table]!.Source.Add(key, hash);
    }

    async Task DrillAsync(ExternalSource reading, Side side, int index, IReadOnlySet<int> segments, TableResult result, CancellationToken cancellation)
    {
        var expected = new Dictionary<Hash128, (byte[] Fields, byte[] Position, Hash128 Hash)>();
        var repeated = new List<(byte[] Fields, byte[] Position)>();
        await reading.ReadAsync((table, fields, document) =>
        {
            if (table != index || side.Form.Key(fields) is var key && !segments.Contains(SegmentSums.SegmentOf(key)))
                return;
            var row = (fields.ToArray(), source.PositionOf(side.Table.Dataset, document), side.Form.Hash(fields));
            if (expected.TryAdd(key, row))
                return;
            if (!side.Table.IsShared)
                repeated.Add((row.Item1, row.Item2)); // two documents claim one key
            else if (row.Item3.CompareTo(expected[key].Hash) > 0)
                expected[key] = row;
        }, null, cancellation);
        await side.ReadAsync(reading.Refused, fields =>
        {
            var key = side.Form.Key(fields);
            if (!segments.Contains(SegmentSums.SegmentOf(key)))
                return;
            if (!expected.Remove(key, out var row))
                Count(result, side.Difference(DifferenceKind.Unexpected, default, fields, null));
            else if (!side.Form.Equal(row.Fields, fields))
                Count(result, side.Difference(DifferenceKind.Changed, row.Fields, fields, row.Position));
        }, null, cancellation);
        foreach (var (fields, position) in expected.Values.Select(r => (r.Fields, r.Position)).Concat(repeated))
            Count(result, side.Difference(DifferenceKind.Missing, fields, default, position));
    }

    /// <summary>Documents of types that the mapping does not foresee: whatever the table says of them, it was not compared.</summary>
    static void CountRefused(ExternalSource reading, Dataset dataset, TableResult root)
    {
        foreach (var document in reading.Refused.Values)
        {
            root.Unseen++;
            Count(root, new Difference(dataset.RootTable, document.HasRows ? DifferenceKind.Changed : DifferenceKind.Missing, $"document {document.Key}", "{}", document.Position,
                [new Cell("(document)", "bson", $"refused by rule {document.Rule} of the mapping", document.HasRows ? "rows of it" : null, false)]));
        }
    }

    static void Count(TableResult result, Difference difference)
    {
        _ = difference.Kind switch
        {
            DifferenceKind.Missing => result.Missing++,
            DifferenceKind.Unexpected => result.Unexpected++,
            _ => result.Changed++,
        };
        if (result.Differences.Count < TableResult.SampleLimit)
            result.Differences.Add(difference);
    }

    static void Judge(TableResult result, Level level)
    {
        if (level == Level.Counts)
        {
            (result.Missing, result.Unexpected) = (Math.Max(0, result.Source - result.Warehouse), Math.Max(0, result.Warehouse - result.Source));
            result.Verdict = result.DifferenceCount == 0 ? Verdict.Unknown : Verdict.Mismatched;
            result.Reason = result.DifferenceCount == 0 ? "Only the numbers of rows were compared; they are equal." : $"{result.Source:N0} rows in the source, {result.Warehouse:N0} in the warehouse.";
            return;
        }
        result.Matched = result.Source - (result.Missing + result.Changed - result.Unseen);
        result.Coverage = 1;
        result.Verdict = result.DifferenceCount == 0 ? Verdict.Reconciled : Verdict.Mismatched;
        result.Reason = result.DifferenceCount == 0 ? null : $"{result.Missing:N0} missing, {result.Changed:N0} changed, {result.Unexpected:N0} unexpected.";
    }

    /// <summary>The verdict on all tables, in one sentence.</summary>
    public static (Verdict Verdict, string Reason) Judge(IReadOnlyList<ExternalTable> tables, Level level)
    {
        var results = tables.Select(t => t.Result).ToArray();
        var verdict = results.Select(t => t.Verdict).Worst();
        if (verdict == Verdict.Reconciled && results.All(t => t.Source == 0 && t.Warehouse == 0))
            return (Verdict.Unknown, "Nothing was compared: source and warehouse are both empty.");
        return verdict switch
        {
            Verdict.Reconciled => (verdict, $"All {results.Sum(t => t.Source):N0} rows of {results.Length} tables are equal on both sides, in every column that the mapping names."),
            Verdict.Mismatched => (verdict, $"{results.Sum(t => t.Missing):N0} rows missing, {results.Sum(t => t.Changed):N0} changed, {results.Sum(t => t.Unexpected):N0} unexpected, in {string.Join(", ", results.Where(t => t.DifferenceCount > 0).Select(t => t.Table.QualifiedName))}."),
            _ when level == Level.Counts && results.All(t => t.Source > 0 || t.Warehouse > 0) => (verdict, "Only the numbers of rows were compared; they are equal. Contents are unknown: run without --level counts."),
            _ => (verdict, string.Join(' ', results.Where(t => t.Verdict == Verdict.Unknown && t.Reason is not null).Select(t => t.Reason).Distinct())),
        };
    }

    /// <summary>One table with the sums of both sides.</summary>
    sealed class Side(NpgsqlConnection connection, Table table, string select)
    {
        readonly DifferenceBuilder builder = new(table);
        readonly int[] documentKey = [.. table.DocumentKey.Select(c => table.Columns.ToList().IndexOf(c))];
        readonly FieldBuffer key = new(64);

        public delegate void Row(ReadOnlySpan<byte> fields);

        public Table Table => table;
        public RowForm Form { get; } = new(table);
        public SegmentSums Source { get; } = new();
        public SegmentSums Warehouse { get; } = new();

        /// <summary>Rows in the table, those of refused documents included.</summary>
        public long Rows { get; private set; }

        public Task SumWarehouseAsync(Dictionary<Hash128, RefusedKey> refused, Action<long>? tell, CancellationToken cancellation) =>
            ReadAsync(refused, fields => Warehouse.Add(Form.Key(fields), Form.Hash(fields)), tell, cancellation);

        public async Task ReadAsync(Dictionary<Hash128, RefusedKey> refused, Row visit, Action<long>? tell, CancellationToken cancellation)
        {
            try
            {
                await using var stream = await connection.BeginRawBinaryCopyAsync($"COPY ({select}) TO STDOUT (FORMAT binary)", cancellation);
                await using var stop = cancellation.Register(stream.Cancel); // wakes a read that waits for a slow server
                await Task.Run(() => Read(stream, refused, visit, tell, cancellation), cancellation);
            }
            catch (Exception e) when (e is not OperationCanceledException && cancellation.IsCancellationRequested)
            {
                throw new OperationCanceledException("Stopped while a table was read.", e, cancellation); // whatever a cancelled COPY throws
            }
        }

        void Read(Stream stream, Dictionary<Hash128, RefusedKey> refused, Row visit, Action<long>? tell, CancellationToken cancellation)
        {
            const int every = 4096;
            var reader = new CopyReader(stream);
            for (Rows = 0; reader.Read(); Rows++)
            {
                if (Rows % every == every - 1)
                {
                    cancellation.ThrowIfCancellationRequested();
                    tell?.Invoke(Rows);
                }
                var fields = Form.Cleaned(reader.Fields);
                if (refused.Count > 0 && documentKey.Length > 0 && refused.TryGetValue(DocumentKeyOf(fields), out var document))
                    document.HasRows = true;
                else
                    visit(fields);
            }
            tell?.Invoke(Rows);
        }

        Hash128 DocumentKeyOf(ReadOnlySpan<byte> fields)
        {
            key.Truncate();
            foreach (int column in documentKey)
                key.Write(RowFields.At(fields, column));
            return Hash128.Of(key.Written);
        }

        /// <summary>Differing segments in groups that fit in memory.</summary>
        public IReadOnlyList<IReadOnlySet<int>> DifferingGroups()
        {
            var groups = new List<IReadOnlySet<int>>();
            var group = new HashSet<int>();
            long rows = 0;
            foreach (int segment in Source.DifferingFrom(Warehouse))
            {
                long more = Math.Max(Source.CountOf(segment), Warehouse.CountOf(segment));
                if (group.Count > 0 && rows + more > RowsAtATime)
                {
                    groups.Add(group);
                    (group, rows) = ([], 0);
                }
                group.Add(segment);
                rows += more;
            }
            return group.Count > 0 ? [.. groups, group] : groups;
        }

        public Difference Difference(DifferenceKind kind, ReadOnlySpan<byte> expected, ReadOnlySpan<byte> found, byte[]? position)
        {
            var difference = builder.Build(kind, expected, found, position);
            if (kind != DifferenceKind.Changed)
                return difference;
            var cells = difference.Cells.ToArray();
            for (int i = 0; i < cells.Length; i++)
                cells[i] = cells[i] with { Equal = Form.Equal(i, RowFields.At(expected, i), RowFields.At(found, i)) };
            return difference with { Cells = cells };
        }
    }
}
