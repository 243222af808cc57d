using Etl.Loading;
using Etl.Sources.Mongo;
using Quality.Reconciliation;
using Tests.Shared;

namespace Quality.Tests.Reconciliation;

/// <summary>Documents are written while both sides are compared: what is on its way is no difference, and hides none.</summary>
public sealed class Writes_in_flight : IAsyncLifetime
{
    SyncedCommunity community = null!;

    public async ValueTask InitializeAsync() => community = await SyncedCommunity.StartAsync("in_flight");

    public ValueTask DisposeAsync() => community.DisposeAsync();

    Task<ReconcileResult> ReconcileAsync(double seconds, TimeProvider? time = null) =>
        new Reconciler(community.Contract, community.Source, community.Warehouse, time ?? TimeProvider.System).RunAsync(new ReconcileOptions { Settle = TimeSpan.FromSeconds(seconds) }, CancellationToken.None);

    Task<List<string>> UsersAsync(int count) => community.ListAsync<string>($"SELECT user_id FROM community.users WHERE length(user_id) = 24 ORDER BY user_id DESC LIMIT {count}");

    [Fact]
    [Trait("Category", "Long")]
    public async Task Are_told_from_planted_differences_which_are_found_exactly()
    {
        var planted = new Dictionary<string, Planter.Planted>();
        foreach (var table in community.Contract.Tables)
            planted[table.Name] = table.IsShared ? new Planter.Planted([], [], []) : await new Planter(community).PlantAsync(table, 2, 3, 4);
        var hot = await UsersAsync(20);
        using var stop = new CancellationTokenSource();
        var writing = FollowedWriterAsync(hot, TimeSpan.FromMilliseconds(300), stop.Token);

        var found = await ReconcileAsync(30);

        await stop.CancelAsync();
        int writes = await writing;
        Assert.True(writes > 10, $"only {writes} writes: nothing was in flight");
        Assert.Equal(Verdict.Mismatched, found.Verdict);
        Assert.All(found.Tables, t => Assert.Equal((0L, 0L), (t.InFlight, t.NotLookedAtAgain)));
        Assert.All(found.Tables, t => Findings.AssertExactly(planted[t.Table.Name], t));
    }

    /// <summary>Changes documents one after the other; the warehouse has each change a little later, as from a stream.</summary>
    async Task<int> FollowedWriterAsync(IReadOnlyList<string> users, TimeSpan lag, CancellationToken stop)
    {
        var arriving = new List<Task>();
        for (int i = 0; !stop.IsCancellationRequested; i++)
        {
            var (user, age) = (users[i % users.Count], 10 + i % 100);
            await community.SetAsync("users", user, w => w.Write("age", age));
            arriving.Add(ArriveAsync(user, age));
            await Task.Delay(100, CancellationToken.None);
        }
        await Task.WhenAll(arriving);
        return arriving.Count;

        async Task ArriveAsync(string user, int age)
        {
            await Task.Delay(lag, CancellationToken.None);
            await community.ExecuteAsync($"UPDATE community.users SET age = {age} WHERE user_id = '{user}'");
        }
    }

    [Fact]
    public async Task Are_unknown_with_their_age_where_they_do_not_settle_and_a_difference_once_they_do()
    {
        string user = (await UsersAsync(1))[0];
        using var stop = new CancellationTokenSource();
        var writing = RestlessWriterAsync(user, stop.Token);

        var found = await ReconcileAsync(0.9);

        await stop.CancelAsync();
        await writing;
        var users = found.Of("users");
        Assert.Equal((Verdict.Unknown, 1L, (0L, 0L, 0L)), (users.Verdict, users.InFlight, users.Counts()));
        Assert.InRange(users.OldestInFlight.TotalSeconds, 0.9, 60);
        Assert.Equal(users.Source - 1, users.Matched);
        Assert.Equal(Verdict.Unknown, found.Verdict);
        Assert.Contains("1 still changing", found.Reason);
        Assert.Equal(1L, await community.ScalarAsync<long>($"SELECT in_flight FROM quality.reconciliations WHERE run_id = {found.Run} AND table_name = 'community.users' AND oldest_in_flight > '0.5 s'"));

        Assert.Equal((0L, 1L, 0L), (await ReconcileAsync(0.1)).Of("users").Counts());
    }

