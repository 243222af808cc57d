using Etl.Contracts;
using Etl.Loading;
using Quality.Reconciliation;

namespace Quality.Tests.Reconciliation;

public sealed class A_repair : IAsyncLifetime
{
    SyncedCommunity community = null!;

    public async ValueTask InitializeAsync() => community = await SyncedCommunity.StartAsync("repair");

    public ValueTask DisposeAsync() => community.DisposeAsync();

    [Fact]
    public async Task Mends_missing_and_changed_rows_and_leaves_unexpected_ones()
    {
        await new Planter(community).PlantAsync(community.Table("users"), 3, 5, 7);

        var repair = await community.RepairAsync();

        Assert.Equal((Verdict.Mismatched, Verdict.Mismatched), (repair.Before.Verdict, repair.After.Verdict));
        Assert.Equal((8L, 0L, 7L), (repair.Rewritten, repair.Removed, repair.LeftUnexpected));
        Assert.Equal((0L, 0L, 7L), repair.After.Of("users").Counts());
        Assert.Equal(0L, await community.ScalarAsync<long>("SELECT count(*) FROM quality.tombstones"));
        Assert.Equal(0L, await community.ScalarAsync<long>("SELECT count(*) FROM quality.differences WHERE repaired"));
    }

    [Fact]
    public async Task Removes_unexpected_rows_when_told_to_and_leaves_tombstones()
    {
        var planted = await new Planter(community).PlantAsync(community.Table("users"), 3, 5, 7);

        var repair = await community.RepairAsync(deleteUnexpected: true);

        Assert.Equal((Verdict.Reconciled, 8L, 7L, 0L), (repair.After.Verdict, repair.Rewritten, repair.Removed, repair.LeftUnexpected));
        Assert.Equal(planted.Unexpected.Order(), await community.ListAsync<string>($"SELECT 'user_id=' || (key->>'user_id') FROM quality.tombstones WHERE table_name = 'community.users' AND run_id = {repair.Run} ORDER BY 1"));
        Assert.Equal(15L, await community.ScalarAsync<long>("SELECT count(*) FROM quality.differences WHERE repaired"));
    }

    [Fact]
    public async Task Says_what_it_would_do_and_changes_nothing_when_it_is_dry()
    {
        var planted = await new Planter(community).PlantAsync(community.Table("users"), 3, 5, 7);
        await new Planter(community).PlantAsync(community.Table("invoices"), 2, 0, 0);
        await new Planter(community).PlantAsync(community.Table("plans"), 0, 0, 2); // nothing refers to them
        string before = await community.FingerprintAsync();

        var dry = await new Repairer(community.Contract, community.Source, community.Warehouse, TimeProvider.System).RunAsync(new ReconcileOptions(), deleteUnexpected: true, CancellationToken.None, dryRun: true);

        Assert.Equal((null, Verdict.Mismatched, 0L, 0L), (dry.Run, dry.Verdict, dry.Rewritten, dry.Removed));
        Assert.Equal(["community.users rewrite 8 8", "community.users remove 7 0", "community.invoices rewrite 2"], dry.Plan.Select(s => $"{s.Table} {s.Action} {s.Rows}{(s.Table.Name == "users" ? $" {s.Documents}" : "")}").OrderByDescending(s => s));
        Assert.Equal(planted.Unexpected.Order(), dry.Plan.Single(s => s.Action == "remove").Sample.Order());
        Assert.Equal(before, await community.FingerprintAsync());
        Assert.Equal(0L, await community.ScalarAsync<long>("SELECT (SELECT count(*) FROM quality.repairs) + (SELECT count(*) FROM quality.tombstones) + (SELECT count(*) FROM quality.runs WHERE command = 'repair')"));

        var repair = await community.RepairAsync(deleteUnexpected: true);

        Assert.Equal(Verdict.Reconciled, repair.After.Verdict);
        Assert.Equal([$"community.invoices rewrite 2 {Environment.UserName}@{Environment.MachineName}", $"community.users remove 7 {Environment.UserName}@{Environment.MachineName}", $"community.users rewrite 8 {Environment.UserName}@{Environment.MachineName}"],
            await community.ListAsync<string>($"SELECT concat_ws(' ', table_name, action, rows, operator) FROM quality.repairs WHERE run_id = {repair.Run} AND found_by = {repair.Before.Run} AND database_user = current_user ORDER BY 1"));
    }

    [Fact]
    public async Task Mends_every_table_at_once()
    {
        string before = await ContentAsync();
        foreach (var table in community.Contract.Tables.Where(t => !t.IsShared))
            await new Planter(community).PlantAsync(table, 2, 3, 1, column: 1);
        await community.ExecuteAsync("UPDATE community.plans SET cost = 1 WHERE plan_id = '1234'; DELETE FROM community.plans WHERE plan_id = '1235'");
        Assert.NotEqual(before, await ContentAsync());

        var repair = await community.RepairAsync(deleteUnexpected: true);

        Assert.Equal(Verdict.Reconciled, repair.After.Verdict);
        Assert.Equal(before, await ContentAsync());
    }

