using Etl.Contracts;
using Etl.Documents;
using Etl.Loading;
using Npgsql;
using Tests.Shared;

namespace Etl.Tests.Loading;

public sealed class A_sync
{
    static readonly Plan Monthly = new("1234", "CoreTechMonthly", 9.5), Upfront = new("1235", "CoreTechUpfront", 90);

    internal static Person[] People =>
    [
        new(1) { Subscription = new(1, Monthly) { Invoices = [new(1, 9), new(2, 9.25)] } },
        new(2) { Subscription = new(2, Upfront) { Invoices = null }, First = null, Age = 40L, Country = "" },
        new(3) { Age = null, Group = null, MessagesPerDay = null },
        new(4) { Subscription = new(4, Monthly) { Invoices = [new(3, 1.5m), new(4, -3, Status: "")] }, Age = 0.0, First = "Ж'\"\\|語🎉" },
    ];

    static async Task<Community> FilledAsync(string database)
    {
        var community = await Community.OnAsync(database);
        community.Put(People);
        community.PutGroup(1, "Grace");
        community.PutGroup(2, null);
        community.PutThread(1, "hello", "");
        community.PutThread(2);
        return community;
    }

    [Fact]
    public async Task Loads_every_value_of_all_six_tables()
    {
        await using var community = await FilledAsync("sync_first");
        var result = await community.SyncAsync();
        await community.BooksCloseAsync(result);
        await community.HoldsAsync(People);
        Assert.Equal([Monthly.Row, Upfront.Row], await community.RowsAsync("plans"));
        Assert.Equal([$"{Person.Hex('g', 1)}|2020-06-02 00:00:00.000|Grace", $"{Person.Hex('g', 2)}|2020-06-02 00:00:00.000|∅"], await community.RowsAsync("groups"));
        string thread = $"{Person.Hex('t', 1)}|{{0}}|{Person.Hex('a', 1)}|{Person.Hex('g', 1)}|1970-01-01 00:00:0{{0}}.000|{{1}}";
        Assert.Equal([string.Format(null, thread, 0, "hello"), string.Format(null, thread, 1, "")], await community.RowsAsync("messages"));
        Assert.Equal((4, 4, 0), (result.Documents[0].Read, result.Documents[0].Loaded, result.Documents[0].Unchanged));
        Assert.Equal((3, 1, 2), result.Tables.Where(t => t.Table.Name == "plans").Select(t => (t.Produced, t.Merged, t.Inserted)).Single());
    }

    [Fact]
    public async Task Changes_nothing_the_second_time()
    {
        await using var community = await FilledAsync("sync_again");
        await community.SyncAsync();
        var before = await community.ListAsync("SELECT u::text FROM community.users u ORDER BY 1");
        await community.NothingChangesAsync();
        await community.NothingChangesAsync(batch: 1);
        Assert.Equal(before, await community.ListAsync("SELECT u::text FROM community.users u ORDER BY 1"));
    }

    [Fact]
    public async Task Follows_changes_and_deletes_and_leaves_tombstones()
    {
        await using var community = await FilledAsync("sync_changes");
        await community.SyncAsync();
        var people = People;
        people[0] = people[0] with { Country = "FR", Subscription = people[0].Subscription! with { Invoices = [new(11, 9), new(12, 9.25), new(13, 1)] } };
        people[2] = people[2] with { Age = 41 };
        community.Put(people);
        community.Source.Remove("users", people[3].Position);
        community.PutThread(1, "hello", "", "again");
        var result = await community.SyncAsync();
        await community.BooksCloseAsync(result);
        await community.HoldsAsync(people[..3]);
        Assert.Equal(3, (await community.RowsAsync("messages")).Count);
        Assert.Equal((2, 1, 2, 1), result.Tables.Where(t => t.Table.Name is "users").Select(t => ((int)t.Updated, (int)t.Removed, (int)result.Documents[0].Loaded, (int)result.Documents[0].Unchanged)).Single());
        Assert.Equal((3, 4), result.Tables.Where(t => t.Table.Name is "invoices").Select(t => ((int)t.Inserted, (int)t.Removed)).Single());
        Assert.Equal((1, 0), result.Tables.Where(t => t.Table.Name is "messages").Select(t => ((int)t.Inserted, (int)t.Updated)).Single());
        Assert.Equal(
            [.. new[] { 1, 2, 3, 4 }.Select(i => $"community.invoices {{\"invoice_id\": \"{Person.Hex('i', i)}\"}}"),
                $"community.subscriptions {{\"subscription_id\": \"{Person.Hex('s', 4)}\"}}", $"community.users {{\"user_id\": \"{Person.Hex('a', 4)}\"}}"],
            await community.ListAsync("SELECT table_name || ' ' || key FROM quality.tombstones ORDER BY table_name, key::text"));
        await community.NothingChangesAsync();
    }

