using Chaos.Generation;
using Chaos.MongoEmulator;
using Etl.Contracts;
using Etl.Documents;
using Etl.Loading;
using Etl.Sources.Mongo;
using Quality.Reconciliation;
using Quality.Tests.Commands;
using Tests.Shared;

namespace Robustness.Tests;

/// <summary>
/// Promises I4 and I5 for whole processes: kill -9 at a hundred random moments, while the source changes between them, then one run that
/// nobody disturbs. Tables and quarantine must be as if nothing had happened.
/// </summary>
public sealed class A_hundred_killed_syncs : IAsyncLifetime
{
    const int Warehouses = 4, KillsEach = 25, KillsADay = 5;
    const string SeedVariable = "QUALITY_TEST_SEED";

    static readonly Dictionary<string, string> SmallBatches = new() { ["QUALITY_BATCH_DOCUMENTS"] = "10" };
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    readonly int seed = int.TryParse(Environment.GetEnvironmentVariable(SeedVariable), out int given) ? given : 20_261_122;
    readonly List<string> log = [];
    Random chance = null!;
    MongoServer mongo = null!;
    MongoConnection source = null!;

    public async ValueTask InitializeAsync()
    {
        chance = new Random(seed);
        Say($"Seed {seed}. Again: {SeedVariable}={seed} dotnet test tests/Robustness.Tests --filter FullyQualifiedName~{nameof(A_hundred_killed_syncs)}");
        mongo = MongoServer.Start(new MongoServerOptions());
        source = MongoConnection.Open(mongo.Uri);
        await AddDayAsync(days: 4);
    }

    public async ValueTask DisposeAsync()
    {
        source.Dispose();
        await mongo.DisposeAsync();
    }

    [Fact, Trait("Category", "Long")]
    public async Task End_as_one_that_nobody_disturbed()
    {
        int kills = 0;
        for (int which = 0; which < Warehouses; which++)
        {
            string warehouse = await Postgres.DatabaseAsync($"hundred_kills_{which}");
            var longest = await UndisturbedAsync("hundred_kills_timing");
            for (int left = KillsEach; left > 0;)
            {
                bool died = await KillAsync(warehouse, longest * chance.NextDouble());
                left -= died ? 1 : 0;
                kills += died ? 1 : 0;
                if (died && left % KillsADay == 0 && left > 0)
                    await AddDayAsync(days: 1);
            }
            await AssertRecoversAsync(warehouse);
        }
        Assert.Equal(Warehouses * KillsEach, kills);
    }

    /// <summary>A sync by the same program with the same batches, into a warehouse of its own.</summary>
    /// <returns>How long it took, by its journal.</returns>
    async Task<TimeSpan> UndisturbedAsync(string name)
    {
        string warehouse = await Postgres.DatabaseAsync(name);
        var outcome = await QualityProcess.RunAsync(QualityProcess.NewFolder(), SmallBatches, Arguments(warehouse));
        Assert.True(outcome.ExitCode == 0, $"{outcome.Errors}\n{Log}");
        return (TimeSpan)(await Postgres.ScalarAsync(warehouse, "SELECT ended_at - started_at FROM quality.runs ORDER BY id DESC LIMIT 1"))!;
    }

    string[] Arguments(string warehouse) => ["sync", "community", "--mongo", mongo.Uri, "--warehouse", warehouse];

