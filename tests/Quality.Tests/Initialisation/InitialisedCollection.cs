using Chaos.MongoEmulator;
using Etl.Contracts;
using Etl.Documents;
using Etl.Loading;
using Etl.Sources.Mongo;
using Quality.Initialisation;
using Quality.Reconciliation;
using Tests.Shared;

namespace Quality.Tests.Initialisation;

/// <summary>Collections of an emulator, described by init, synced into PostgreSQL by that description, and reconciled.</summary>
sealed class InitialisedCollection : IAsyncDisposable
{
    int made;
    MongoServer server = null!;
    MongoConnection writer = null!;
    string warehouse = "";

    public sealed record Outcome(string Yaml, string File, Contract Contract, DescribedDataset Described, SyncResult Sync, ReconcileResult Reconciliation, long Drift)
    {
        public long Quarantined => Sync.Documents.Sum(d => d.Quarantined);

        public Column Column(string path) => Contract.Tables.SelectMany(t => t.Columns).First(c => c.Field?.Path == path);

        public Table Table(string name) => Contract.Tables.Single(t => t.Name == name);

        /// <summary>Everything arrived, nothing was refused, and both sides are equal.</summary>
        public void IsGreen()
        {
            Assert.Equal(0, Quarantined);
            Assert.Equal((Verdict.Reconciled, Verdict.Reconciled), (Sync.Verdict, Reconciliation.Verdict));
            Assert.Equal(Sync.Documents.Sum(d => d.Read), Reconciliation.Tables[0].Source);
            Assert.All(Reconciliation.Tables, t => Assert.Equal(1, t.Coverage));
            if (!Described.Doubts.Any(d => d.StartsWith("left out", StringComparison.Ordinal)))
                Assert.Equal(0, Drift);
        }
    }

    public static async Task<InitialisedCollection> StartAsync(string database)
    {
        var server = MongoServer.Start(new MongoServerOptions());
        return new InitialisedCollection { server = server, writer = MongoConnection.Open(server.Uri), warehouse = await Postgres.DatabaseAsync(database) };
    }

    /// <param name="collection">In a database of its own.</param>
    public async Task<Outcome> RunAsync(IReadOnlyList<byte[]> documents, string collection = "things")
    {
        string database = $"made{++made}";
        foreach (var part in documents.Chunk(500))
            await writer.CommandAsync(database, Bson.Make(w =>
            {
                w.Write("insert", collection).BeginArray("documents");
                foreach (byte[] document in part)
                    w.WriteDocument(default, document);
                w.End();
            }));
        var reader = new CollectionReader(server.Uri, database, [collection], DocumentSample.DefaultSize, seed: 1);
        var datasets = await reader.ReadAsync(new Progress<SyncProgress>(), CancellationToken.None);
        string yaml = ContractWriter.Write(database, database, reader.Source, datasets);
        var file = new ContractFile(Scratch.Folder("init"), replace: false);
        var contract = file.Write(yaml);
        await using var source = new MongoSource(server.Uri, contract);
        await using var tables = new Warehouse(warehouse);
        var sync = await new Synchronizer(contract, source, tables, TimeProvider.System).RunAsync(new SyncOptions(), CancellationToken.None);
        var reconciliation = await new Reconciler(contract, source, tables, TimeProvider.System).RunAsync(new ReconcileOptions(), CancellationToken.None);
        await using var connection = await tables.OpenAsync(CancellationToken.None);
        long drift = await connection.ScalarAsync<long>("SELECT count(*) FROM quality.drift WHERE run_id = $1", CancellationToken.None, sync.Run);
        return new Outcome(yaml, file.Path, contract, datasets[0], sync, reconciliation, drift);
    }

    /// <summary>Documents with an int32 as their _id and what is written behind it.</summary>
    public Task<Outcome> RunAsync(int count, Action<BsonWriter, int> write, string collection = "things") =>
        RunAsync([.. Enumerable.Range(1, count).Select(n => Bson.Make(w => write(w.Write("_id", n), n)))], collection);

    public Task<object?> ScalarAsync(string sql) => Postgres.ScalarAsync(warehouse, sql);

    public async ValueTask DisposeAsync()
    {
        writer.Dispose();
        await server.DisposeAsync();
    }
}
