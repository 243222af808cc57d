using Etl.Documents;
using Etl.Loading;
using Etl.Sources;
using Quality.Reconciliation;

namespace Etl.Tests.Loading;

/// <summary><c>--from</c> and <c>--to</c> on a collection: what is of other days stays as it is.</summary>
public sealed class A_sync_of_days
{
    const long Day = 86_400_000;

    static readonly Plan Monthly = new("1234", "CoreTechMonthly", 9.5), Upfront = new("1235", "CoreTechUpfront", 90);

    static DateOnly Date(int day) => DateOnly.FromDateTime(DateTime.UnixEpoch).AddDays(day);

    static DayRange Days(int from, int to) => new(Date(from), Date(to));

    static Person Of(int id, int day, Plan? plan = null) => new(id) { SignUp = day * Day + 1, Subscription = new(id, plan ?? Monthly) { Invoices = [new(id, id)] } };

    static Task<SyncResult> SyncAsync(Community community, DayRange? days, params string[] datasets) =>
        new Synchronizer(community.Contract, community.Source, community.Warehouse, TimeProvider.System).RunAsync(new SyncOptions
        {
            Days = days,
            BatchDocuments = 3,
            Workers = community.Workers,
            Datasets = datasets.Length == 0 ? null : [.. community.Contract.Datasets.Where(d => datasets.Contains(d.Name))],
        }, CancellationToken.None);

    static Task<ReconcileResult> ReconcileAsync(Community community, DayRange days, params string[] datasets) =>
        new Reconciler(community.Contract, community.Source, community.Warehouse, TimeProvider.System)
            .RunAsync(new ReconcileOptions { Days = days, Datasets = [.. community.Contract.Datasets.Where(d => datasets.Contains(d.Name))] }, CancellationToken.None);

    [Fact]
    public async Task Loads_what_signed_up_then_and_twice_changes_nothing()
    {
        await using var community = await Community.OnAsync("days_users");
        Person[] people = [.. Enumerable.Range(0, 10).Select(i => Of(i, i / 2, i % 2 == 0 ? Monthly : Upfront))];
        community.Put(people);
        var result = await SyncAsync(community, Days(1, 2), "users");
        await community.BooksCloseAsync(result);
        Assert.Equal((10, 4, 6), ((int)result.Documents[0].Read, (int)result.Documents[0].Loaded, (int)result.Documents[0].Filtered));
        await community.HoldsAsync(people[2..6]);
        result = await SyncAsync(community, Days(1, 2), "users");
        await community.BooksCloseAsync(result);
        Assert.All(result.Tables, t => Assert.Equal((0L, 0L, 0L), (t.Inserted, t.Updated, t.Removed)));
        // A day in the middle is loaded later; the others stay, and so do changes that nobody asked for.
        community.Put(people[9] with { Country = "FR" });
        await community.BooksCloseAsync(await SyncAsync(community, Days(0, 0), "users"));
        await community.HoldsAsync(people[..6]);
        await community.BooksCloseAsync(await SyncAsync(community, null, "users"));
        await community.HoldsAsync([.. people[..9], people[9] with { Country = "FR" }]);
    }

    [Fact]
    public async Task Selects_a_thread_by_any_of_its_messages_and_loads_it_whole()
    {
        await using var community = await Community.OnAsync("days_threads");
        PutThread(community, 1, 0, 1, 5);
        PutThread(community, 2, 0, 2);
        var result = await SyncAsync(community, Days(1, 1), "messages");
        await community.BooksCloseAsync(result);
        Assert.Equal((1, 1), ((int)result.Documents[0].Loaded, (int)result.Documents[0].Filtered));
        Assert.Equal(["0 1", "1 1", "2 1"], await community.ListAsync("SELECT concat_ws(' ', ordinal, count(*)) FROM community.messages GROUP BY ordinal ORDER BY ordinal"));
        Assert.Equal(Verdict.Reconciled, (await ReconcileAsync(community, Days(1, 1), "messages")).Verdict);
    }

    static void PutThread(Community community, int id, params int[] days) => community.Source.Put("messages", Bson.Make(w =>
    {
        w.WriteObjectId("_id", Person.ObjectId('t', id)).BeginArray("messages");
        foreach (int day in days)
            w.BeginDocument().WriteDateTime("messageDate", day * Day).Write("message", "").End();
        w.End();
    }));

    [Fact]
    public async Task Leaves_the_quarantine_of_other_days_open()
    {
        await using var community = await Community.OnAsync("days_quarantine");
        community.Put(Of(1, 0) with { IsBad = true }, Of(2, 1) with { IsBad = true }, Of(3, 1));
        await SyncAsync(community, null, "users");
        community.Put(Of(1, 0), Of(2, 1));
        await SyncAsync(community, Days(1, 1), "users");
        Assert.Equal(["open", "resolved"], await community.ListAsync("SELECT state FROM quality.quarantine ORDER BY document_key"));
    }

    [Fact]
    public async Task Is_judged_by_those_days_alone()
    {
        await using var community = await Community.OnAsync("days_judged");
        Person[] people = [.. Enumerable.Range(0, 10).Select(i => Of(i, i / 2))];
        community.Put(people);
        await SyncAsync(community, Days(1, 2), "users");
        var result = await ReconcileAsync(community, Days(1, 2), "users");
        Assert.True(result.Verdict == Verdict.Reconciled, result.Reason);
        Assert.Equal([("users", 4L), ("subscriptions", 4L), ("plans", 1L), ("invoices", 4L)], result.Tables.Select(t => (t.Table.Name, t.Matched)));
        Assert.Equal(6, (await ReconcileAsync(community, Days(0, 4), "users")).Tables[0].Missing);

        await SyncAsync(community, null, "users");
        await community.ExecuteAsync($"""
            UPDATE community.users SET country = 'XX' WHERE user_id IN ('{Person.Hex('a', 2)}', '{Person.Hex('a', 9)}');
            DELETE FROM community.invoices WHERE invoice_id = '{Person.Hex('i', 3)}';
            INSERT INTO community.users (user_id, signed_up_at) VALUES ('x', '1970-01-03Z'), ('y', '1970-01-09Z');
            UPDATE community.users SET signed_up_at = '1970-01-02Z' WHERE user_id = '{Person.Hex('a', 0)}'
            """);
        result = await ReconcileAsync(community, Days(1, 2), "users");
        Assert.Equal([(0L, 1L, 1L), (0L, 0L, 0L), (0L, 0L, 0L), (1L, 0L, 0L)], result.Tables.Select(t => (t.Missing, t.Changed, t.Unexpected)));
    }
}
