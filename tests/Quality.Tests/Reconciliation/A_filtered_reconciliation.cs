using Etl.Documents;
using Etl.Loading;
using Etl.Sources.Mongo;
using Quality.Reconciliation;

namespace Quality.Tests.Reconciliation;

/// <summary>Only documents that a filter of MongoDB's selects are judged, in all their tables.</summary>
public sealed class A_filtered_reconciliation : IAsyncLifetime
{
    SyncedCommunity community = null!;

    public async ValueTask InitializeAsync() => community = await SyncedCommunity.StartAsync("filtered");

    public ValueTask DisposeAsync() => community.DisposeAsync();

    async Task<ReconcileResult> ReconcileAsync(string filter)
    {
        await using var source = new MongoSource(community.Server.Uri, community.Contract) { Where = ExtendedJson.Parse(filter, ExtendedJsonOptions.Relaxed) };
        return await new Reconciler(community.Contract, source, community.Warehouse, TimeProvider.System).RunAsync(
            new ReconcileOptions { Datasets = [community.Contract.Datasets.Single(d => d.Name == "users")], IsFiltered = true, Settle = TimeSpan.FromSeconds(0.1) }, CancellationToken.None);
    }

    [Fact]
    public async Task Judges_all_rows_of_the_selected_documents_and_no_others()
    {
        const int grownUp = 40;
        string old = $"age >= {grownUp}", filter = $$$"""{"age": {"$gte": {{{grownUp}}} }}""";
        long users = await community.ScalarAsync<long>($"SELECT count(*) FROM community.users WHERE {old}"), all = await community.ScalarAsync<long>("SELECT count(*) FROM community.users");
        long invoices = await community.ScalarAsync<long>($"SELECT count(*) FROM community.invoices WHERE user_id IN (SELECT user_id FROM community.users WHERE {old})");
        Assert.InRange(users, 2, all - 2);

        var clean = await ReconcileAsync(filter);
        Assert.Equal((Verdict.Reconciled, users, users, users), (clean.Verdict, clean.Of("users").Source, clean.Of("users").Warehouse, clean.Of("users").Matched));
        Assert.Equal((invoices, (double)users / all), (clean.Of("invoices").Matched, clean.Of("users").Coverage));
        Assert.Contains("Only documents that the filter selects", clean.Reason);

        // Of others: not judged. Of the selected: found, also rows that their documents do not give.
        await community.ExecuteAsync($"UPDATE community.users SET last_name = 'x' WHERE NOT {old}; DELETE FROM community.invoices WHERE user_id IN (SELECT user_id FROM community.users WHERE NOT {old})");
        Assert.Equal(Verdict.Reconciled, (await ReconcileAsync(filter)).Verdict);
        await community.ExecuteAsync($"UPDATE community.users SET last_name = 'x' WHERE {old}");
        await community.ExecuteAsync($"INSERT INTO community.invoices (invoice_id, user_id, subscription_id) SELECT 'planted', user_id, 'planted' FROM community.users WHERE {old} LIMIT 1");
        var found = await ReconcileAsync(filter);
        Assert.Equal((Verdict.Mismatched, (0L, users, 0L), (0L, 0L, 1L)), (found.Verdict, found.Of("users").Counts(), found.Of("invoices").Counts()));
    }

    [Fact]
    public async Task Follows_a_document_that_the_warehouse_has_otherwise()
    {
        string user = await community.ScalarAsync<string>("UPDATE community.users SET age = 7 WHERE user_id = (SELECT user_id FROM community.users WHERE age >= 40 LIMIT 1) RETURNING user_id");
        Assert.Equal([$"user_id={user}"], (await ReconcileAsync("""{"age": {"$gte": 40}}""")).Of("users").Keys(DifferenceKind.Changed));
        Assert.Equal(Verdict.Reconciled, (await ReconcileAsync("""{"age": {"$lt": 40}}""")).Verdict);
        Assert.Equal(Verdict.Unknown, (await ReconcileAsync("""{"age": {"$gt": 4000}}""")).Verdict);
    }
}
