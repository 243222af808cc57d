using Etl.Contracts;
using Etl.Loading;
using Npgsql;

namespace Etl.Tests.Loading;

/// <summary>Empty tables are filled without their keys, which are made last; whatever comes between, the end is the same.</summary>
public sealed class A_first_load
{
    static readonly Plan Plan = new("1", "a", 1), Rare = new("2", "only of a refused one", 2);

    static Person With(int person, params int[] invoices) => new(person) { Subscription = new(person, Plan) { Invoices = [.. invoices.Select(i => new Invoice(i, 1))] } };

    static readonly Person[] People = [.. Enumerable.Range(1, 12).Select(i => With(i, i))];

    static async Task<Community> OnAsync(string test, params Person[] people)
    {
        var community = await Community.OnAsync($"first_{test}");
        community.Put(people);
        community.Source.Splits = true;
        return community;
    }

    static async Task HasItsKeysAsync(Community community) => Assert.Equal(
        ["invoices_by_document", "invoices_pkey", "plans_pkey", "subscriptions_by_document", "subscriptions_pkey", "users_pkey"],
        await community.ListAsync("SELECT indexname FROM pg_indexes WHERE schemaname = 'community' AND tablename IN ('users', 'subscriptions', 'plans', 'invoices') ORDER BY 1"));

    [Fact]
    public async Task That_is_interrupted_has_no_keys_and_gets_them_when_it_is_gone_on_with()
    {
        await using var community = await OnAsync("keys", People);
        community.Source.FailAfter = 7;
        await Assert.ThrowsAsync<UnavailableException>(() => community.SyncAsync(2, null, "users"));
        Assert.Equal(["plans_pkey"], await community.ListAsync("SELECT indexname FROM pg_indexes WHERE schemaname = 'community'"));
        community.Source.FailAfter = null;
        await community.BooksCloseAsync(await community.SyncAsync(2, null, "users"));
        await community.HoldsAsync(People);
        await HasItsKeysAsync(community);
        await community.NothingChangesAsync(2, "users");
    }

    [Fact]
    public async Task That_is_interrupted_gets_its_keys_under_another_contract_too()
    {
        await using var community = await OnAsync("recontracted", [.. People, With(13, 2), With(14, 14, 14)]);
        community.Workers = 1;
        community.Source.FailAfter = 13;
        await Assert.ThrowsAsync<UnavailableException>(() => community.SyncAsync(13, null, "users")); // nothing is committed yet
        community.Source.FailAfter = 13;
        await Assert.ThrowsAsync<UnavailableException>(() => community.SyncAsync(1, null, "users")); // two that dispute an invoice are
        community.Source.FailAfter = null;
        community.Contract = A_sync.Edited(text => text.Replace("      - name: lastname\n", "      - { name: nickname, logicalType: string }\n      - name: lastname\n"));
        await community.BooksCloseAsync(await community.SyncAsync(2, null, "users"));
        await community.HoldsAsync(People);
        await HasItsKeysAsync(community);
        Assert.Equal(2, (await community.QuarantineAsync()).Count);
    }

    [Fact]
    public async Task Gives_existing_empty_tables_the_keys_that_they_lack()
    {
        await using var community = await OnAsync("existing", People);
        var tables = community.Contract.Datasets[0].Tables.Where(t => !t.IsShared).ToArray();
        await community.ExecuteAsync(string.Join(";\n", tables.Select(TableSql.CreateKeyless).Prepend(TableSql.CreateSchema(tables[0]))));
        await community.BooksCloseAsync(await community.SyncAsync(2, null, "users"));
        await community.HoldsAsync(People);
        await HasItsKeysAsync(community);
    }

    [Fact]
    public async Task Into_tables_emptied_before_needs_no_right_to_create()
    {
        await using var community = await OnAsync("least_privilege", People);
        await community.SyncAsync(5, null, "users");
        foreach (var person in People)
            community.Source.Remove("users", person.Position);
        await community.SyncAsync(5, null, "users");
        await community.ExecuteAsync("""
            DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'loader') THEN CREATE ROLE loader LOGIN PASSWORD 'loader'; END IF; END $$;
            GRANT USAGE ON SCHEMA quality, community TO loader;
            GRANT ALL ON ALL TABLES IN SCHEMA quality, community TO loader;
            GRANT ALL ON ALL SEQUENCES IN SCHEMA quality TO loader
            """);
        community.Put(People);
        await using var humble = new Warehouse(new NpgsqlConnectionStringBuilder(community.Connection) { Username = "loader", Password = "loader" }.ConnectionString);
        await community.BooksCloseAsync(await community.SyncByAsync(humble, 5, null, "users"));
        await community.HoldsAsync(People);
    }