    [Fact]
    public async Task Do_not_hide_that_something_is_wrong()
    {
        await new Planter(community).PlantAsync(community.Table("groups"), 1, 0, 0);
        using var stop = new CancellationTokenSource();
        var writing = RestlessWriterAsync((await UsersAsync(1))[0], stop.Token);
        var found = await ReconcileAsync(0.9);
        await stop.CancelAsync();
        await writing;
        Assert.Equal((Verdict.Mismatched, Verdict.Unknown, Verdict.Mismatched), (found.Of("groups").Verdict, found.Of("users").Verdict, found.Verdict));
        Assert.Contains("1 besides are in flight", found.Reason);
    }

    async Task RestlessWriterAsync(string user, CancellationToken stop)
    {
        for (int i = 0; !stop.IsCancellationRequested; i++)
        {
            await community.SetAsync("users", user, w => w.Write("age", 10 + i % 100));
            await Task.Delay(5, CancellationToken.None);
        }
    }

    [Theory]
    [InlineData("insert")]
    [InlineData("delete")]
    [InlineData("change")]
    [InlineData("quarantine")]
    public async Task That_arrive_between_two_looks_are_reconciled(string kind)
    {
        string user = (await UsersAsync(1))[0];
        switch (kind)
        {
            case "insert":
                await community.InsertAsync("users", SyncedCommunity.User(7, plan: "1234"));
                break;
            case "delete":
                await community.DeleteAsync("users", user);
                break;
            case "change":
                await community.SetAsync("users", user, w => w.Write("age", 111));
                break;
            default:
                await community.SetAsync("users", user, w => w.Write("age", "no number"));
                break;
        }
        Assert.Equal(Verdict.Mismatched, (await ReconcileAsync(0)).Verdict);
        var time = new LeapingTime();
        var pausing = new Arrival(time, () => community.SyncAsync().GetAwaiter().GetResult());

        var found = await ReconcileAsync(30, pausing);

        Assert.Equal((Verdict.Reconciled, 0L), (found.Verdict, found.Tables.Sum(t => t.DifferenceCount + t.InFlight)));
        Assert.NotEmpty(time.Waits);
        var after = await ReconcileAsync(0);
        Assert.Equal(after.Tables.Where(t => kind != "insert").Select(t => (t.Source, t.Matched, t.Warehouse)), found.Tables.Where(t => kind != "insert").Select(t => (t.Source, t.Matched, t.Warehouse)));
    }