    [Fact]
    public async Task Writes_anew_just_the_documents_behind_the_differences()
    {
        await community.ExecuteAsync("DELETE FROM community.invoices WHERE ctid = (SELECT min(ctid) FROM community.invoices)");
        string user = await community.ScalarAsync<string>("UPDATE community.users SET age = 1, first_name = 'x' WHERE user_id = (SELECT max(user_id) FROM community.users) RETURNING user_id");
        var repair = await community.RepairAsync();
        var rewritten = await community.ListAsync<string>($"SELECT user_id FROM community.users WHERE _run_id = {repair.Run} ORDER BY 1");
        Assert.Equal(Verdict.Reconciled, repair.After.Verdict);
        Assert.Equal(repair.Rewritten, rewritten.Count);
        Assert.Contains(user, rewritten);
        Assert.InRange(rewritten.Count, 1, 2); // one document, if the invoice was that user's
        Assert.Equal(0L, await community.ScalarAsync<long>($"SELECT count(*) FROM community.messages WHERE _run_id = {repair.Run}"));
    }

    [Theory]
    [InlineData("UPDATE community.users SET age = 77 WHERE ctid = (SELECT min(ctid) FROM community.users)")]
    [InlineData("UPDATE community.users SET age = 77, _hash = gen_random_uuid() WHERE ctid = (SELECT min(ctid) FROM community.users)")]
    [InlineData("UPDATE community.subscriptions SET user_id = 'nobody' WHERE ctid = (SELECT min(ctid) FROM community.subscriptions)")]
    [InlineData("UPDATE community.subscriptions SET user_id = (SELECT max(user_id) FROM community.users) WHERE ctid = (SELECT min(ctid) FROM community.subscriptions)")]
    [InlineData("UPDATE community.invoices SET user_id = 'nobody', subscription_id = 'none'")]
    [InlineData("UPDATE community.plans SET cost = 0")]
    [InlineData("DELETE FROM community.plans")]
    [InlineData("TRUNCATE community.messages")]
    [InlineData("UPDATE community.messages SET ordinal = ordinal + 1000")]
    public async Task Mends_whatever_the_rows_hash_says(string edit)
    {
        string before = await ContentAsync();
        Assert.NotEqual(0, await community.ExecuteAsync(edit));
        var repair = await community.RepairAsync(deleteUnexpected: true);
        Assert.Equal((Verdict.Mismatched, Verdict.Reconciled), (repair.Before.Verdict, repair.After.Verdict));
        Assert.Equal(before, await ContentAsync());
    }

    [Fact]
    public async Task Changes_nothing_when_nothing_differs()
    {
        string before = await community.FingerprintAsync();
        var repair = await community.RepairAsync(deleteUnexpected: true);
        Assert.Equal((null, Verdict.Reconciled, 0L, 0L, 0L), (repair.Run, repair.After.Verdict, repair.Rewritten, repair.Removed, repair.LeftUnexpected));
        Assert.Equal(before, await community.FingerprintAsync());
    }

    [Fact]
    public async Task Changes_nothing_the_second_time()
    {
        await new Planter(community).PlantAsync(community.Table("users"), 3, 5, 7);
        await community.RepairAsync(deleteUnexpected: true);
        string mended = await community.FingerprintAsync();
        Assert.Null((await community.RepairAsync(deleteUnexpected: true)).Run);
        Assert.Equal(mended, await community.FingerprintAsync());
    }

    [Fact]
    public async Task Leaves_a_plan_that_nothing_refers_to()
    {
        await new Planter(community).PlantAsync(community.Table("plans"), 0, 0, 1);
        await community.ExecuteAsync("UPDATE community.users SET age = 1 WHERE ctid = (SELECT min(ctid) FROM community.users)");
        foreach (bool delete in (bool[])[false, true])
        {
            var repair = await community.RepairAsync(delete);
            Assert.Equal((Verdict.Reconciled, 0L, 0L, 1L), (repair.After.Verdict, repair.Removed, repair.LeftUnexpected, repair.After.Of("plans").Unreferenced));
        }
    }

    [Fact]
    public async Task Is_undone_by_no_later_sync()
    {
        await new Planter(community).PlantAsync(community.Table("users"), 2, 2, 2);
        await community.RepairAsync(deleteUnexpected: true);
        var sync = await community.SyncAsync();
        Assert.Equal((0L, 0L, 0L), (sync.Tables.Sum(t => t.Inserted), sync.Tables.Sum(t => t.Updated), sync.Tables.Sum(t => t.Removed)));
        Assert.Equal(Verdict.Reconciled, (await community.ReconcileAsync()).Verdict);
    }

    async Task<string> ContentAsync()
    {
        var all = new List<string>();
        foreach (var table in community.Contract.Tables)
            all.Add(await community.ScalarAsync<string>($"SELECT coalesce(md5(string_agg(t::text, E'\\n' ORDER BY t::text)), '') FROM (SELECT {TableSql.Names(table.Columns)} FROM {table.Sql}) t"));
        return string.Join(' ', all);
    }
}
