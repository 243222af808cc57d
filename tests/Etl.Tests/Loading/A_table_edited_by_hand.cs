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

    [Fact]
    public async Task Needs_no_right_to_create_once_everything_is_there()
    {
        await using var community = await Community.OnAsync("edited_least_privilege");
        community.Put(People);
        await community.SyncAsync(2, null, "users");
        await community.ExecuteAsync("""
            DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'worker') THEN CREATE ROLE worker LOGIN PASSWORD 'worker'; END IF; END $$;
            GRANT USAGE ON SCHEMA quality, community TO worker;
            GRANT ALL ON ALL TABLES IN SCHEMA quality, community TO worker;
            GRANT ALL ON ALL SEQUENCES IN SCHEMA quality TO worker
            """);
        community.Put(People[0] with { Age = 51 });
        await using var humble = new Warehouse(new NpgsqlConnectionStringBuilder(community.Connection) { Username = "worker", Password = "worker" }.ConnectionString);
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
