using Etl.Loading;
using Npgsql;

namespace Etl.Tests.Loading;

/// <summary>What a sync makes of tables that somebody else has changed.</summary>
public sealed class A_table_edited_by_hand
{
    static readonly Plan Monthly = new("1234", "CoreTechMonthly", 9.5);
    static readonly Person[] People = [.. Enumerable.Range(1, 3).Select(i => new Person(i))];

    [Fact]
    public async Task Keeps_a_row_whose_owner_was_edited_by_hand()
    {
        await using var community = await Community.OnAsync("edited_disowned");
        var people = Enumerable.Range(1, 6).Select(i => new Person(i) { Subscription = new(i, Monthly) { Invoices = [new(i, i)] } }).ToArray();
        community.Put(people);
        await community.SyncAsync(2, null, "users");
        foreach (string owner in (string[])["zzz", "000", Person.Hex('a', 1), Person.Hex('a', 5)])
        {
            await community.ExecuteAsync($"UPDATE community.invoices SET user_id = '{owner}' WHERE user_id = '{Person.Hex('a', 3)}'");
            await community.SyncAsync(2, null, "users");
            await community.HoldsAsync(people);
        }
    }

    [Fact]
    public async Task With_another_key_than_the_contract_is_named_and_left_alone()
    {
        await using var community = await Community.OnAsync("edited_key");
        community.Put(People);
        await community.SyncAsync(2, null, "users");
        await community.ExecuteAsync("ALTER TABLE community.users DROP CONSTRAINT users_pkey, ADD PRIMARY KEY (user_id, signed_up_at)");
        community.Put(new Person(4));
        var refused = await Assert.ThrowsAsync<UnavailableException>(() => community.SyncAsync(2, null, "users"));
        Assert.StartsWith("Table community.users has the key (user_id, signed_up_at); the contract's is (user_id).", refused.Message);
        Assert.Equal(3, await community.CountAsync("SELECT count(*) FROM community.users"));
    }

    [Fact]
    public async Task Fills_a_column_that_was_dropped_by_hand()
    {
        await using var community = await Community.OnAsync("edited_dropped_column");
        community.Put(People);
        await community.SyncAsync(2, null, "users");
        await community.ExecuteAsync("ALTER TABLE community.users DROP COLUMN age");
        await community.SyncAsync(2, null, "users");
        await community.HoldsAsync(People);
    }

    /// <summary>The new column alone would be no reason: rows that have no value in it are left as they are.</summary>
    [Fact]
    public async Task Fills_a_column_that_was_dropped_by_hand_while_the_contract_changed()
    {
        await using var community = await Community.OnAsync("edited_dropped_recontracted");
        community.Put(People);
        await community.SyncAsync(2, null, "users");
        await community.ExecuteAsync("ALTER TABLE community.users DROP COLUMN age");
        community.Contract = A_sync.Edited(text => text.Replace("      - name: lastname\n", "      - { name: nickname, logicalType: string }\n      - name: lastname\n"));
        await community.SyncAsync(2, null, "users");
        await community.HoldsAsync(People);
        await community.NothingChangesAsync(2, "users");
    }

    static string Key(string table) => $"SELECT indexname FROM pg_indexes WHERE schemaname = 'community' AND tablename = '{table}' ORDER BY 1";

    [Fact]
    public async Task Gets_back_a_key_and_an_index_that_were_dropped_by_hand()
    {
        await using var community = await Community.OnAsync("edited_key_dropped");
        community.Put([.. People, new Person(4) { Subscription = new(4, Monthly) { Invoices = [new(4, 4)] } }]);
        await community.SyncAsync(2, null, "users");
        var before = await community.IndexesAsync();
        await community.ExecuteAsync("""
            ALTER TABLE community.users DROP CONSTRAINT users_pkey;
            ALTER TABLE community.invoices DROP CONSTRAINT invoices_pkey;
            ALTER TABLE community.plans DROP CONSTRAINT plans_pkey;
            DROP INDEX community.subscriptions_by_document
            """);
        var result = await community.SyncAsync(2, null, "users");
        await community.BooksCloseAsync(result);
        Assert.Equal(before, await community.IndexesAsync());
        Assert.DoesNotContain(result.Checks, c => c.Rule == CheckResult.PrimaryKey);
    }

