using Etl.Loading;
using Quality.Reconciliation;

namespace Quality.Tests.Reconciliation;

/// <summary>Documents that the contract refuses, seen by a reconciliation.</summary>
public sealed class A_refused_document
{
    const string Database = "refused";

    static byte[] BadUser(int number) => SyncedCommunity.User(number, age: null, more: w => w.Write("age", "forty"));

    static Task<SyncedCommunity> StartAsync(Func<SyncedCommunity, Task> before) => SyncedCommunity.StartAsync(Database, before: before);

    [Fact]
    public async Task In_quarantine_is_accounted_for()
    {
        await using var community = await StartAsync(c => c.InsertAsync("users", BadUser(1), BadUser(2)));
        var result = await community.ReconcileAsync();
        Assert.Equal((Verdict.Reconciled, 2L, community.Generated.Users), (result.Verdict, result.Of("users").Quarantined, result.Of("users").Source));
        Assert.All(result.Tables.Where(t => t.Table.Name != "users"), t => Assert.Equal(0, t.Quarantined));
    }

    [Fact]
    public async Task That_holds_back_an_older_version_leaves_its_rows_out_of_both_sides()
    {
        await using var community = await StartAsync(c => c.InsertAsync("users", SyncedCommunity.User(1)));
        await community.SetAsync("users", SyncedCommunity.UserId(1), w => w.Write("age", "forty"));
        await community.SyncAsync();

        var result = await community.ReconcileAsync();

        Assert.Equal((Verdict.Reconciled, 1L), (result.Verdict, result.Of("users").Quarantined));
        Assert.Equal((1L, 1L, 1L), (result.Of("users").HeldBack, result.Of("subscriptions").HeldBack, result.Of("invoices").HeldBack));
        Assert.Equal((community.Generated.Users, community.Generated.Users + 1), (result.Of("users").Source, result.Of("users").Warehouse));
    }

    [Fact]
    public async Task That_nobody_has_seen_is_missing()
    {
        await using var community = await StartAsync(_ => Task.CompletedTask);
        await community.InsertAsync("users", BadUser(1));
        var users = (await community.ReconcileAsync()).Of("users");
        Assert.Equal(((1L, 0L, 0L), 1L, 0L), (users.Counts(), users.Unseen, users.Quarantined));
        Assert.Equal(users.Source, users.Matched);
    }

    [Fact]
    public async Task That_nobody_has_seen_in_place_of_a_good_one_is_changed()
    {
        await using var community = await StartAsync(c => c.InsertAsync("users", SyncedCommunity.User(1)));
        await community.SetAsync("users", SyncedCommunity.UserId(1), w => w.Write("age", "forty"));
        var users = (await community.ReconcileAsync()).Of("users");
        Assert.Equal(((0L, 1L, 0L), 1L), (users.Counts(), users.Unseen));
    }

    [Fact]
    public async Task Is_quarantined_by_a_repair()
    {
        await using var community = await StartAsync(_ => Task.CompletedTask);
        await community.InsertAsync("users", BadUser(1));
        var repair = await community.RepairAsync();
        Assert.Equal((Verdict.Reconciled, 1L), (repair.After.Verdict, repair.After.Of("users").Quarantined));
        Assert.Equal("type", await community.ScalarAsync<string>("SELECT rule FROM quality.quarantine WHERE state = 'open'"));
    }

    [Fact]
    public async Task That_was_mended_in_the_source_is_missing_until_the_next_sync()
    {
        await using var community = await StartAsync(c => c.InsertAsync("users", BadUser(1)));
        await community.SetAsync("users", SyncedCommunity.UserId(1), w => w.Write("age", 40));
        Assert.Equal((1L, 0L, 0L), (await community.ReconcileAsync()).Of("users").Counts());
        await community.SyncAsync();
        Assert.Equal(Verdict.Reconciled, (await community.ReconcileAsync()).Verdict);
        Assert.Equal(0L, await community.ScalarAsync<long>("SELECT count(*) FROM quality.quarantine WHERE state = 'open'"));
    }

    [Fact]
    public async Task Whose_key_another_owns_is_accounted_for_too()
    {
        // Two users claim one subscription: the contract sees nothing wrong in either.
        await using var community = await StartAsync(c => c.InsertAsync("users", SyncedCommunity.User(1), Thief()));
        var result = await community.ReconcileAsync();
        Assert.Equal((Verdict.Reconciled, 1L), (result.Verdict, result.Of("users").Quarantined));

        static byte[] Thief()
        {
            byte[] document = SyncedCommunity.User(1);
            int id = document.AsSpan().IndexOf((byte)0xAA);
            document[id] = 0xAB;
            return document;
        }
    }

    [Fact]
    public async Task That_holds_back_the_only_reference_to_a_plan_holds_the_plan_back_too()
    {
        await using var community = await StartAsync(c => c.InsertAsync("users", SyncedCommunity.User(1, plan: "7777")));
        await community.SetAsync("users", SyncedCommunity.UserId(1), w => w.Write("age", "forty"));
        await community.SyncAsync();

        var repair = await community.RepairAsync(deleteUnexpected: true);

        Assert.Equal((Verdict.Reconciled, Verdict.Reconciled), (repair.Before.Verdict, repair.After.Verdict));
        Assert.Equal((0L, 0L, 0L), repair.After.Of("plans").Counts());
        Assert.Equal((1L, 0L), (repair.After.Of("plans").HeldBack, repair.After.Of("plans").Unreferenced));
        Assert.Equal(1L, await community.ScalarAsync<long>("SELECT count(*) FROM community.plans WHERE plan_id = '7777'"));
    }

    [Fact]
    public async Task That_claims_a_key_of_another_is_left_to_the_next_sync_by_a_repair()
    {
        await using var community = await StartAsync(async c =>
        {
            await c.InsertAsync("users", SyncedCommunity.User(1), SyncedCommunity.User(2));
            await c.SetAsync("users", SyncedCommunity.UserId(2), w => w.WriteObjectId("subscriptions._id", SyncedCommunity.SubscriptionId(1)));
        });
        Assert.Equal("keyConflict", await community.ScalarAsync<string>("SELECT rule FROM quality.quarantine WHERE state = 'open'"));
        await community.SetAsync("users", SyncedCommunity.UserId(2), w => w.Write("firstname", "Grace"));

        var repair = await community.RepairAsync(deleteUnexpected: true);

        Assert.Equal(Verdict.Mismatched, repair.After.Verdict);
        Assert.Equal(1L, await community.ScalarAsync<long>($"SELECT count(*) FROM community.subscriptions WHERE user_id = '{SyncedCommunity.UserId(1)}'"));
        await community.SyncAsync();
        Assert.Equal(Verdict.Reconciled, (await community.ReconcileAsync()).Verdict);
    }

    [Fact]
    public async Task Leaves_quarantine_when_a_repair_loads_its_mended_version()
    {
        await using var community = await StartAsync(c => c.InsertAsync("users", BadUser(1)));
        await community.SetAsync("users", SyncedCommunity.UserId(1), w => w.Write("age", 40));
        Assert.Equal(Verdict.Reconciled, (await community.RepairAsync()).After.Verdict);
        Assert.Equal(0L, await community.ScalarAsync<long>("SELECT count(*) FROM quality.quarantine WHERE state = 'open'"));
    }
}
