using Etl.Loading;
using Npgsql;

namespace Etl.Tests.Loading;

/// <summary>Who loads while others do, or did, or think that they still do.</summary>
public sealed class A_worker
{
    static readonly Person[] People = [.. Enumerable.Range(1, 300).Select(i => new Person(i))];

    sealed class Told(Action act) : IProgress<SyncProgress>
    {
        public void Report(SyncProgress value) => act();
    }

    [Fact]
    public async Task That_fails_stops_the_others_and_its_failure_is_the_one_that_is_named()
    {
        await using var community = await Community.OnAsync("worker_fails");
        (community.Workers, community.Source.Splits) = (4, true);
        community.Put(People);
        community.PutGroup(1, "Grace");
        await community.SyncAsync(100, null, "groups"); // the journal's tables are there
        // One of four meets this document; the others must not go on to their ends.
        await community.ExecuteAsync($"""
            CREATE SCHEMA IF NOT EXISTS community;
            {Contracts("users", community)};
            ALTER TABLE community.users ADD CONSTRAINT not_him CHECK (user_id <> '{Person.Hex('a', 4)}')
            """);
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => community.SyncAsync(1, null, "users"));
        Assert.Contains("violates check constraint \"not_him\"", failure.Message);
        Assert.Equal([failure.Message], await community.ListAsync("SELECT reason FROM quality.runs ORDER BY id DESC LIMIT 1"));
        Assert.InRange(await community.CountAsync("SELECT count(*) FROM community.users"), 0, People.Length - 20);
        await community.ExecuteAsync("ALTER TABLE community.users DROP CONSTRAINT not_him");
        await community.BooksCloseAsync(await community.SyncAsync(50, null, "users"));
        await community.HoldsAsync(People);
    }

    static string Contracts(string table, Community community) => Etl.Contracts.TableSql.CreateKeyless(community.Contract.Tables.Single(t => t.Name == table));

    /// <summary>A run lost the connection that held the pipeline's lock and has not noticed; another has taken over, and ended.</summary>
    [Fact]
    public async Task Whose_run_was_taken_over_commits_nothing_more()
    {
        await using var community = await Community.OnAsync("worker_taken_over");
        community.Workers = 1;
        var people = People[..8];
        community.Put(people);
        await using var way = new Warehouse(new NpgsqlConnectionStringBuilder(community.Connection) { ApplicationName = "old" }.ConnectionString);
        SyncResult? taken = null;
        bool done = false;
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => community.SyncByAsync(way, 2, new Told(() =>
        {
            if (done)
                return;
            done = true;
            community.ExecuteAsync("SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid WHERE l.locktype = 'advisory' AND a.application_name = 'old'").GetAwaiter().GetResult();
            community.Put(people[5] with { Age = 99 });
            taken = community.SyncAsync(3, null, "users").GetAwaiter().GetResult();
            community.Put(people[5] with { Age = 11 }); // what the old run would read
        }), "users"));
        Assert.StartsWith($"Dataset 'users' was taken over by run {taken!.Run} (sync, process {Environment.ProcessId} on {Environment.MachineName}, since ", failure.Message);
        Assert.Contains("this run 1 lost the connection that held the pipeline's lock. Nothing of its last batch was committed", failure.Message);
        Assert.Equal([$"unknown {failure.Message}"], await community.ListAsync("SELECT verdict || ' ' || reason FROM quality.runs WHERE id = 1"));
        await community.BooksCloseAsync(taken);
        await community.HoldsAsync([.. people[..5], people[5] with { Age = 99 }, .. people[6..]]);
        Assert.Equal([$"complete {taken!.Run} 8"], await community.ListAsync("SELECT state || ' ' || run_id || ' ' || documents FROM quality.checkpoints"));
        Assert.Equal(2, await community.CountAsync("SELECT read FROM quality.ledger ORDER BY run_id LIMIT 1")); // what it committed while it was its own
    }

    /// <summary>The other has only just begun: same scan, no document further.</summary>
    [Fact]
    public async Task Whose_run_is_being_taken_over_commits_nothing_more()
    {
        await using var community = await Community.OnAsync("worker_claimed");
        community.Workers = 1;
        community.Put(People[..8]);
        bool done = false;
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => community.SyncAsync(2, new Told(() =>
        {
            if (!done)
                ClaimAsync(community).GetAwaiter().GetResult();
            done = true;
        }), "users"));
        Assert.StartsWith("Dataset 'users' was taken over by run 2 (sync, process ", failure.Message);
        Assert.Equal(2, (await community.RowsAsync("users")).Count);
        Assert.Equal(["scanning 2"], await community.ListAsync("SELECT state || ' ' || documents FROM quality.checkpoints"));
        await community.BooksCloseAsync(await community.SyncAsync(3, null, "users"));
        await community.HoldsAsync(People[..8]);
    }

    /// <summary>What a run that takes over does first.</summary>
    static async Task ClaimAsync(Community community)
    {
        await using var connection = await community.Warehouse.OpenAsync(CancellationToken.None);
        var run = await Run.BeginAsync(connection, community.Contract, "sync", null, null, TimeProvider.System, CancellationToken.None);
        await Checkpoint.ClaimAsync(connection, "community", community.Contract.Datasets[0], run, CancellationToken.None);
    }

    /// <summary>The old run's last batch is being committed while the new one begins: it goes on behind that batch, not before.</summary>
    [Fact]
    public async Task That_takes_over_waits_for_what_is_being_committed()
    {
        await using var community = await Community.OnAsync("worker_waits");
        community.Workers = 1;
        var people = People[..6];
        community.Put(people);
        community.Source.FailAfter = 3;
        await Assert.ThrowsAsync<UnavailableException>(() => community.SyncAsync(1, null, "users"));
        community.Source.FailAfter = null;
        community.Source.Forget();
        await using (var old = await community.Warehouse.OpenAsync(CancellationToken.None))
        {
            // As the old run's worker would, with a document's rows behind it.
            await using var batch = await old.BeginTransactionAsync();
            await old.RunAsync("INSERT INTO community.users SELECT $1, first_name, last_name, age, gender, country, post_code, signed_up_at, group_id, messages_per_day, _hash, _version, _run_id, _loaded_at FROM community.users LIMIT 1", CancellationToken.None, Person.Hex('a', 4));
            await old.RunAsync("UPDATE quality.checkpoints SET documents = 4, position = $1", CancellationToken.None, people[3].Position);
            var sync = community.SyncAsync(1, null, "users");
            while (await community.CountAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == 0)
                Assert.False(sync.IsCompleted, "it did not wait");
            await batch.CommitAsync();
            await sync;
        }
        Assert.Equal($$"""{"$oid":"{{Person.Hex('a', 5)}}"}""", community.Source.Read[0]);
        await community.HoldsAsync(people);
    }

    /// <summary>The other one has begun a scan of its own meanwhile, in other ranges.</summary>
    [Fact]
    public async Task Whose_ranges_are_gone_commits_nothing_more()
    {
        await using var community = await Community.OnAsync("worker_ranges");
        community.Workers = 1;
        community.Put(People[..8]);
        bool done = false;
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => community.SyncAsync(2, new Told(() =>
        {
            if (!done)
            {
                ClaimAsync(community).GetAwaiter().GetResult();
                community.ExecuteAsync("UPDATE quality.checkpoints SET partition = '1 of 2'").GetAwaiter().GetResult();
            }
            done = true;
        }), "users"));
        Assert.StartsWith("Dataset 'users' was taken over by run 2 (sync, process ", failure.Message);
        Assert.Equal(2, (await community.RowsAsync("users")).Count);
    }
}