    /// <summary>4 and 11 dispute an invoice, 2 and 9 a subscription, 7 has one invoice twice: the later one of each, and 7, are refused.</summary>
    static Person[] Disputing() =>
    [
        .. People.Select(p => p.Id switch
        {
            7 => With(7, 7, 7),
            9 => new Person(9) { Subscription = new(2, Rare) { Invoices = [new(9, 1)] } },
            11 => With(11, 4, 11),
            _ => p,
        }),
    ];

    static readonly Person[] Undisputed = [.. People.Where(p => p.Id is not (7 or 9 or 11))];

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 1)]
    [InlineData(2, 100)]
    [InlineData(3, 2)]
    [InlineData(4, 1)]
    [InlineData(4, 5)]
    public async Task Leaves_a_disputed_key_with_the_first_however_many_work(int workers, int batch)
    {
        await using var community = await OnAsync($"disputed_{workers}", Disputing());
        community.Workers = workers;
        var result = await community.SyncAsync(batch, null, "users");
        await community.BooksCloseAsync(result);
        await community.HoldsAsync(Undisputed);
        await HasItsKeysAsync(community);
        Assert.Equal((12L, 9L, 0L, 3L), (result.Documents[0].Read, result.Documents[0].Loaded, result.Documents[0].Unchanged, result.Documents[0].Quarantined));
        Assert.All(result.Tables.Where(t => t.Table.Kind != TableKind.Shared), t => Assert.Equal((9L, 9L, 0L, 0L), (t.Produced, t.Inserted, t.Unchanged, t.Removed)));
        Assert.StartsWith("Dataset 'users' was read once more, in order, because documents claim each other's keys.", Assert.Single(result.Effort.Remarks));
        Assert.Equal([.. new[] { 7, 9, 11 }.Select(i => Person.Hex('a', i))], await community.ListAsync("SELECT document_key::jsonb->>'$oid' FROM quality.quarantine WHERE state = 'open' AND rule = 'keyConflict' AND NOT held_back ORDER BY 1"));
        Assert.Equal([Plan.Row], await community.RowsAsync("plans")); // a plan that only a refused document has is none
        await community.NothingChangesAsync(batch, "users");
    }

    public static TheoryData<string, string> Unusual => new()
    {
        // 4 comes late: whoever reads further on is faster.
        { "a trigger", $$"""
            CREATE OR REPLACE FUNCTION pass() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF TG_TABLE_NAME = ''users'' AND NEW.user_id = ''{{Person.Hex('a', 4)}}'' THEN PERFORM pg_sleep(1); END IF; RETURN coalesce(NEW, OLD); END';
            CREATE TRIGGER pass BEFORE INSERT OR UPDATE OR DELETE ON {0} FOR EACH ROW EXECUTE FUNCTION pass()
            """ },
        { "a rule", "CREATE RULE aside AS ON UPDATE TO {0} DO ALSO NOTHING" },
    };

    /// <summary>All goes the careful way there, which settles disputes as it meets them: so it must meet them in order.</summary>
    [Theory, MemberData(nameof(Unusual))]
    public async Task Leaves_it_with_the_first_also_where_a_table_has(string what, string sql)
    {
        foreach (bool keyed in (bool[])[false, true])
        {
            await using var community = await OnAsync("unusual", [.. People.Select(p => p.Id == 11 ? With(11, 4, 11) : p)]);
            community.Workers = 4;
            var tables = community.Contract.Datasets[0].Tables.Where(t => !t.IsShared).ToArray();
            await community.ExecuteAsync(string.Join(";\n", tables.SelectMany(t => keyed ? TableSql.Create(t) : [TableSql.CreateKeyless(t)]).Prepend(TableSql.CreateSchema(tables[0]))
                .Concat(tables.Select(t => string.Format(null, sql, t.Sql)))));
            await community.BooksCloseAsync(await community.SyncAsync(1, null, "users"));
            await community.HoldsAsync([.. People.Where(p => p.Id != 11)]);
            Assert.True((await community.QuarantineAsync()).Count == 1, $"{what}, keyed: {keyed}");
            await HasItsKeysAsync(community);
        }
    }

    /// <summary>A place in a partition says nothing about the others, and a key must hold what the partitions are told apart by.</summary>
    [Theory]
    [InlineData("HASH (user_id)", "FOR VALUES WITH (MODULUS 2, REMAINDER 0)", "FOR VALUES WITH (MODULUS 2, REMAINDER 1)", true)]
    [InlineData("RANGE (age)", "FOR VALUES FROM (0) TO (40)", "FOR VALUES FROM (40) TO (200)", false)]
    public async Task Fills_partitioned_tables_which_later_loads_change(string by, string low, string high, bool canHaveKey)
    {
        var people = People.Select(p => p with { Age = p.Id % 2 == 0 ? 30 : 50 }).ToArray();
        await using var community = await OnAsync("partitioned", people);
        var users = community.Contract.Datasets[0].RootTable;
        await community.ExecuteAsync($"""
            {TableSql.CreateSchema(users)};
            {TableSql.CreateKeyless(users)} PARTITION BY {by};
            CREATE TABLE community.low PARTITION OF community.users {low};
            CREATE TABLE community.high PARTITION OF community.users {high}
            """);
        await community.BooksCloseAsync(await community.SyncAsync(3, null, "users"));
        await community.HoldsAsync(people);
        community.Source.Remove("users", people[0].Position);
        community.Source.Remove("users", people[1].Position);
        people[4] = people[4] with { Country = "FR" };
        people[5] = people[5] with { Age = 77 }; // into the other partition, where they are ranges
        community.Put(people[4], people[5], new Person(20));
        var result = await community.SyncAsync(3, null, "users");
        await community.BooksCloseAsync(result);
        Assert.Equal((1L, 2L, 2L), result.Tables.Where(t => t.Table == users).Select(t => (t.Inserted, t.Updated, t.Removed)).Single());
        await community.HoldsAsync([.. people[2..], new Person(20)]);
        Assert.Equal(canHaveKey ? 3 : 0, await community.CountAsync("SELECT count(*) FROM pg_indexes WHERE schemaname = 'community' AND tablename IN ('users', 'low', 'high') AND indexdef LIKE '%(user_id)'"));
        await community.NothingChangesAsync(2, "users");
    }

    /// <summary>Nobody made the key, and rows stand there: it is made before anything is loaded.</summary>
    [Fact]
    public async Task Is_not_what_a_table_with_rows_and_without_a_key_gets()
    {
        await using var community = await OnAsync("keyless", People);
        var users = community.Contract.Datasets[0].RootTable;
        await community.ExecuteAsync($"{TableSql.CreateSchema(users)}; {TableSql.CreateKeyless(users)}; INSERT INTO community.users (user_id, age) VALUES ('{Person.Hex('a', 3)}', 1), ('zzz', 2)");
        var result = await community.SyncAsync(3, null, "users");
        await community.BooksCloseAsync(result);
        Assert.Equal((11L, 1L, 1L), result.Tables.Where(t => t.Table == users).Select(t => (t.Inserted, t.Updated, t.Removed)).Single());
        await community.HoldsAsync(People);
        await HasItsKeysAsync(community);
        await community.NothingChangesAsync(2, "users");
    }

    /// <summary>Users by another column, invoices by their places.</summary>
    static readonly Contract Shipped = ContractReader.Read(Community.Folder), OtherKeys = A_sync.Edited(text => text
        .Replace("customProperties: [{ property: column, value: user_id }]\n      - name: firstname", "customProperties: [{ property: column, value: id }]\n      - name: firstname")
        .Replace("primaryKey: true\n                  required: true\n                  customProperties: [{ property: column, value: invoice_id }]", "customProperties: [{ property: column, value: invoice_id }]"));

    /// <summary>The rows that are there were made for another key: they are taken out, and the dataset is loaded first again.</summary>
    [Theory]
    [InlineData(1, 3, false)]
    [InlineData(2, 1, false)]
    [InlineData(1, 3, true)]
    [InlineData(2, 1, true)]
    public async Task That_is_interrupted_begins_anew_under_a_contract_with_other_keys(int workers, int batch, bool back)
    {
        await using var community = await OnAsync("rekeyed", People);
        community.Workers = workers;
        community.Contract = back ? OtherKeys : Shipped;
        community.Source.FailAfter = 7;
        await Assert.ThrowsAsync<UnavailableException>(() => community.SyncAsync(batch, null, "users"));
        Assert.NotEqual(0, await community.CountAsync("SELECT count(*) FROM community.users"));
        community.Contract = back ? Shipped : OtherKeys;
        community.Source.FailAfter = 4; // and is interrupted once more
        await Assert.ThrowsAsync<UnavailableException>(() => community.SyncAsync(1, null, "users"));
        community.Source.FailAfter = null;
        await community.BooksCloseAsync(await community.SyncAsync(batch, null, "users"));
        var judged = await community.ReconcileAsync("users");
        Assert.True(judged.Verdict == Verdict.Reconciled, judged.Reason);
        Assert.Equal((12L, 12L), (judged.Tables.Single(t => t.Table.Name == "users").Matched, judged.Tables.Single(t => t.Table.Name == "invoices").Matched));
        Assert.Equal(back ? ["(invoice_id)", "(user_id)"] : ["(id)", "(id, subscription_id, ordinal)"],
            await community.ListAsync("SELECT substring(indexdef from '\\(.*') COLLATE \"C\" FROM pg_indexes WHERE schemaname = 'community' AND indexname IN ('users_pkey', 'invoices_pkey') ORDER BY 1"));
        await community.NothingChangesAsync(batch, "users");
    }
}
