using Etl.Documents;
using Etl.Loading;
using Npgsql;
using Tests.Shared;

namespace Etl.Tests.Loading;

/// <summary>
/// Promises I4 and I5: cut off before any statement, followed by one clean run, a sync ends where an undisturbed one ends: rows, quarantine,
/// books, keys and indexes, tombstones. Between client and server stands a proxy that lets nothing through from the n-th message on.
/// </summary>
[Trait("Category", "Long")]
public sealed class A_sync_that_is_cut_off
{
    const int Batch = 4, Sample = 6; // a second and more each on a busy machine
    static readonly string[] Tables = ["users", "subscriptions", "invoices", "plans", "groups", "messages"];
    static readonly Plan Monthly = new("1234", "CoreTechMonthly", 9.5), Upfront = new("1235", "CoreTechUpfront", 90), Trial = new("1236", "Trial", 0);

    /// <summary>What a warehouse must be afterwards.</summary>
    sealed record Ending(IReadOnlyDictionary<string, List<string>> Rows, List<string> Quarantine, List<string> Indexes, List<string> Tombstones);

    static async Task<Ending> EndingAsync(Community community)
    {
        var rows = new Dictionary<string, List<string>>();
        foreach (string table in Tables)
            rows[table] = await community.RowsAsync(table);
        return new(rows, await community.QuarantineAsync(), await community.IndexesAsync(),
            await community.ListAsync("SELECT DISTINCT table_name || ' ' || key FROM quality.tombstones ORDER BY 1"));
    }

    static async Task IsAsync(Ending expected, Community community, string where)
    {
        var actual = await EndingAsync(community);
        foreach (string table in Tables)
            Assert.True(expected.Rows[table].SequenceEqual(actual.Rows[table]), $"{where}: {table}\n{Difference(expected.Rows[table], actual.Rows[table])}");
        Assert.True(expected.Quarantine.SequenceEqual(actual.Quarantine), $"{where}: quarantine\n{Difference(expected.Quarantine, actual.Quarantine)}");
        Assert.True(expected.Indexes.SequenceEqual(actual.Indexes), $"{where}: indexes\n{Difference(expected.Indexes, actual.Indexes)}");
        Assert.True(expected.Tombstones.SequenceEqual(actual.Tombstones), $"{where}: tombstones\n{Difference(expected.Tombstones, actual.Tombstones)}");
        Assert.True(await community.LeftoversAsync() == 0, $"{where}: something is left over");
    }

    static string Difference(List<string> expected, List<string> actual) =>
        $"missing:\n{string.Join('\n', expected.Except(actual))}\nunexpected:\n{string.Join('\n', actual.Except(expected))}";

    static Person With(int person, int subscription, Plan plan, params int[] invoices) =>
        new(person) { Subscription = new(subscription, plan) { Invoices = [.. invoices.Select(i => new Invoice(i, i))] } };

    /// <summary>The morning: documents that dispute a subscription and an invoice, and some that are refused.</summary>
    static void PutMorning(Community community)
    {
        community.Put([.. Enumerable.Range(1, 20).Select(i => With(i, i, i % 2 == 0 ? Monthly : Upfront, i * 10, i * 10 + 1))]);
        community.Put(With(3, 3, Monthly, 170), new Person(5) { IsBad = true }, With(18, 7, Trial, 180), new Person(20));
        community.Source.PutRefused("users", Person21, [1, 2, 3], "application/json", "cut short");
        community.Source.Remove("users", new Person(22).Position);
        community.PutGroup(1, "Grace");
        community.Source.Remove("groups", Bson.Make(w => w.WriteObjectId("_id", Person.ObjectId('g', 2))));
        community.PutThread(1, "hello", "");
        community.PutThread(2, "good", "morning");
    }

    static byte[] Person21 => new Person(21).Position;

    /// <summary>The evening: changes, deletes, a key that moved, good ones gone bad and bad ones mended.</summary>
    static void PutEvening(Community community)
    {
        community.Put(With(1, 1, Upfront, 10, 12), With(2, 2, Monthly, 20, 30), With(3, 3, Monthly, 31), new Person(5), With(6, 6, Monthly, 60) with { IsBad = true },
            With(18, 18, Monthly, 180), new Person(21), new Person(22) { Age = 77 });
        community.Source.Remove("users", new Person(9).Position);
        community.Source.Remove("users", new Person(20).Position);
        community.PutGroup(1, null);
        community.PutGroup(2, "Alan");
        community.PutThread(1, "hello", "", "again");
        community.PutThread(2, "good");
    }

