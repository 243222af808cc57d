using Etl.Contracts;
using Etl.Flattening;
using Etl.Loading;
using Etl.Sources;
using Npgsql;

namespace Quality.Reconciliation;

/// <summary>A dataset that is compared segment by segment: ranges of its documents' keys, which either side can read without the others.</summary>
internal sealed class SampledDataset
{
    /// <summary>Segments that a dataset has at most.</summary>
    const int MostSegments = 4_096;

    /// <summary>Where the warehouse has so few of the source's documents, its keys do not divide them.</summary>
    const int FewTimes = 2;

    readonly Dataset dataset;
    readonly IDocumentSource source;
    readonly NpgsqlConnection connection;
    readonly ReconcileOptions options;
    readonly KeyTable keys;
    readonly Dictionary<Hash128, LeftOut> leftOut = [];
    readonly Dictionary<Hash128, (byte[] Fields, Hash128 Hash, byte[] Position)>[] shared;
    readonly DifferenceBuilder[] builders;
    readonly RowHasher[] hashers;
    QuarantineIndex quarantine = null!;
    QuarantineKeys names = null!;
    IReadOnlyList<byte[]> ends = [];

    SampledDataset(Dataset dataset, int number, IDocumentSource source, NpgsqlConnection connection, ReconcileOptions options, Tally tally)
    {
        (this.dataset, this.source, this.connection, this.options, Tally) = (dataset, source, connection, options, tally);
        keys = new KeyTable(connection, dataset, $"quality_ends_{number}");
        shared = [.. dataset.Tables.Select(_ => new Dictionary<Hash128, (byte[], Hash128, byte[])>())];
        builders = [.. dataset.Tables.Select(t => new DifferenceBuilder(t))];
        hashers = [.. dataset.Tables.Select(t => new RowHasher(t))];
    }

    public Tally Tally { get; }

    public Dataset Dataset => dataset;

    public IDocumentSource Source => source;

    /// <summary>How many there are, and how many were read.</summary>
    public int Segments => ends.Count + 1;

    /// <inheritdoc cref="Segments"/>
    public int Read { get; private set; }

    public bool IsWhole => Read == Segments;

    public static async Task<SampledDataset> OpenAsync(string pipeline, Dataset dataset, int number, IDocumentSource source, NpgsqlConnection connection, ReconcileOptions options, Tally tally, CancellationToken cancellation)
    {
        var sampled = new SampledDataset(dataset, number, source, connection, options, tally)
        {
            quarantine = await QuarantineIndex.ReadAsync(connection, pipeline, dataset, cancellation),
            names = await QuarantineKeys.OpenAsync(connection, dataset, cancellation),
        };
        await sampled.DivideAsync(cancellation);
        return sampled;
    }

    /// <summary>Both sides sort alike, so the keys of either divide both.</summary>
    async Task DivideAsync(CancellationToken cancellation)
    {
        var found = new List<byte[]>();
        long rows = Tally.Results[0].Reason is null ? await connection.ScalarAsync<long>($"SELECT count(*) FROM {dataset.RootTable.Live}", cancellation) : 0;
        long parts = Math.Min(MostSegments, rows / options.SmallestSegment);
        if (parts > 1)
        {
            string key = Identifier.Quote(dataset.RootTable.DocumentKey[0].Name);
            await using var stream = await connection.BeginRawBinaryCopyAsync(
                $"COPY (SELECT DISTINCT k FROM (SELECT {key} AS k, row_number() OVER (ORDER BY {key}) AS n FROM {dataset.RootTable.Live} WHERE {key} IS NOT NULL) o WHERE n % {rows / parts} = 0) TO STDOUT (FORMAT binary)", cancellation);
            await Task.Run(() =>
            {
                var reader = new CopyReader(stream);
                while (reader.Read())
                    found.Add(reader.Fields.ToArray());
            }, cancellation);
        }
        if (await source.EstimateAsync(dataset, cancellation) is { } documents && documents > FewTimes * rows)
        {
            var flattener = new Flattener(dataset);
            foreach (byte[] end in await source.SplitAsync(dataset, (int)Math.Clamp(documents / options.SmallestSegment, 1, MostSegments), cancellation))
                if (flattener.Key(end) is { IsEmpty: false } field)
                    found.Add(field.ToArray());
        }
        // An end that the source cannot have would divide one side alone.
        await keys.FillAsync([.. found.Where(f => DocumentPositions.Of(dataset, f) is not null).DistinctBy(Convert.ToHexString)], cancellation);
        await keys.SortAsync(cancellation);
        ends = await keys.ReadAsync(cancellation);
    }