    /// <summary>Kills a sync so long after its run began.</summary>
    /// <returns>False: it was through before.</returns>
    async Task<bool> KillAsync(string warehouse, TimeSpan after)
    {
        long before = await RunsAsync(warehouse);
        await using var child = QualityProcess.Start(QualityProcess.NewFolder(), SmallBatches, Arguments(warehouse));
        long began = TimeProvider.System.GetTimestamp();
        while (await RunsAsync(warehouse) == before && !child.HasEnded)
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Longest, $"no run began in {Longest.TotalSeconds:0} s\n{Log}");
        await Task.Delay(after);
        child.Signal(QualityProcess.Kill);
        var outcome = await child.EndAsync();
        Assert.True(outcome.ExitCode is 0 or 128 + QualityProcess.Kill, $"exit code {outcome.ExitCode}: {outcome.Errors}\n{Log}");
        bool died = outcome.ExitCode != 0;
        Say($"{warehouse.Split("Database=")[1].Split(';')[0]}: {(died ? "killed" : "through before its kill")} {after.TotalMilliseconds:0} ms into the run");
        return died;
    }

    static async Task<long> RunsAsync(string warehouse) =>
        await Postgres.ScalarAsync(warehouse, "SELECT to_regclass('quality.runs') IS NOT NULL") is true ? (long)(await Postgres.ScalarAsync(warehouse, "SELECT count(*) FROM quality.runs"))! : 0;

    async Task AssertRecoversAsync(string warehouse)
    {
        var clean = await QualityProcess.RunAsync(QualityProcess.NewFolder(), SmallBatches, Arguments(warehouse));
        Assert.True(clean.ExitCode == 0, $"{clean.Errors}\n{Log}");
        await UndisturbedAsync("hundred_kills_reference");
        string reference = warehouse.Replace(warehouse.Split("Database=")[1].Split(';')[0], "hundred_kills_reference", StringComparison.Ordinal);
        Assert.True(await Postgres.ScalarAsync(warehouse, "SELECT count(*) FROM quality.quarantine WHERE state = 'open'") is > 0L, "nothing was refused");
        Assert.True(await Postgres.ScalarAsync(warehouse, "SELECT count(*) FROM quality.tombstones") is > 0L, "nothing was removed");
        foreach (var (what, sql) in Contents())
            Assert.True(Equals(await Postgres.ScalarAsync(reference, sql), await Postgres.ScalarAsync(warehouse, sql)), $"{what} differs from the undisturbed one\n{Log}");
        Assert.Equal(0L, await Postgres.ScalarAsync(warehouse, "SELECT count(*) FROM quality.checkpoints WHERE state <> 'complete'"));
        Assert.Equal(0L, await Postgres.ScalarAsync(warehouse, "SELECT count(*) FROM quality.table_ledger WHERE rows_after <> rows_before + inserted - removed"));
        await using var target = new Warehouse(warehouse);
        var contract = The_demonstration.Contract;
        await using var reread = new MongoSource(mongo.Uri, contract);
        var judged = await new Reconciler(contract, reread, target, TimeProvider.System).RunAsync(new ReconcileOptions(), TestContext.Current.CancellationToken);
        Assert.True(judged.Verdict == Verdict.Reconciled, $"{judged.Reason}\n{Log}");
    }

    /// <summary>What there is to compare: every column that the contract describes, and the open quarantine.</summary>
    static IEnumerable<(string What, string Sql)> Contents() => The_demonstration.Contract.Tables
        .Select(t => (t.QualifiedName, $"SELECT {TableSql.Names(t.Columns)} FROM {t.Sql}"))
        .Append(("quality.quarantine", "SELECT dataset, document_key, rule, path, document_hash FROM quality.quarantine WHERE state = 'open'"))
        .Select(q => (q.Item1, $"SELECT count(*) || ' rows ' || coalesce(md5(string_agg(r::text, E'\\n' ORDER BY r::text)), '') FROM ({q.Item2}) r"));

    /// <summary>New users and messages, old users invoiced anew; a few documents vanish, and a few bad ones appear.</summary>
    async Task AddDayAsync(int days)
    {
        await CommunityGenerator.ForMongo(source, new CommunityOptions { Seed = seed, Days = days, SignUpsPerDay = 15 }).GenerateDaysAsync(TestContext.Current.CancellationToken);
        var users = await UserIdsAsync();
        await CommandAsync(w => w.Write("delete", "users").BeginArray("deletes").BeginDocument().WriteDocument("q", users[chance.Next(users.Count)]).Write("limit", 1).End().End());
        // New, and never good: of a document that was good before, the old rows would stay, and only where a sync had seen them.
        byte[] id = new byte[12];
        chance.NextBytes(id);
        users[chance.Next(users.Count)].AsSpan(9, 4).CopyTo(id); // among the others in the order of _id
        await CommandAsync(w => w.Write("insert", "users").BeginArray("documents").BeginDocument().WriteObjectId("_id", id).Write("age", 1_000).End().End());
        Say($"The source is {days} days older; one user is gone, one is bad.");
    }

    /// <summary>{ _id: … } of all users.</summary>
    async Task<List<byte[]>> UserIdsAsync()
    {
        byte[] reply = await CommandAsync(w => w.Write("find", "users").BeginDocument("projection").Write("_id", 1).End().Write("batchSize", 100_000).Write("singleBatch", true));
        var ids = new List<byte[]>();
        var reader = new BsonReader(reply);
        Assert.True(Bson.Find(ref reader, "cursor"u8));
        var cursor = reader.Nested();
        Assert.True(Bson.Find(ref cursor, "firstBatch"u8));
        for (var batch = cursor.Nested(); batch.Read();)
            ids.Add(batch.Document.ToArray());
        return ids;
    }

    Task<byte[]> CommandAsync(Action<BsonWriter> command) =>
        source.CommandAsync(CommunityGenerator.DefaultDatabase, Bson.Make(w => command(w)), TestContext.Current.CancellationToken);

    void Say(string line)
    {
        log.Add(line);
        TestContext.Current.TestOutputHelper?.WriteLine(line);
    }

    /// <summary>All that was done, for a failure's message: it begins with the seed.</summary>
    string Log => string.Join('\n', log);
}