    /// <summary>Without a key nobody kept it from standing twice. The sync goes on, and says it until it is mended.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(100)]
    public async Task That_has_lost_its_key_to_doubled_rows_is_told_with_what_to_do(int batch)
    {
        await using var community = await Community.OnAsync("edited_key_doubled");
        community.Put(People);
        await community.SyncAsync(batch, null, "users");
        await community.ExecuteAsync("ALTER TABLE community.users DROP CONSTRAINT users_pkey, ALTER user_id DROP NOT NULL; INSERT INTO community.users SELECT * FROM community.users WHERE user_id LIKE '%2'; INSERT INTO community.users (age) VALUES (1)");
        foreach (int age in (int[])[50, 51])
        {
            community.Put(People[1] with { Age = age }, new Person(4));
            var result = await community.SyncAsync(batch, null, "users");
            Assert.Equal(Verdict.Mismatched, result.Verdict);
            Assert.Equal("Table community.users has lost its key, and it cannot be made again: 3 rows share one (user_id) or have none. Remove them: quality reconcile community --repair --delete-unexpected; the next sync makes the key.", result.Reason);
            var check = Assert.Single(result.Checks, c => c.Rule == CheckResult.PrimaryKey);
            Assert.Equal([new CheckSample(Person.Hex('a', 2), 2)], check.Sample);
            Assert.All(result.Tables, t => Assert.True(t.Balances && t.TableBalances, $"{t}"));
        }
        Assert.Equal(["1", "36", "36", "36", "51", "51"], await community.ListAsync("SELECT age::text FROM community.users ORDER BY 1"));
        await new Quality.Reconciliation.Repairer(community.Contract, community.Source, community.Warehouse, TimeProvider.System)
            .RunAsync(new Quality.Reconciliation.ReconcileOptions { Datasets = [community.Contract.Datasets[0]] }, deleteUnexpected: true, CancellationToken.None);
        await community.BooksCloseAsync(await community.SyncAsync(batch, null, "users"));
        Assert.Equal(["users_pkey"], await community.ListAsync(Key("users")));
        await community.HoldsAsync(People[0], People[1] with { Age = 51 }, People[2], new Person(4));
    }

    [Fact]
    public async Task That_has_lost_its_key_to_one_who_may_not_make_it_is_loaded_and_told()
    {
        await using var community = await Community.OnAsync("edited_key_privilege");
        community.Put(People);
        await community.SyncAsync(2, null, "users");
        await GrantAsync(community);
        await community.ExecuteAsync("ALTER TABLE community.users DROP CONSTRAINT users_pkey");
        community.Put(People[0] with { Age = 51 });
        await using var humble = Humble(community);
        var result = await community.SyncByAsync(humble, 2, null, "users");
        await community.BooksCloseAsync(result);
        var check = Assert.Single(result.Checks, c => c.Rule == CheckResult.PrimaryKey);
        Assert.Equal("the table has lost its key or index, and this role may not make it (must be owner of table users). Its owner can: ALTER TABLE \"community\".\"users\" ADD PRIMARY KEY (\"user_id\")", check.Failure);
        await community.HoldsAsync([People[0] with { Age = 51 }, .. People[1..]]);
    }

    static Task GrantAsync(Community community) => community.ExecuteAsync("""
        DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'worker') THEN CREATE ROLE worker LOGIN PASSWORD 'worker'; END IF; END $$;
        GRANT USAGE ON SCHEMA quality, community TO worker;
        GRANT ALL ON ALL TABLES IN SCHEMA quality, community TO worker;
        GRANT ALL ON ALL SEQUENCES IN SCHEMA quality TO worker
        """);

    static Warehouse Humble(Community community) => new(new NpgsqlConnectionStringBuilder(community.Connection) { Username = "worker", Password = "worker" }.ConnectionString);

    [Fact]
    public async Task Needs_no_right_to_create_once_everything_is_there()
    {
        await using var community = await Community.OnAsync("edited_least_privilege");
        community.Put(People);
        await community.SyncAsync(2, null, "users");
        await GrantAsync(community);
        community.Put(People[0] with { Age = 51 });
        await using var humble = Humble(community);
        await new Synchronizer(community.Contract, community.Source, humble, TimeProvider.System).RunAsync(new SyncOptions { Datasets = [community.Contract.Datasets[0]] }, CancellationToken.None);
        await community.HoldsAsync([People[0] with { Age = 51 }, .. People[1..]]);
    }

    [Fact]
    public async Task Refuses_a_text_column_of_another_collation()
    {
        await using var community = await Community.OnAsync("edited_collation");
        community.Put(People);
        await community.ExecuteAsync("CREATE SCHEMA community; CREATE TABLE community.users (user_id text COLLATE ucs_basic PRIMARY KEY)");
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => community.SyncAsync(2, null, "users"));
        Assert.Contains("community.users.user_id sorts by collation \"ucs_basic\"", failure.Message);
    }
}
