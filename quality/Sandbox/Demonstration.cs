using Chaos.Corruption;
using Chaos.Generation;
using Etl;
using Etl.Contracts;
using Etl.Documents;
using Etl.Loading;
using Etl.Sources;
using Etl.Sources.Mongo;
using Quality.Reconciliation;

namespace Quality.Sandbox;

/// <summary>
/// The whole harness once, on servers that hold nothing else: generate, corrupt, sync, sync again, reconcile,
/// damage the warehouse, find exactly that, repair. Says what it does, and keeps what was not as it should be.
/// </summary>
public sealed class Demonstration(Contract contract, string mongoUri, Warehouse warehouse, TimeProvider time, Action<string> say)
{
    const int CorruptedOfEachKind = 8;

    readonly List<string> deviations = [];

    public async Task<DemonstrationOutcome> RunAsync(CommunityOptions options, CancellationToken cancellation)
    {
        using var connection = MongoConnection.Open(mongoUri);
        await using var source = new MongoSource(mongoUri, contract);
        await EmptyAsync(connection, cancellation);
        var made = await CommunityGenerator.ForMongo(connection, options, contract.Database!, time).GenerateDaysAsync(cancellation);
        say($"Generated {made.Users:N0} users, {made.Groups:N0} groups and {made.Messages:N0} messages over the MongoDB wire protocol: {made.FirstDay:yyyy-MM-dd} to {made.LastDay:yyyy-MM-dd}.");
        var corrupted = await CorruptAsync(connection, source, options.Seed, cancellation);
        var synced = await SyncAsync(source, options.Seed, cancellation);
        await JudgeDetectionAsync(corrupted, synced, options.Seed, cancellation);
        await SyncAgainAsync(source, options.Seed, cancellation);
        var clean = await ReconcileAsync(source, options.Seed, cancellation);
        Expect(clean.Verdict == Verdict.Reconciled, $"the first reconciliation should be reconciled: {clean.Reason}");
        say($"Reconciled both sides, value by value: {clean.Verdict.Word()}. {clean.Reason}");
        var damage = await DamageAsync(options.Seed, cancellation);
        var mended = await RepairAsync(source, damage, options.Seed, cancellation);
        return new DemonstrationOutcome(mended.After, deviations);
    }

    void Expect(bool holds, string otherwise)
    {
        if (!holds)
            deviations.Add(otherwise);
    }

    async Task EmptyAsync(MongoConnection connection, CancellationToken cancellation)
    {
        await connection.CommandAsync(contract.Database!, Bson.Make(w => w.Write("dropDatabase", 1)), cancellation);
        await using var database = await warehouse.OpenAsync(cancellation);
        await database.RunAsync($"DROP SCHEMA IF EXISTS quality CASCADE", cancellation);
        await database.RunAsync($"DROP SCHEMA IF EXISTS {Identifier.Quote(contract.WarehouseSchema)} CASCADE", cancellation);
    }

    async Task<IReadOnlyList<CorruptedDocument>> CorruptAsync(MongoConnection connection, IDocumentSource source, int seed, CancellationToken cancellation)
    {
        var users = contract.Datasets[0];
        var campaign = new CorruptionCampaign(users, seed);
        var corrupted = campaign.Corrupt(await ReadAllAsync(source, users, cancellation), CorruptedOfEachKind);
        foreach (var chunk in corrupted.Chunk(100))
            await WriteAsync(connection, source, users, chunk, cancellation);
        say($"Corrupted {corrupted.Count:N0} {users.Name} in {campaign.Kinds.Count} ways: {string.Join(", ", campaign.Kinds.Select(k => k.Name))}.");
        return corrupted;
    }

    static async Task<List<ReadOnlyMemory<byte>>> ReadAllAsync(IDocumentSource source, Dataset dataset, CancellationToken cancellation)
    {
        var documents = new List<ReadOnlyMemory<byte>>();
        await using var scan = source.Scan(dataset, ScanRange.Whole, null);
        await foreach (var batch in scan.BatchesAsync(cancellation: cancellation))
            for (int i = 0; i < batch.Count; i++)
                documents.Add(batch[i].ToArray());
        return documents;
    }

    /// <summary>Replaces the originals, and inserts what is new; the server does not look into the values.</summary>
    async Task WriteAsync(MongoConnection connection, IDocumentSource source, Dataset dataset, IReadOnlyList<CorruptedDocument> documents, CancellationToken cancellation)
    {
        byte[] command = Bson.Make(w =>
        {
            w.Write("update", dataset.SourceName).BeginArray("updates");
            foreach (var document in documents)
                w.BeginDocument().WriteDocument("q", source.PositionOf(dataset, document.Document)).WriteDocument("u", document.Document).Write("upsert", document.IsNew).End();
            w.End();
        });
        var reply = new BsonReader(await connection.CommandAsync(contract.Database!, command, cancellation));
        if (Bson.Find(ref reply, "writeErrors"u8))
            throw new UnavailableException($"The source did not take the corrupted documents: {ExtendedJson.ValueToString(reply.Type, reply.Value)}");
    }