    /// <summary>Something happens during the first wait.</summary>
    sealed class Arrival(LeapingTime time, Action happens) : TimeProvider
    {
        bool happened;

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow();
        public override long TimestampFrequency => time.TimestampFrequency;
        public override long GetTimestamp() => time.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (!happened)
                happens();
            happened = true;
            return time.CreateTimer(callback, state, dueTime, period);
        }
    }

    [Fact]
    public async Task Cost_no_time_where_nothing_differs()
    {
        var time = new LeapingTime();
        Assert.Equal(Verdict.Reconciled, (await ReconcileAsync(30, time)).Verdict);
        Assert.Empty(time.Waits);
    }

    [Fact]
    public async Task Are_waited_for_no_longer_than_it_takes_to_see_that_nothing_moves()
    {
        await new Planter(community).PlantAsync(community.Table("invoices"), 1, 1, 1);
        var time = new LeapingTime();
        Assert.Equal((1L, 1L, 1L), (await ReconcileAsync(30, time)).Of("invoices").Counts());
        Assert.Equal([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)], time.Waits);
    }

    [Fact]
    public async Task Are_judged_in_dimensions_by_all_documents_once_more()
    {
        await community.ExecuteAsync("UPDATE community.plans SET description = 'x' WHERE plan_id = '1235'; DELETE FROM community.plans WHERE plan_id = '1234'");
        await new Planter(community).PlantAsync(community.Table("plans"), 0, 0, 2);
        var found = await ReconcileAsync(30, new LeapingTime());
        Assert.Equal(((1L, 1L, 0L), 2L), (found.Of("plans").Counts(), found.Of("plans").Unreferenced));

        var mending = new Arrival(new LeapingTime(), () => community.RepairAsync().GetAwaiter().GetResult());
        Assert.Equal((Verdict.Reconciled, 2L), ((await ReconcileAsync(30, mending)).Verdict, (await ReconcileAsync(0)).Of("plans").Unreferenced));
    }

    [Fact]
    public async Task Are_looked_for_among_so_many_differences_and_the_others_are_counted()
    {
        await community.ExecuteAsync($"INSERT INTO community.messages (thread_id, ordinal) SELECT 'planted', n FROM generate_series(1, {Tally.MostHeld + 5}) n");
        var found = (await ReconcileAsync(30, new LeapingTime())).Of("messages");
        Assert.Equal(((0L, 0L, Tally.MostHeld + 5L), 5L), (found.Counts(), found.NotLookedAtAgain));
        Assert.Contains("5 of them were not looked at again", found.Reason);
    }

    [Fact]
    public async Task Are_reported_as_found_for_a_row_that_lost_its_documents_key()
    {
        await community.ExecuteAsync("ALTER TABLE community.messages DROP CONSTRAINT messages_pkey; ALTER TABLE community.messages ALTER thread_id DROP NOT NULL; INSERT INTO community.messages (body, ordinal) VALUES ('x', 0)");
        var found = (await ReconcileAsync(30, new LeapingTime())).Of("messages");
        Assert.Equal(((0L, 0L, 1L), 1L), (found.Counts(), found.NotLookedAtAgain));
    }

    [Fact]
    public async Task Are_told_of_a_doubled_row()
    {
        await community.ExecuteAsync("ALTER TABLE community.groups DROP CONSTRAINT groups_pkey; INSERT INTO community.groups SELECT * FROM community.groups ORDER BY group_id LIMIT 1");
        Assert.Equal((0L, 0L, 1L), (await ReconcileAsync(30, new LeapingTime())).Of("groups").Counts());
        var removing = new Arrival(new LeapingTime(), () => community.ExecuteAsync("DELETE FROM community.groups g USING community.groups o WHERE g.group_id = o.group_id AND g.ctid > o.ctid").GetAwaiter().GetResult());
        var found = await ReconcileAsync(30, removing);
        Assert.Equal((Verdict.Reconciled, found.Of("groups").Source), (found.Verdict, found.Of("groups").Warehouse));
    }

    [Fact]
    public async Task End_in_nothing_known_where_a_side_is_lost_while_it_is_looked_at_again()
    {
        await new Planter(community).PlantAsync(community.Table("users"), 1, 0, 0);
        var leaving = new Arrival(new LeapingTime(), () => community.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()").GetAwaiter().GetResult());
        await Assert.ThrowsAsync<Etl.UnavailableException>(() => ReconcileAsync(30, leaving));
        Assert.Equal("unknown", await community.ScalarAsync<string>("SELECT verdict FROM quality.runs ORDER BY id DESC LIMIT 1"));

        await using var impatient = new MongoSource(community.Server.Uri, community.Contract, new MongoOptions { Attempts = 1, ServerSelectionTimeout = 200 });
        var stopping = new Arrival(new LeapingTime(), () => community.Server.DisposeAsync().AsTask().GetAwaiter().GetResult());
        await Assert.ThrowsAsync<Etl.UnavailableException>(() => new Reconciler(community.Contract, impatient, community.Warehouse, stopping)
            .RunAsync(new ReconcileOptions { Settle = TimeSpan.FromSeconds(30) }, CancellationToken.None));
        Assert.Equal("unknown", await community.ScalarAsync<string>("SELECT verdict FROM quality.runs ORDER BY id DESC LIMIT 1"));
    }
}
