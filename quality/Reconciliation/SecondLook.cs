using System.Data;
using Etl.Contracts;
using Etl.Loading;
using Etl.Sources;
using Npgsql;

namespace Quality.Reconciliation;

/// <summary>Reads the documents behind differing rows once more, and their rows in the warehouse: nothing else, each time in a snapshot of its own.</summary>
internal sealed class SecondLook(string pipeline, Dataset dataset, IDocumentSource source, NpgsqlConnection connection, Selection? selection)
{
    const int PositionsAtATime = 1_000;

    /// <summary>Whether both sides can be asked for this row alone.</summary>
    public static bool CanFind(Difference difference) => !difference.Table.IsShared && (difference.Trace!.Documents.Count > 0 || difference.IsUnseen);

    public async Task<Look> LookAsync(IReadOnlyList<Suspect> suspects, CancellationToken cancellation)
    {
        var wanted = suspects.Select(s => s.Id).ToHashSet();
        var documents = suspects.SelectMany(s => s.First.Concat(s.Now)).SelectMany(d => d.Trace!.Documents).DistinctBy(Convert.ToHexString).ToArray();
        var positions = suspects.SelectMany(s => s.First).Select(d => d.Position).Concat(documents.Select(d => DocumentPositions.Of(dataset, d))).OfType<byte[]>().DistinctBy(Convert.ToHexString).ToArray();

        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var keys = new KeyTable(connection, dataset, "quality_looked_at");
        await keys.FillAsync(documents, cancellation);
        var pass = new SourcePass(source, dataset, await QuarantineIndex.ReadAsync(connection, pipeline, dataset, cancellation), await QuarantineKeys.OpenAsync(connection, dataset, cancellation), selection)
        {
            Parts = () => positions.Chunk(PositionsAtATime).Select(some => source.Pick(dataset, some)),
        };
        var (inSource, differing) = (new HashSet<RowId>(), new List<Difference>());
        var drills = dataset.Tables.Select((t, i) => (Table: t, Index: i, Drill: new Drill(t, segments: null), Builder: new DifferenceBuilder(t)))
            .Where(d => wanted.Any(w => w.Table == d.Table)).ToArray();
        var byIndex = drills.ToDictionary(d => d.Index);
        await pass.RunAsync((table, fields, hash, document) =>
        {
            if (byIndex.TryGetValue(table, out var of))
                inSource.Add(new RowId(of.Table, of.Drill.AddSource(fields, hash, document, d => source.PositionOf(dataset, d))));
        }, null, cancellation);
        foreach (var (table, _, drill, builder) in drills)
        {
            await new WarehousePass(connection, table, selection) { Condition = keys.Condition(table) }.RunAsync(pass.LeftOut,
                (fields, key, hash) => drill.CompareWarehouse(fields, key, hash, builder, differing.Add), null, cancellation);
            drill.ReportMissing(builder, differing.Add);
        }
        differing.AddRange(pass.LeftOut.Values.Where(d => d.Rule is not null).Select(d => d.ToDifference(dataset.RootTable)));
        return new Look(differing.Where(d => wanted.Contains(d.Id)).ToLookup(d => d.Id), inSource);
    }
}