    async Task<SyncResult> SyncAsync(IDocumentSource source, int seed, CancellationToken cancellation)
    {
        var result = await new Synchronizer(contract, source, warehouse, time).RunAsync(new SyncOptions { Seed = seed }, cancellation);
        Expect(result.Verdict == Verdict.Reconciled, $"the books of run {result.Run} should close: {result.Reason}");
        say($"Synced: {result.Documents.Sum(d => d.Read):N0} documents into {result.Tables.Sum(t => t.Inserted):N0} rows of {result.Tables.Count} tables; {result.Documents.Sum(d => d.Quarantined):N0} quarantined. {result.Reason}");
        return result;
    }

    async Task JudgeDetectionAsync(IReadOnlyList<CorruptedDocument> corrupted, SyncResult synced, int seed, CancellationToken cancellation)
    {
        await using var connection = await warehouse.OpenAsync(cancellation);
        var matrix = DetectionMatrix.Of(corrupted, await DetectionReader.QuarantinedAsync(connection, contract, cancellation), await DetectionReader.ReportedAsync(connection, contract, cancellation));
        foreach (var row in matrix.Rows)
        {
            await ExperimentJournal.WriteAsync(connection, synced.Run, contract.Pipeline, "corruption", row.Kind.Title,
                row.Kind.Outcome == Outcome.Loaded ? $"{DetectionMatrix.NoRule} as it is, byte for byte" : $"{(row.Kind.Outcome == Outcome.Reported ? "loaded, and reported by check" : "quarantined by rule")} {row.Kind.Rule}",
                row.Injected, row.Detected, row.Missed.Count, 0, row.Outcomes, seed, cancellation);
            Expect(row.Missed.Count == 0, $"{row.Missed.Count} of {row.Injected} documents with '{row.Kind.Title}' were not found ({string.Join(", ", row.Missed.Take(3).Select(d => d.Field))})");
        }
        Expect(matrix.FalseAlarms.Count == 0, $"{matrix.FalseAlarms.Count} documents were refused that nobody corrupted");
        Expect(synced.Documents.Sum(d => d.Quarantined) == corrupted.Count(d => d.Kind.Outcome == Outcome.Quarantined), "the ledger should count exactly the corrupted documents as quarantined");
        say($"Detection: {matrix.Detected:N0} of {matrix.Injected:N0} corrupted documents came out as they should, {matrix.FalseAlarms.Count} false alarms.");
    }

    async Task SyncAgainAsync(IDocumentSource source, int seed, CancellationToken cancellation)
    {
        var again = await new Synchronizer(contract, source, warehouse, time).RunAsync(new SyncOptions { Seed = seed }, cancellation);
        long changes = again.Tables.Sum(t => t.Inserted + t.Updated + t.Removed);
        Expect(changes == 0 && again.Documents.Sum(d => d.Loaded) == 0, $"the second sync should change nothing; it changed {changes} rows");
        say($"Synced again: {changes:N0} rows changed.");
    }

    Task<ReconcileResult> ReconcileAsync(IDocumentSource source, int seed, CancellationToken cancellation) =>
        new Reconciler(contract, source, warehouse, time).RunAsync(new ReconcileOptions { Seed = seed }, cancellation);

    async Task<WarehouseDamage> DamageAsync(int seed, CancellationToken cancellation)
    {
        await using var connection = await warehouse.OpenAsync(cancellation);
        var damage = await WarehouseDamage.DoAsync(connection, seed, cancellation);
        say($"Damaged the warehouse by hand: {WarehouseDamage.Deleted} users deleted, {WarehouseDamage.Edited} edited, {WarehouseDamage.Invented} made up.");
        return damage;
    }

    async Task<RepairResult> RepairAsync(IDocumentSource source, WarehouseDamage damage, int seed, CancellationToken cancellation)
    {
        var mended = await new Repairer(contract, source, warehouse, time).RunAsync(new ReconcileOptions { Seed = seed }, deleteUnexpected: true, cancellation);
        say($"Reconciled: {mended.Before.Verdict.Word()}. {mended.Before.Reason}");
        await using var connection = await warehouse.OpenAsync(cancellation);
        var found = mended.Before.Tables.SelectMany(t => t.Differences).ToList();
        foreach (var (kind, what, planted) in ((DifferenceKind, string, IReadOnlySet<string>)[])
            [(DifferenceKind.Missing, "rows deleted", damage.Missing), (DifferenceKind.Changed, "rows edited", damage.Changed), (DifferenceKind.Unexpected, "rows made up", damage.Unexpected)])
        {
            var keys = found.Where(d => d.Kind == kind).Select(d => d.Key).ToHashSet();
            var wanted = planted.Select(k => $"user_id={k}").ToHashSet();
            int hit = wanted.Count(keys.Contains), invented = keys.Count(k => !wanted.Contains(k));
            string word = kind.ToString().ToLowerInvariant();
            await ExperimentJournal.WriteAsync(connection, mended.Before.Run, contract.Pipeline, "warehouse-edit", what, $"the next reconciliation reports exactly these as {word}", wanted.Count, hit, wanted.Count - hit, invented,
                new Dictionary<string, int> { [word] = hit }, seed, cancellation);
            Expect(hit == wanted.Count && invented == 0, $"{wanted.Count} {what} should be reported as {word}; {hit} were, and {invented} others");
        }
        say($"Repaired: {mended.Rewritten} documents written anew, {mended.Removed} rows removed. Then: {mended.After.Verdict.Word()}. {mended.After.Reason}");
        Expect(mended.After.Verdict == Verdict.Reconciled, $"after the repair everything should be reconciled: {mended.After.Reason}");
        return mended;
    }
}