    static void PutMorningAgain(Community community)
    {
        foreach (int id in (int[])[21, 22])
            community.Source.Remove("users", new Person(id).Position);
        PutMorning(community);
    }

    /// <summary>One attempt that is cut, then a clean one.</summary>
    /// <returns>Whether there was anything left to cut.</returns>
    static async Task<bool> CutAndRecoverAsync(Community community, PostgresProxy proxy, int at, string kinds, string where)
    {
        proxy.Arm(at, kinds);
        Exception? failure;
        await using (var cut = new Warehouse(proxy.ConnectionString))
            failure = await Record.ExceptionAsync(() => community.SyncByAsync(cut, Batch));
        if (!proxy.HasCut)
            Assert.True(failure is null, $"{where}: {failure}");
        else
            Assert.True(failure is null or UnavailableException, $"{where}: {failure}"); // null: all was done, the lock's release was cut
        await community.BooksCloseAsync(await community.SyncAsync(Batch));
        return proxy.HasCut;
    }

    static async Task<int> CountAsync(Community community, PostgresProxy proxy, string kinds)
    {
        proxy.Arm(null, kinds);
        await using var way = new Warehouse(proxy.ConnectionString);
        await community.BooksCloseAsync(await community.SyncByAsync(way, Batch));
        return proxy.Messages;
    }

