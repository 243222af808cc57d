using Chaos.MongoEmulator;
using Etl.Contracts;
using Etl.Loading;
using Etl.Sources.Mongo;
using Quality.Reconciliation;
using Quality.Tests.Reconciliation;
using Tests.Shared;

namespace Quality.Tests.Commands;

/// <summary>Promise I5 for whole processes: what was killed and run again ends as what was never disturbed.</summary>
[Trait("Category", "Long")]
public sealed class A_killed_sync : IAsyncLifetime
{
    const int Interrupted = 130;
    static readonly Dictionary<string, string> SmallBatches = new() { ["QUALITY_BATCH_DOCUMENTS"] = "5" };
    static readonly Contract Community = ContractReader.Read(SyncedCommunity.ShippedContract);

    MongoServer mongo = null!;
    string undisturbed = null!;

    public async ValueTask InitializeAsync()
    {
        mongo = await CommunityServer.StartAsync();
        string reference = await Postgres.DatabaseAsync("killed_reference");
        Assert.Equal(0, (await SyncAsync(reference)).ExitCode);
        undisturbed = await ContentAsync(reference);
    }

    public ValueTask DisposeAsync() => mongo.DisposeAsync();

    string[] Arguments(string warehouse) => ["sync", "community", "--mongo", mongo.Uri, "--warehouse", warehouse];

    Task<QualityProcess.Outcome> SyncAsync(string warehouse) => QualityProcess.RunAsync(QualityProcess.NewFolder(), null, Arguments(warehouse));

    static async Task<string> ContentAsync(string warehouse)
    {
        var all = new List<string>();
        foreach (var table in Community.Tables)
            all.Add($"{table.Name} {await Postgres.ScalarAsync(warehouse, $"SELECT count(*) || ' ' || md5(string_agg(t::text, E'\\n' ORDER BY t::text)) FROM (SELECT {TableSql.Names(table.Columns)} FROM {table.Sql}) t")}");
        return string.Join('\n', all);
    }

    static async Task<long> BatchesAsync(string warehouse)
    {
        bool there = await Postgres.ScalarAsync(warehouse, "SELECT to_regclass('quality.batches') IS NOT NULL") is true;
        return there ? (long)(await Postgres.ScalarAsync(warehouse, "SELECT count(*) FROM quality.batches"))! : 0;
    }

    /// <summary>Starts a sync, and disturbs it once so many batches are durable.</summary>
    async Task<QualityProcess.Outcome> DisturbAsync(string warehouse, int afterBatches, int signal)
    {
        await using var child = QualityProcess.Start(QualityProcess.NewFolder(), SmallBatches, Arguments(warehouse));
        while (await BatchesAsync(warehouse) < afterBatches)
            Assert.False(child.HasEnded, "it ended before it could be disturbed");
        child.Signal(signal);
        return await child.EndAsync();
    }

    async Task AssertRecoversAsync(string warehouse)
    {
        await using var source = new MongoSource(mongo.Uri, Community);
        await using var target = new Warehouse(warehouse);
        var synchronizer = new Synchronizer(Community, source, target, TimeProvider.System);
        var recovery = await synchronizer.RunAsync(new SyncOptions(), CancellationToken.None);
        Assert.True(recovery.Verdict == Verdict.Reconciled, recovery.Reason);
        Assert.Equal(undisturbed, await ContentAsync(warehouse));
        Assert.Equal(0L, await Postgres.ScalarAsync(warehouse, "SELECT count(*) FROM quality.checkpoints WHERE state <> 'complete'"));
        Assert.Equal(0L, await Postgres.ScalarAsync(warehouse, "SELECT count(*) FROM quality.table_ledger WHERE rows_after <> rows_before + inserted - removed"));
        var again = await synchronizer.RunAsync(new SyncOptions(), CancellationToken.None);
        Assert.All(again.Tables, t => Assert.Equal((0L, 0L, 0L), (t.Inserted, t.Updated, t.Removed)));
        var judged = await new Reconciler(Community, source, target, TimeProvider.System).RunAsync(new ReconcileOptions(), CancellationToken.None);
        Assert.Equal(Verdict.Reconciled, judged.Verdict);
    }

    [Fact, Trait("Category", "Long")]
    public async Task Ends_as_an_undisturbed_one_wherever_it_was_killed()
    {
        var chance = new Random(20_260_314);
        for (int moment = 0; moment < 5; moment++)
        {
            int batches = chance.Next(1, 80);
            TestContext.Current.TestOutputHelper?.WriteLine($"kill -9 after {batches} batches");
            string warehouse = await Postgres.DatabaseAsync($"killed_{moment}");
            var killed = await DisturbAsync(warehouse, batches, QualityProcess.Kill);
            Assert.Equal((128 + QualityProcess.Kill, ""), (killed.ExitCode, killed.Output));
            Assert.NotEqual(undisturbed, await ContentAsync(warehouse));
            await AssertRecoversAsync(warehouse);
            Assert.Equal(1L, await Postgres.ScalarAsync(warehouse, "SELECT count(*) FROM quality.runs WHERE ended_at IS NULL")); // the killed one: shown as died
        }
    }

    [Fact]
    public async Task Ends_as_an_undisturbed_one_killed_again_and_again()
    {
        string warehouse = await Postgres.DatabaseAsync("killed_often");
        foreach (int batches in (int[])[3, 40, 70])
            await DisturbAsync(warehouse, batches, QualityProcess.Kill);
        var recovery = await SyncAsync(warehouse);
        Assert.True(recovery.ExitCode == 0, recovery.Errors);
        await AssertRecoversAsync(warehouse);
    }

    [Theory]
    [InlineData(QualityProcess.Terminate)]
    [InlineData(QualityProcess.Interrupt)]
    public async Task That_was_asked_to_stop_says_so_and_goes_on_later(int signal)
    {
        string warehouse = await Postgres.DatabaseAsync($"stopped_{signal}");
        var stopped = await DisturbAsync(warehouse, 10, signal);
        Assert.Equal((Interrupted, ""), (stopped.ExitCode, stopped.Output));
        Assert.Contains("Interrupted", stopped.Errors);
        Assert.DoesNotContain("   at ", stopped.Errors);
        Assert.Equal("Interrupted.", await Postgres.ScalarAsync(warehouse, "SELECT reason FROM quality.runs"));
        await AssertRecoversAsync(warehouse);
    }

    [Fact]
    public async Task Keeps_a_second_writer_out_while_it_lives()
    {
        string warehouse = await Postgres.DatabaseAsync("two_writers");
        await using var first = QualityProcess.Start(QualityProcess.NewFolder(), SmallBatches, Arguments(warehouse));
        while (await BatchesAsync(warehouse) < 1)
            Assert.False(first.HasEnded, "it ended before the second began");
        first.Signal(19); // stopped, so that it surely holds its lock
        try
        {
            string line = (await SyncAsync(warehouse)).Refused(2);
            Assert.Contains($"'community' is being written by run 1 (sync, process {first.Id} on ", line);
        }
        finally
        {
            first.Signal(18);
        }
        Assert.Equal(0, (await first.EndAsync()).ExitCode);
        Assert.Equal(undisturbed, await ContentAsync(warehouse));
    }
}