    public IEnumerable<SampleSegment> All() => Enumerable.Range(0, Segments).Select(i => new SampleSegment(this, i == 0 ? null : i - 1, i == ends.Count ? null : i));

    /// <returns>Rows that the source gave.</returns>
    public async Task<long> ReadAsync(SampleSegment segment, CancellationToken cancellation)
    {
        var results = Tally.Results;
        var range = new ScanRange(PositionOf(segment.From), PositionOf(segment.To));
        var pass = new SourcePass(source, dataset, quarantine, names) { Parts = () => [source.Scan(dataset, range, null)] };
        var drills = results.Select(r => new Drill(r.Table, segments: null)).ToArray();
        long given = 0;
        await pass.RunAsync((table, fields, hash, document) =>
        {
            given++;
            if (results[table].Reason is not null)
                return;
            if (results[table].Table.IsShared)
                Offer(table, fields, hash, document);
            else
            {
                results[table].Source++;
                drills[table].AddSource(fields, hash, document, d => source.PositionOf(dataset, d));
            }
        }, null, cancellation);
        foreach (var (i, result) in results.Index().Where(r => r.Item.Reason is null && !r.Item.Table.IsShared))
        {
            var rows = new WarehousePass(connection, result.Table) { Condition = keys.Between(result.Table, segment.From, segment.To) };
            await rows.RunAsync(pass.LeftOut, (fields, key, hash) => drills[i].CompareWarehouse(fields, key, hash, builders[i], Tally.Report), null, cancellation);
            drills[i].ReportMissing(builders[i], Tally.Report);
            (result.Warehouse, result.HeldBack) = (result.Warehouse + rows.Count, result.HeldBack + rows.HeldBack);
        }
        results[0].Quarantined += pass.Quarantined;
        foreach (var (key, document) in pass.LeftOut)
        {
            leftOut[key] = document;
            if (document.Rule is not null && results[0].Reason is null)
                Tally.Report(document.ToDifference(results[0].Table));
        }
        Read++;
        return given;
    }

    byte[]? PositionOf(int? end) => end is { } n ? DocumentPositions.Of(dataset, ends[n]) : null;

    void Offer(int table, ReadOnlySpan<byte> fields, Hash128 hash, ReadOnlySpan<byte> document)
    {
        var key = hashers[table].Key(fields);
        if (!shared[table].TryGetValue(key, out var best) || hash.CompareTo(best.Hash) > 0)
            shared[table][key] = (fields.ToArray(), hash, source.PositionOf(dataset, document));
    }

    /// <summary>
    /// Dimensions: a row that the documents give must be there. Which of several values it has only all documents can say: of a sample, one that loses against
    /// what was read is wrong for certain. Rows that nothing gives are only looked for when everything was read.
    /// </summary>
    public async Task CompareSharedAsync(CancellationToken cancellation)
    {
        foreach (var (i, result) in Tally.Results.Index().Where(r => r.Item.Reason is null && r.Item.Table.IsShared))
        {
            var wanted = shared[i];
            result.Source = wanted.Count;
            await new WarehousePass(connection, result.Table).RunAsync(leftOut, (fields, key, hash) =>
            {
                bool isGiven = wanted.Remove(key, out var row);
                result.Warehouse += isGiven || IsWhole ? 1 : 0;
                if (isGiven && (IsWhole ? hash != row.Hash : hash.CompareTo(row.Hash) < 0))
                    Tally.Report(builders[i].Build(DifferenceKind.Changed, row.Fields, fields, row.Position) with { Trace = new RowTrace(key, row.Hash, hash, []) });
                else if (!isGiven && IsWhole)
                    Tally.Report(builders[i].Build(DifferenceKind.Unexpected, default, fields, null) with { Trace = new RowTrace(key, null, hash, []) });
            }, null, cancellation);
            foreach (var (key, row) in wanted)
                Tally.Report(builders[i].Build(DifferenceKind.Missing, row.Fields, default, row.Position) with { Trace = new RowTrace(key, row.Hash, null, []) });
            if (IsWhole)
                await new UnreferencedRows(dataset, connection, options, Tally).SetApartAsync(result, leftOut, cancellation);
        }
    }

    public void Judge()
    {
        foreach (var result in Tally.Results.Where(r => r.Reason is null))
        {
            result.JudgeContents();
            if (!IsWhole)
                result.JudgeSample(Segments, Read);
        }
    }
}
