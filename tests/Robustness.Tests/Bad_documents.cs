using Chaos.Corruption;
using Chaos.Generation;
using Chaos.MongoEmulator;
using Etl.Contracts;
using Etl.Documents;
using Etl.Loading;
using Etl.Sources;
using Etl.Sources.Mongo;
using Tests.Shared;

namespace Robustness.Tests;

/// <summary>Promise I7: bad documents do not change what good documents become.</summary>
public sealed class Bad_documents
{
    [Fact]
    public async Task Leave_the_rows_of_good_ones_as_they_are_without_them()
    {
        var contract = The_demonstration.Contract;
        var users = contract.Datasets[0];
        await using var mongo = MongoServer.Start(new MongoServerOptions());
        using var connection = MongoConnection.Open(mongo.Uri);
        await CommunityGenerator.ForMongo(connection, new CommunityOptions { Seed = 11, Days = 10, SignUpsPerDay = 100 }).GenerateDaysAsync(TestContext.Current.CancellationToken);

        string clean = await Postgres.DatabaseAsync("isolation_clean"), dirty = await Postgres.DatabaseAsync("isolation_dirty");
        await SyncAsync(contract, mongo.Uri, clean);
        var broken = new CorruptionCampaign(users, 11, [.. new Corruptor(users, 11).Applicable.Where(k => k.Outcome == Outcome.Quarantined)])
            .Corrupt(await ReadAsync(contract, users, mongo.Uri), perKind: 5);
        Assert.True(broken.Count >= 50);
        foreach (var document in broken)
            await ReplaceAsync(connection, contract, users, document.Document);
        var result = await SyncAsync(contract, mongo.Uri, dirty);
        Assert.Equal(broken.Count, result.Documents.Single(d => d.Dataset == users.Name).Quarantined);

        string[] left = [.. broken.Select(b => b.Key.Split('"')[3])]; // {"$oid":"…"}
        foreach (var table in contract.Tables.Where(t => !t.IsShared))
            Assert.Equal(await ContentAsync(clean, table, left), await ContentAsync(dirty, table, left));
    }

    static async Task<SyncResult> SyncAsync(Contract contract, string mongo, string connection)
    {
        await using var warehouse = new Warehouse(connection);
        await using var source = new MongoSource(mongo, contract);
        return await new Synchronizer(contract, source, warehouse, TimeProvider.System).RunAsync(new SyncOptions(), TestContext.Current.CancellationToken);
    }

    static async Task<List<ReadOnlyMemory<byte>>> ReadAsync(Contract contract, Dataset dataset, string mongo)
    {
        var documents = new List<ReadOnlyMemory<byte>>();
        await using var source = new MongoSource(mongo, contract);
        await using var scan = source.Scan(dataset, ScanRange.Whole, null);
        var batch = new DocumentBatch();
        while (await scan.ReadAsync(batch, TestContext.Current.CancellationToken))
            for (int i = 0; i < batch.Count; i++)
                documents.Add(batch[i].ToArray());
        return documents;
    }

    static Task ReplaceAsync(MongoConnection connection, Contract contract, Dataset dataset, byte[] document)
    {
        byte[] id = Bson.Make(w =>
        {
            var reader = new BsonReader(document);
            Assert.True(Bson.Find(ref reader, "_id"u8));
            w.WriteElement(reader);
        });
        return connection.CommandAsync(contract.Database!, Bson.Make(w => w.Write("update", dataset.SourceName).BeginArray("updates")
            .BeginDocument().WriteDocument("q", id).WriteDocument("u", document).End().End()), TestContext.Current.CancellationToken);
    }

    /// <summary>A digest of all rows but those of certain documents, computed by PostgreSQL alone.</summary>
    static async Task<object?> ContentAsync(string connection, Table table, string[] leftOut)
    {
        string columns = TableSql.Names(table.Columns), key = TableSql.Names(table.Key);
        string root = Identifier.Quote(table.DocumentKey[0].Name);
        string list = string.Join(", ", leftOut.Select(k => $"'{k}'"));
        return await Postgres.ScalarAsync(connection, $"SELECT count(*) || ' rows ' || md5(string_agg(r::text, '|' ORDER BY {key})) FROM (SELECT {columns} FROM {table.Sql} WHERE {root} NOT IN ({list})) r");
    }
}