    /// <summary>Every place, or for a test that ends soon a part of them that is another one for each seed.</summary>
    static IEnumerable<int> Places(int count, bool all, int seed)
    {
        var random = new Random(seed);
        return all ? Enumerable.Range(1, count) : Enumerable.Range(1, count).OrderBy(_ => random.Next()).Take(Sample).Order();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public Task In_a_first_load_ends_as_if_it_had_not_been(int workers) => CutFirstLoadsAsync(workers, PostgresProxy.Boundaries, all: false);

    [Theory, Trait("Category", "Soak")]
    [InlineData(1, "")]
    [InlineData(3, PostgresProxy.Boundaries)]
    public Task At_any_message_of_a_first_load_ends_as_if_it_had_not_been(int workers, string kinds) => CutFirstLoadsAsync(workers, kinds, all: true);

    static async Task CutFirstLoadsAsync(int workers, string kinds, bool all)
    {
        await using var community = await Community.OnAsync($"cut_first_{workers}");
        await using var proxy = PostgresProxy.Start(community.Connection);
        (community.Workers, community.Source.Splits) = (workers, true);
        PutMorning(community);
        int count = await CountAsync(community, proxy, kinds);
        var expected = await EndingAsync(community);
        Assert.Equal(["keyConflict", "malformed", "type"], await community.ListAsync("SELECT DISTINCT rule FROM quality.quarantine WHERE state = 'open' ORDER BY 1"));
        Assert.DoesNotContain(Trial.Row, expected.Rows["plans"]); // only a refused document has it
        int cuts = 0;
        foreach (int place in Places(count, all, workers))
        {
            await community.ForgetAsync();
            string where = $"{workers} workers, cut before message {place} of {count}";
            cuts += await CutAndRecoverAsync(community, proxy, place, kinds, where) ? 1 : 0;
            await IsAsync(expected, community, where);
        }
        Assert.True(cuts > (all ? count : Sample) * 9 / 10, $"{cuts} cuts");
        TestContext.Current.TestOutputHelper?.WriteLine($"{count} places, {cuts} cuts");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public Task In_a_later_load_ends_as_if_it_had_not_been(int workers) => CutLaterLoadsAsync(workers, PostgresProxy.Boundaries, all: false);

    [Theory, Trait("Category", "Soak")]
    [InlineData(1, "")]
    [InlineData(3, PostgresProxy.Boundaries)]
    public Task At_any_message_of_a_later_load_ends_as_if_it_had_not_been(int workers, string kinds) => CutLaterLoadsAsync(workers, kinds, all: true);

    /// <summary>Morning and evening by turns: each of them is a load with changes over what the other left.</summary>
    static async Task CutLaterLoadsAsync(int workers, string kinds, bool all)
    {
        await using var community = await Community.OnAsync($"cut_later_{workers}");
        await using var proxy = PostgresProxy.Start(community.Connection);
        (community.Workers, community.Source.Splits) = (workers, true);
        PutMorning(community);
        await community.SyncAsync(Batch);
        PutEvening(community);
        await community.SyncAsync(Batch);
        var (expected, counts) = (new Ending[2], new int[2]);
        for (int turn = 0; turn < 2; turn++)
        {
            await TurnAsync(community, turn);
            counts[turn] = await CountAsync(community, proxy, kinds);
            expected[turn] = await EndingAsync(community);
            Assert.NotEmpty(expected[turn].Tombstones);
        }
        int cuts = 0, places = 0;
        foreach (int place in Places(counts.Max(), all, workers))
            for (int turn = 0; turn < 2; turn++)
            {
                if (place > counts[turn] || !all && place <= counts[1 - turn] && turn != place % 2)
                    continue;
                if (!all) // the other way there undisturbed
                {
                    await TurnAsync(community, 1 - turn);
                    await community.SyncAsync(Batch);
                }
                await TurnAsync(community, turn);
                string where = $"{workers} workers, {(turn == 0 ? "morning" : "evening")}, cut before message {place} of {counts[turn]}";
                cuts += await CutAndRecoverAsync(community, proxy, place, kinds, where) ? 1 : 0;
                places++;
                await IsAsync(expected[turn], community, where);
            }
        Assert.True(cuts > places * 8 / 10, $"{cuts} cuts");
        TestContext.Current.TestOutputHelper?.WriteLine($"{counts[0]} and {counts[1]} places, {cuts} cuts");
    }

    static async Task TurnAsync(Community community, int turn)
    {
        if (turn == 0)
            PutMorningAgain(community);
        else
            PutEvening(community);
        await community.ExecuteAsync("DELETE FROM quality.tombstones");
    }

    /// <summary>A column that comes back is empty, and every row must be written anew, whenever the run that brought it back was cut off; a table must get all its indexes.</summary>
    [Theory]
    [InlineData("ALTER TABLE community.users DROP COLUMN age")]
    [InlineData("DROP TABLE community.invoices")]
    public async Task When_it_brings_back_what_was_dropped_still_fills_it(string drop)
    {
        await using var community = await Community.OnAsync("cut_dropped");
        await using var proxy = PostgresProxy.Start(community.Connection);
        PutMorning(community);
        await community.SyncAsync();
        var expected = await EndingAsync(community);
        bool cut = true;
        for (int place = 1; cut && place < 50; place++)
        {
            await community.ExecuteAsync(drop);
            string where = $"{drop}, cut before message {place}";
            cut = await CutAndRecoverAsync(community, proxy, place, PostgresProxy.Boundaries, where);
            await community.ExecuteAsync("DELETE FROM quality.tombstones");
            await IsAsync(expected, community, where);
        }
    }

    sealed class Told(Action<SyncProgress> act) : IProgress<SyncProgress>
    {
        public void Report(SyncProgress value) => act(value);
    }

    /// <summary>The server ends one connection, of a worker or of the run itself, in the middle of it.</summary>
    [Theory]
    [InlineData(1, false)]
    [InlineData(4, false)]
    [InlineData(2, true)]
    public async Task By_the_server_at_one_connection_ends_as_if_it_had_not_been(int batches, bool journal)
    {
        await using var community = await Community.OnAsync($"cut_terminated_{batches}_{journal}");
        (community.Workers, community.Source.Splits) = (3, true);
        PutMorning(community);
        await community.SyncAsync(1);
        var expected = await EndingAsync(community);
        await community.ForgetAsync();
        int left = batches;
        // Who holds the lock is the run's own connection; the others are workers'.
        string victims = $"SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'cut' AND pid {(journal ? "IN" : "NOT IN")} (SELECT pid FROM pg_locks WHERE locktype = 'advisory')";
        await using var way = new Warehouse(new NpgsqlConnectionStringBuilder(community.Connection) { ApplicationName = "cut" }.ConnectionString);
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => community.SyncByAsync(way, 1, new Told(_ =>
        {
            if (--left == 0)
                community.ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM ({victims} LIMIT 1) v").GetAwaiter().GetResult();
        })));
        Assert.Contains("PostgreSQL at ", failure.Message);
        Assert.DoesNotContain("canceling statement", failure.Message); // what the others say, which were stopped
        await community.BooksCloseAsync(await community.SyncAsync(Batch));
        await IsAsync(expected, community, failure.Message);
    }
}
