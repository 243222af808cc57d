using Etl;
using Etl.Loading;
using Quality.Reconciliation;
using Tests.Shared;

namespace Quality.Tests.Reconciliation;

public sealed class What_cannot_be_compared
{
    const string Database = "not_comparable";

    [Theory]
    [InlineData("DROP TABLE community.messages", "messages", "community.messages does not exist")]
    [InlineData("ALTER TABLE community.groups DROP COLUMN health_coach", "groups", "community.groups.health_coach does not exist")]
    [InlineData("ALTER TABLE community.users ALTER COLUMN age TYPE text", "users", "community.users.age is text; the contract makes it integer")]
    [InlineData("ALTER TABLE community.plans ALTER COLUMN cost TYPE numeric(10,2)", "plans", "community.plans.cost is numeric(10,2); the contract makes it numeric")]
    public async Task Is_unknown_and_named(string damage, string table, string reason)
    {
        await using var community = await SyncedCommunity.StartAsync(Database);
        await community.ExecuteAsync(damage);

        var result = await community.ReconcileAsync();

        Assert.Equal((Verdict.Unknown, 0.0), (result.Verdict, result.Coverage));
        Assert.Contains(reason, result.Reason);
        Assert.Equal((Verdict.Unknown, 0L), (result.Of(table).Verdict, result.Of(table).Matched));
        Assert.Contains(reason, result.Of(table).Reason);
        Assert.All(result.Tables.Where(t => t.Table.Name != table), t => Assert.Equal(Verdict.Reconciled, t.Verdict));
    }

    [Fact]
    public async Task Does_not_hide_a_mismatch_elsewhere()
    {
        await using var community = await SyncedCommunity.StartAsync(Database);
        await community.ExecuteAsync("DROP TABLE community.users; DELETE FROM community.groups");
        var result = await community.ReconcileAsync();
        Assert.Equal((Verdict.Mismatched, Verdict.Unknown), (result.Verdict, result.Of("users").Verdict));
    }

    [Fact]
    public async Task Is_a_missing_collection_with_near_names()
    {
        await using var community = await SyncedCommunity.StartAsync(Database);
        await community.CommandAsync(w => w.Write("drop", "users"));
        await community.InsertAsync("user", SyncedCommunity.User(1));

        var result = await community.ReconcileAsync();

        Assert.Equal(Verdict.Unknown, result.Verdict);
        Assert.All(result.Tables.Where(t => t.Table.Dataset.Name == "users"), t => Assert.Equal(Verdict.Unknown, t.Verdict));
        Assert.Contains("'secondNature.users' does not exist", result.Reason);
        Assert.Contains("'user'", result.Reason);
    }

    [Fact]
    public async Task Is_a_source_that_was_emptied_and_the_dimension_that_stayed()
    {
        await using var community = await SyncedCommunity.StartAsync(Database);
        foreach (string collection in (string[])["users", "groups", "messages"])
            await community.CommandAsync(w => w.Write("delete", collection).BeginArray("deletes").BeginDocument().BeginDocument("q").End().Write("limit", 0).End().End());
        await community.SyncAsync();
        var result = await community.ReconcileAsync();
        Assert.True(result.Of("plans").Unreferenced > 0);
        Assert.Equal(Verdict.Unknown, result.Verdict);
        Assert.Contains("Nothing was compared", result.Reason);
    }

    [Fact]
    public async Task Is_two_empty_sides()
    {
        string contract = SmallContract.Write();
        await using var community = await SyncedCommunity.StartAsync(Database, contract, Empty);
        var result = await community.ReconcileAsync();
        Assert.Equal(Verdict.Unknown, result.Verdict);
        Assert.Contains("both empty", result.Reason);

        static async Task Empty(SyncedCommunity community)
        {
            await community.CommandAsync(w => w.Write("create", "blank"));
            await community.CommandAsync(w => w.Write("create", "keys"));
        }
    }

    [Fact]
    public async Task Is_not_an_empty_collection_beside_a_filled_one_nor_a_table_of_keys_alone()
    {
        string contract = SmallContract.Write();
        await using var community = await SyncedCommunity.StartAsync(Database, contract, Fill);
        var clean = await community.ReconcileAsync();
        Assert.Equal((Verdict.Reconciled, 3L, 0L), (clean.Verdict, clean.Of("keys").Matched, clean.Of("blank").Source));

        await community.ExecuteAsync("UPDATE small.keys SET id = 9 WHERE id = 2");
        Assert.Equal((1L, 0L, 1L), (await community.ReconcileAsync()).Of("keys").Counts());

        static async Task Fill(SyncedCommunity community)
        {
            await community.CommandAsync(w => w.Write("create", "blank"));
            await community.InsertAsync("keys", [.. Enumerable.Range(1, 3).Select(i => Etl.Documents.Bson.Make(w => w.Write("_id", i)))]);
        }
    }

    [Fact]
    public async Task Is_a_warehouse_lost_while_it_is_read()
    {
        await using var community = await SyncedCommunity.StartAsync(Database);
        // A view in the table's place gives its rows slowly, so that the backend is surely killed in the middle of a COPY.
        await community.ExecuteAsync("ALTER TABLE community.users RENAME TO users_kept; CREATE VIEW community.users AS SELECT * FROM community.users_kept WHERE pg_sleep(0.05) IS NOT NULL");

        var reconciling = community.ReconcileAsync();
        while (await community.ScalarAsync<long>("SELECT count(*) FROM (SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY (SELECT%' AND state = 'active') killed") == 0)
        {
            Assert.False(reconciling.IsCompleted, "it ended before it could be disturbed");
            await Task.Delay(5);
        }

        var failure = await Assert.ThrowsAsync<UnavailableException>(() => reconciling);
        Assert.Contains("Nothing is known", failure.Message);
        Assert.Equal("unknown", await community.ScalarAsync<string>("SELECT verdict FROM quality.runs WHERE command = 'reconcile' AND ended_at IS NOT NULL ORDER BY id DESC LIMIT 1"));
    }

    [Fact]
    public async Task Is_a_source_lost_before_it_is_read()
    {
        await using var community = await SyncedCommunity.StartAsync(Database);
        await community.Server.DisposeAsync();
        await Assert.ThrowsAsync<UnavailableException>(() => community.ReconcileAsync());
        Assert.Equal(0L, await community.ScalarAsync<long>("SELECT count(*) FROM quality.runs WHERE verdict IS NULL"));
    }

    [Fact]
    public async Task Is_an_interrupted_reconciliation()
    {
        await using var community = await SyncedCommunity.StartAsync(Database);
        await community.ExecuteAsync("ALTER TABLE community.users RENAME TO users_kept; CREATE VIEW community.users AS SELECT * FROM community.users_kept WHERE pg_sleep(0.05) IS NOT NULL");
        using var stop = new CancellationTokenSource();
        var reconciling = new Reconciler(community.Contract, community.Source, community.Warehouse, TimeProvider.System).RunAsync(new ReconcileOptions(), stop.Token);
        while (await community.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY (SELECT%' AND state = 'active'") == 0)
            await Task.Delay(5);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reconciling.WaitAsync(TimeSpan.FromSeconds(3)));
        Assert.Equal(0L, await community.ScalarAsync<long>("SELECT count(*) FROM quality.runs WHERE verdict IS NULL"));
        Assert.Equal("Interrupted.", await community.ScalarAsync<string>("SELECT reason FROM quality.runs ORDER BY id DESC LIMIT 1"));
    }
}