    /// <summary>A tombstone tells of a removal, not of a state: what comes back is told by its row, whose version is higher.</summary>
    [Fact]
    public async Task Keeps_the_tombstones_of_what_comes_back()
    {
        await using var community = await FilledAsync("sync_back");
        await community.SyncAsync();
        for (int time = 1; time <= 2; time++)
        {
            community.Source.Remove("users", People[2].Position);
            await community.SyncAsync(1, null, "users");
            community.Put(People[2]);
            await community.BooksCloseAsync(await community.SyncAsync(1, null, "users"));
            await community.HoldsAsync(People);
            Assert.Equal(time, await community.CountAsync($"SELECT count(*) FROM quality.tombstones t JOIN community.users u ON u.user_id = t.key->>'user_id' AND u._version > t.version WHERE u.user_id = '{Person.Hex('a', 3)}'"));
        }
        Assert.Equal(2, await community.CountAsync("SELECT count(*) FROM quality.tombstones"));
    }

    [Fact]
    public async Task Empties_the_tables_of_an_emptied_collection()
    {
        await using var community = await FilledAsync("sync_emptied");
        await community.SyncAsync();
        foreach (var person in People)
            community.Source.Remove("users", person.Position);
        await community.BooksCloseAsync(await community.SyncAsync(2));
        await community.HoldsAsync();
        Assert.Equal(2, (await community.RowsAsync("plans")).Count); // a dimension's rows stay
    }

    [Fact]
    public async Task Names_a_missing_collection_and_loads_nothing()
    {
        await using var community = await FilledAsync("sync_missing");
        community.Source.Drop("groups");
        community.Source.Create("group");
        var refused = await Assert.ThrowsAsync<UnavailableException>(() => community.SyncAsync());
        Assert.Contains("'groups' does not exist", refused.Message);
        Assert.Contains("Did you mean 'group'?", refused.Message);
        Assert.Contains("Nothing was loaded.", refused.Message);
        Assert.Equal(0, await community.CountAsync("SELECT count(*) FROM pg_namespace WHERE nspname = 'community'"));
        Assert.Equal(["unknown"], await community.ListAsync("SELECT verdict FROM quality.runs"));
    }

    [Fact]
    public async Task Goes_on_where_a_failed_one_stopped()
    {
        await using var community = await Community.OnAsync("sync_resumed");
        var people = Enumerable.Range(1, 20).Select(i => new Person(i) { Subscription = new(i, i % 2 == 0 ? Monthly : Upfront) { Invoices = [new(i, i)] } }).ToArray();
        community.Put(people);
        community.Source.FailAfter = 11; // batches of 3: three are committed, the fourth is cut
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => community.SyncAsync(3, null, "users"));
        Assert.Contains("told to go away", failure.Message);
        Assert.Equal(9, (await community.RowsAsync("users")).Count);
        Assert.Equal([failure.Message], await community.ListAsync("SELECT reason FROM quality.runs WHERE ended_at IS NOT NULL"));
        community.Source.FailAfter = null;
        community.Source.Forget();
        var result = await community.SyncAsync(3, null, "users");
        await community.BooksCloseAsync(result);
        // First the rest of the interrupted scan, then one from the start: what was read before may have changed since. The books have each document once.
        Assert.Equal((20L, 11L, 9L), (result.Documents[0].Read, result.Documents[0].Loaded, result.Documents[0].Unchanged));
        Assert.Equal((20L, 11L, 0L, 9L, 0L), result.Tables.Where(t => t.Table.Name == "users").Select(t => (t.Produced, t.Inserted, t.Updated, t.Unchanged, t.Removed)).Single());
        Assert.StartsWith("Dataset 'users' was read to its end from where an interrupted sync had come to, then from its beginning", Assert.Single(result.Effort.Remarks));
        Assert.Equal(result.Effort.Remarks, await community.ListAsync($"SELECT unnest(remarks) FROM quality.runs WHERE id = {result.Run}"));
        Assert.Equal(people[9..].Concat(people).Select(p => $$"""{"$oid":"{{Person.Hex('a', p.Id)}}"}"""), community.Source.Read);
        await community.HoldsAsync(people);
        Assert.Equal([Monthly.Row, Upfront.Row], await community.RowsAsync("plans"));
        Assert.Equal(["complete 20 2"], await community.ListAsync("SELECT state || ' ' || documents || ' ' || scan FROM quality.checkpoints"));
        await community.NothingChangesAsync(7, "users");
    }

    [Fact]
    public async Task Takes_what_changed_between_two_halves_of_a_scan()
    {
        await using var community = await Community.OnAsync("sync_resumed_changed");
        var people = Enumerable.Range(1, 8).Select(i => new Person(i)).ToArray();
        community.Put(people);
        await community.SyncAsync(2, null, "users");
        community.Source.FailAfter = 5;
        await Assert.ThrowsAsync<UnavailableException>(() => community.SyncAsync(2, null, "users"));
        community.Source.FailAfter = null;
        community.Source.Remove("users", people[1].Position); // behind the checkpoint
        community.Source.Remove("users", people[3].Position); // the checkpoint itself
        community.Source.Remove("users", people[5].Position); // ahead of it
        community.Put(people[0] with { Age = 77 }); // changed behind the checkpoint
        await community.SyncAsync(2, null, "users");
        await community.HoldsAsync([people[0] with { Age = 77 }, people[2], people[4], people[6], people[7]]);
        await community.NothingChangesAsync(2, "users");
    }

    [Fact]
    public async Task Begins_anew_under_another_contract()
    {
        await using var community = await Community.OnAsync("sync_recontracted");
        community.Put(People);
        community.Source.FailAfter = 3;
        await Assert.ThrowsAsync<UnavailableException>(() => community.SyncAsync(1, null, "users"));
        community.Source.FailAfter = null;
        community.Contract = Edited(text => text.Replace("        logicalType: string\n        description: Free text, may be empty.", "        logicalType: string\n        description: Free text."));
        Assert.Equal(4, (await community.SyncAsync(2, null, "users")).Documents[0].Read);
        await community.HoldsAsync(People);
    }

    [Fact]
    public async Task Adds_columns_that_the_contract_adds()
    {
        await using var community = await Community.OnAsync("sync_new_column");
        community.Put(People);
        await community.SyncAsync(2, null, "users");
        community.Contract = Edited(text => text
            .Replace("      - name: lastname\n", "      - { name: nickname, logicalType: string }\n      - name: lastname\n")
            .Replace("              - name: planDescription\n", "              - { name: colour, logicalType: string }\n              - name: planDescription\n"));
        await community.NothingChangesAsync(2, "users"); // a new column that is NULL everywhere changes no hash
        community.Source.Put("users", Bson.Make(w =>
        {
            for (var reader = new BsonReader(People[0].ToBson()); reader.Read();)
                w.WriteElement(reader);
            w.Write("nickname", "Countess");
        }));
        var result = await community.SyncAsync(2, null, "users");
        Assert.Equal(1, result.Tables.Single(t => t.Table.Name == "users").Updated);
        Assert.Equal(["Countess"], await community.ListAsync("SELECT nickname FROM community.users WHERE nickname IS NOT NULL"));
        Assert.Equal(1, await community.CountAsync("SELECT count(*) FROM information_schema.columns WHERE table_name = 'plans' AND column_name = 'colour'"));
    }

    internal static Contract Edited(Func<string, string> edit)
    {
        string folder = Scratch.Folder("contract");
        string text = File.ReadAllText(Path.Combine(Community.Folder, ContractReader.FileName)).ReplaceLineEndings("\n");
        string edited = edit(text);
        Assert.NotEqual(text, edited);
        File.WriteAllText(Path.Combine(folder, ContractReader.FileName), edited);
        var contract = ContractReader.Read(folder);
        Directory.Delete(folder, recursive: true);
        return contract;
    }

    [Fact]
    public async Task Refuses_a_table_whose_column_has_another_type()
    {
        await using var community = await FilledAsync("sync_misfit");
        await community.ExecuteAsync("CREATE SCHEMA community; CREATE TABLE community.users (user_id text PRIMARY KEY, age text)");
        var refused = await Assert.ThrowsAsync<UnavailableException>(() => community.SyncAsync());
        Assert.Equal("Column community.users.age is text; the contract makes it integer. Change the column, or the contract, or load into another schema.", refused.Message);
    }

    [Theory]
    [InlineData("INSERT")]
    [InlineData("UPDATE")]
    [InlineData("DELETE")]
    public async Task Fails_when_a_trigger_discards_rows(string operation)
    {
        await using var community = await Community.OnAsync($"sync_trigger_{operation.ToLowerInvariant()}");
        community.Put(People);
        await community.SyncAsync(10, null, "users");
        var before = await community.RowsAsync("users");
        string affected = Person.Hex('a', operation == "INSERT" ? 5 : 2);
        await community.ExecuteAsync($$"""
            CREATE OR REPLACE FUNCTION discard() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF OLD.user_id = ''{{affected}}'' OR NEW.user_id = ''{{affected}}'' THEN RETURN NULL; END IF; RETURN coalesce(NEW, OLD); END';
            CREATE TRIGGER discard BEFORE {{operation}} ON community.users FOR EACH ROW EXECUTE FUNCTION discard()
            """);
        community.Put(People[0] with { Age = 99 }, People[1] with { Age = 98 }, new Person(5));
        community.Source.Remove("users", operation == "DELETE" ? People[1].Position : People[2].Position);
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => community.SyncAsync(10, null, "users"));
        Assert.Contains("community.users", failure.Message);
        Assert.Contains("a trigger or rule of the table discards them. Nothing of this batch was committed.", failure.Message);
        Assert.Equal(before, await community.RowsAsync("users"));
        Assert.Equal(["scanning 0"], await community.ListAsync("SELECT state || ' ' || documents FROM quality.checkpoints"));
        await community.ExecuteAsync("DROP TRIGGER discard ON community.users");
        await community.SyncAsync(10, null, "users");
        await community.HoldsAsync(operation == "DELETE"
            ? [People[0] with { Age = 99 }, People[2], People[3], new Person(5)]
            : [People[0] with { Age = 99 }, People[1] with { Age = 98 }, People[3], new Person(5)]);
    }

    sealed class Told(Action act) : IProgress<SyncProgress>
    {
        public void Report(SyncProgress value) => act();
    }

    [Fact]
    public async Task Notices_a_row_written_by_hand_meanwhile()
    {
        await using var community = await Community.OnAsync("sync_by_hand");
        community.Put(People);
        bool done = false;
        var result = await community.SyncAsync(2, new Told(() =>
        {
            if (!done)
                community.ExecuteAsync("INSERT INTO community.users (user_id) VALUES ('0')").GetAwaiter().GetResult();
            done = true;
        }), "users");
        Assert.Equal(Verdict.Mismatched, result.Verdict);
        Assert.Equal("community.users has 5 rows; the books say 4. Somebody else writes to the table.", result.Reason);
    }

    [Fact]
    public async Task Is_mismatched_when_too_many_documents_are_refused()
    {
        await using var community = await Community.OnAsync("sync_rejected");
        community.Put([.. Enumerable.Range(1, 99).Select(i => new Person(i) { IsBad = i <= 11 })]);
        Assert.Equal(Verdict.Reconciled, (await community.SyncAsync(50, null, "users")).Verdict); // under 100 documents a share says nothing
        community.Put([.. Enumerable.Range(100, 11).Select(i => new Person(i))]);
        Assert.Equal(Verdict.Reconciled, (await community.SyncAsync(50, null, "users")).Verdict); // 11 of 110: exactly 10 %
        community.Put(new Person(100) { IsBad = true });
        var result = await community.SyncAsync(50, null, "users");
        Assert.Equal(Verdict.Mismatched, result.Verdict);
        Assert.StartsWith("Dataset 'users': 12 of 110 documents were refused (limit 10 %).", result.Reason);
        Assert.Equal(["mismatched"], await community.ListAsync("SELECT verdict FROM quality.runs ORDER BY id DESC LIMIT 1"));
    }

    [Fact]
    public async Task Reports_values_that_should_be_unique_and_keeps_their_rows()
    {
        await using var community = await Community.OnAsync("sync_unique");
        community.Put(People);
        var result = await community.SyncAsync();
        var check = Assert.Single(result.Checks, c => c.Rule == "unique");
        Assert.Equal(("community.subscriptions", "subscription_ref", 3L), (check.Table, check.Column, check.Failing));
        Assert.Equal([new CheckSample(Person.Hex('r', 7), 3)], check.Sample);
        Assert.Equal(3, (await community.RowsAsync("subscriptions")).Count);
    }

    /// <summary>Time that leaps a second at each look: patience ends at once.</summary>
    sealed class LeapingTime : TimeProvider
    {
        long ticks;
        public override long TimestampFrequency => 1;
        public override long GetTimestamp() => ++ticks;
    }

    [Fact]
    public async Task Refuses_a_second_writer_by_name()
    {
        await using var community = await FilledAsync("sync_lock");
        await community.SyncAsync();
        await using var other = await community.Warehouse.OpenAsync(CancellationToken.None);
        await PipelineLock.TakeAsync(other, "community", TimeProvider.System, CancellationToken.None);
        var run = await Run.BeginAsync(other, community.Contract, "sync", null, null, TimeProvider.System, CancellationToken.None);
        var refused = await Assert.ThrowsAsync<UnavailableException>(() =>
            new Synchronizer(community.Contract, community.Source, community.Warehouse, new LeapingTime()).RunAsync(new SyncOptions(), CancellationToken.None));
        Assert.StartsWith($"Pipeline 'community' is being written by run {run.Id} (sync, process {Environment.ProcessId} on {Environment.MachineName}, since ", refused.Message);
    }

    [Fact]
    public async Task Lets_go_of_its_lock_when_it_ends_and_when_it_fails()
    {
        await using var community = await FilledAsync("sync_unlock");
        community.Source.FailAfter = 0;
        await Assert.ThrowsAsync<UnavailableException>(() => community.SyncAsync());
        Assert.Equal(0, await community.CountAsync("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"));
        community.Source.FailAfter = null;
        await community.SyncAsync();
        Assert.Equal(0, await community.CountAsync("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"));
    }

    [Fact]
    public async Task Gives_rows_versions_that_grow_from_scan_to_scan()
    {
        await using var community = await Community.OnAsync("sync_versions");
        community.Put(People);
        await community.SyncAsync(2, null, "users");
        community.Put(People[0] with { Age = 50 });
        await community.SyncAsync(2, null, "users");
        Assert.Equal(1, await community.CountAsync($"SELECT count(*) FROM community.users u WHERE _version > ALL (SELECT _version FROM community.users WHERE user_id <> u.user_id) AND user_id = '{Person.Hex('a', 1)}'"));
    }
}
