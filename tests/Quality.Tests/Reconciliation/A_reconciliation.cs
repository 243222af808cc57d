using System.Text.Json;
using Etl.Loading;
using Quality.Reconciliation;

namespace Quality.Tests.Reconciliation;

public sealed class A_reconciliation : IAsyncLifetime
{
    SyncedCommunity community = null!;

    public async ValueTask InitializeAsync() => community = await SyncedCommunity.StartAsync("reconciliation");

    public ValueTask DisposeAsync() => community.DisposeAsync();

    [Fact]
    public async Task Of_equal_sides_is_reconciled_and_counts_every_row()
    {
        var result = await community.ReconcileAsync();

        Assert.Equal(Verdict.Reconciled, result.Verdict);
        Assert.Equal(1, result.Coverage);
        Assert.Contains("emulator", result.Source);
        Assert.Equal(["users", "subscriptions", "plans", "invoices", "groups", "messages"], result.Tables.Select(t => t.Table.Name));
        var made = community.Generated;
        Assert.Equal([made.Users, made.Users, made.Invoices, made.Groups, made.Messages],
            ((string[])["users", "subscriptions", "invoices", "groups", "messages"]).Select(t => result.Of(t).Source));
        foreach (var table in result.Tables)
        {
            Assert.Equal(await community.ScalarAsync<long>($"SELECT count(*) FROM {table.Table.Sql}"), table.Warehouse);
            Assert.Equal((table.Warehouse, table.Warehouse, 0, Verdict.Reconciled, 1.0), (table.Source, table.Matched, table.DifferenceCount, table.Verdict, table.Coverage));
            Assert.Equal((table.SourceHash, 0, 0, 0), (table.WarehouseHash, table.Quarantined, table.HeldBack, table.Unreferenced));
            Assert.NotEqual(default, table.SourceHash);
            foreach (var column in table.Table.Columns)
                Assert.Equal(await community.ScalarAsync<long>($"SELECT count(*) FROM {table.Table.Sql} WHERE \"{column.Name}\" IS NULL"), table.Nulls![column.Name]);
        }
        Assert.Contains(result.Tables, t => t.Nulls!.Values.Any(n => n > 0 && n < t.Warehouse));
        Assert.Equal(6L, await community.ScalarAsync<long>($"SELECT count(*) FROM quality.reconciliations WHERE run_id = {result.Run} AND nulls IS NOT NULL"));
        Assert.Equal("reconciled", await community.ScalarAsync<string>($"SELECT verdict FROM quality.runs WHERE id = {result.Run}"));
        Assert.Equal(6L, await community.ScalarAsync<long>($"SELECT count(*) FROM quality.reconciliations WHERE run_id = {result.Run} AND verdict = 'reconciled' AND source = matched"));
    }

    sealed class Told : IProgress<ReconcileProgress>
    {
        public List<ReconcileProgress> Stages { get; } = [];

        public void Report(ReconcileProgress value) => Stages.Add(value);
    }

    [Fact]
    public async Task Tells_how_far_it_is_on_either_side()
    {
        await community.ExecuteAsync("DELETE FROM community.groups WHERE group_id = (SELECT min(group_id) FROM community.groups)");
        var told = new Told();
        var result = await community.ReconcileAsync(progress: told);
        var made = community.Generated;
        (string, string, long, long?) End(string stage) => told.Stages.Last(s => s.Stage == stage) is var s ? (s.Stage, s.Unit, s.Count, s.Expected) : default;
        Assert.Equal(("users", "documents", made.Users, made.Users), End("users"));
        Assert.All(result.Tables, t => Assert.Equal((t.Table.QualifiedName, "rows", t.Warehouse, t.Source), End(t.Table.QualifiedName)));
        Assert.Equal(("groups again, for groups", "documents", made.Groups, made.Groups), End("groups again, for groups"));
        Assert.Equal(("community.groups again", "rows", made.Groups - 1, made.Groups - 1), End("community.groups again"));
        Assert.Equal(3 + result.Tables.Count + 2, told.Stages.Select(s => s.Stage).Distinct().Count());
    }

    [Fact]
    public async Task Finds_exactly_the_rows_deleted_updated_and_inserted_by_hand()
    {
        var planted = await new Planter(community).PlantAsync(community.Table("users"), 3, 5, 7);

        var result = await community.ReconcileAsync();

        Assert.Equal(Verdict.Mismatched, result.Verdict);
        Findings.AssertExactly(planted, result.Of("users"));
        Assert.Contains("3 rows missing, 5 changed, 7 unexpected, in community.users.", result.Reason);
        Assert.All(result.Tables.Where(t => t.Table.Name != "users"), t => Assert.Equal(Verdict.Reconciled, t.Verdict));
        Assert.Equal(15L, await community.ScalarAsync<long>($"SELECT count(*) FROM quality.differences d JOIN quality.reconciliations r ON r.id = d.reconciliation_id WHERE r.run_id = {result.Run}"));
    }

    [Theory]
    [InlineData("subscriptions")]
    [InlineData("invoices")]
    [InlineData("groups")]
    [InlineData("messages")]
    public async Task Finds_them_in_every_table(string table)
    {
        var planted = await new Planter(community).PlantAsync(community.Table(table), 1, 1, 1);

        var result = await community.ReconcileAsync();

        Assert.Equal(Verdict.Mismatched, result.Verdict);
        Findings.AssertExactly(planted, result.Of(table));
        Assert.All(result.Tables.Where(t => t.Table.Name != table), t => Assert.Equal(0, t.DifferenceCount));
    }

    [Fact]
    public async Task Finds_a_change_in_any_column_of_any_table()
    {
        var expected = new Dictionary<string, Planter.Planted>();
        foreach (var table in community.Contract.Tables)
            foreach (var (_, number) in table.Columns.Where(c => !c.IsKey).Select((c, i) => (c, i)).Take(table.IsShared ? 1 : 9))
            {
                var planted = await new Planter(community).PlantAsync(table, 0, 1, 0, column: number, skip: number);
                expected[table.Name] = expected.TryGetValue(table.Name, out var sofar) ? sofar with { Changed = [.. sofar.Changed, .. planted.Changed.Except(sofar.Changed)] } : planted;
            }

        var result = await community.ReconcileAsync();

        Assert.All(result.Tables, t => Findings.AssertExactly(expected[t.Table.Name], t));
    }

    [Fact]
    public async Task Shows_both_sides_of_a_changed_row_cell_by_cell()
    {
        string user = await community.ScalarAsync<string>("UPDATE community.users SET age = 999, country = NULL WHERE user_id = (SELECT min(user_id) FROM community.users WHERE age < 131 AND country > '') RETURNING user_id");
        var (age, country) = (await SourceOf(user, "age"), await SourceOf(user, "country"));

        var difference = Assert.Single((await community.ReconcileAsync()).Of("users").Differences);

        Assert.Equal((DifferenceKind.Changed, $"user_id={user}", $$"""{"user_id":"{{user}}"}"""), (difference.Kind, difference.Key, difference.KeyJson));
        Assert.Equal(new Cell("age", "integer", age, "999", false), difference.Cell("age"));
        Assert.Equal(new Cell("country", "text", country, null, false), difference.Cell("country"));
        Assert.Equal(new Cell("user_id", "text", user, user, true), difference.Cell("user_id"));
        Assert.Equal(community.Table("users").Columns.Select(c => c.Name), difference.Cells.Select(c => c.Column));
        Assert.All(difference.Cells.Where(c => c.Column is not ("age" or "country")), c => Assert.True(c.Equal && c.Source == c.Warehouse));

        // What the source says comes from the document, not from a copy in the warehouse.
        Task<string> SourceOf(string id, string field) => community.ScalarAsync<string>($"SELECT '{Field(id, field)}'");
    }

    string Field(string user, string field)
    {
        var scan = community.Source.Pick(community.Contract.Datasets.Single(d => d.Name == "users"), [Etl.Documents.Bson.Make(w => w.WriteObjectId("_id", Convert.FromHexString(user)))]);
        var batch = new Etl.Sources.DocumentBatch();
        Assert.True(scan.ReadAsync(batch, CancellationToken.None).GetAwaiter().GetResult());
        using var json = JsonDocument.Parse(Etl.Documents.ExtendedJson.ToString(batch[0], relaxed: true));
        return json.RootElement.GetProperty(field).ToString();
    }

    [Fact]
    public async Task Masks_personal_values_in_what_it_returns_and_in_the_journal()
    {
        const string canary = "CANARY-7f3a";
        await community.InsertAsync("users", SyncedCommunity.User(1, firstName: canary));
        foreach (var (table, column) in ((string, string)[])[("users", "first_name"), ("users", "last_name"), ("users", "post_code"), ("groups", "health_coach"), ("messages", "body")])
            Assert.Equal(1, await community.ExecuteAsync($"UPDATE community.{table} SET {column} = '{canary}' WHERE ctid = (SELECT min(ctid) FROM community.{table} WHERE {column} IS DISTINCT FROM '{canary}')"));
        await community.ExecuteAsync($"INSERT INTO community.users (user_id, first_name, signed_up_at, _hash, _version, _run_id, _loaded_at) SELECT 'extra', '{canary}', now(), _hash, _version, _run_id, now() FROM community.users LIMIT 1");

        var result = await community.ReconcileAsync();

        var personal = result.Tables.SelectMany(t => t.Differences).SelectMany(d => d.Cells).Where(c => c.Column is "first_name" or "last_name" or "post_code" or "health_coach" or "body").ToArray();
        Assert.Contains(personal, c => !c.Equal && c.Warehouse == SyncedCommunity.Masked);
        Assert.All(personal, c => Assert.True(c.Source is null or SyncedCommunity.Masked && c.Warehouse is null or SyncedCommunity.Masked));
        Assert.Equal((1L, 1L), (result.Of("users").Missing, result.Of("users").Unexpected));
        Assert.DoesNotContain(canary, JsonSerializer.Serialize(result.Tables.SelectMany(t => t.Differences).Select(d => new { d.Key, d.KeyJson, d.Cells })));
        foreach (string table in await community.ListAsync<string>("SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'quality'"))
            Assert.Equal(0L, await community.ScalarAsync<long>($"SELECT count(*) FROM quality.\"{table}\" t WHERE t::text LIKE '%{canary}%'"));
    }

    [Fact]
    public async Task Is_not_fooled_by_two_rows_that_swap_a_value()
    {
        int touched = await community.ExecuteAsync("""
            WITH two AS (SELECT a.user_id AS one, b.user_id AS other, a.age AS one_age, b.age AS other_age FROM community.users a JOIN community.users b ON a.age < b.age LIMIT 1)
            UPDATE community.users u SET age = CASE u.user_id WHEN one THEN other_age ELSE one_age END FROM two WHERE u.user_id IN (one, other)
            """);
        Assert.Equal(2, touched);
        Assert.Equal((0L, 2L, 0L), (await community.ReconcileAsync()).Of("users").Counts());
    }

    [Fact]
    public async Task Is_not_fooled_by_two_rows_that_swap_their_keys()
    {
        await community.ExecuteAsync("""
            ALTER TABLE community.groups DROP CONSTRAINT groups_pkey;
            WITH two AS (SELECT min(group_id) AS one, max(group_id) AS other FROM community.groups)
            UPDATE community.groups g SET group_id = CASE g.group_id WHEN one THEN other ELSE one END FROM two WHERE g.group_id IN (one, other)
            """);
        Assert.Equal((0L, 2L, 0L), (await community.ReconcileAsync()).Of("groups").Counts());
    }

    [Fact]
    public async Task Tells_a_row_that_stands_twice()
    {
        await community.ExecuteAsync("ALTER TABLE community.groups DROP CONSTRAINT groups_pkey; INSERT INTO community.groups SELECT * FROM community.groups ORDER BY group_id LIMIT 1");
        Assert.Equal((0L, 0L, 1L), (await community.ReconcileAsync()).Of("groups").Counts());
    }

    [Theory]
    [InlineData("country = NULL", "country IS NOT NULL")]
    [InlineData("country = ''", "country IS NULL")]
    [InlineData("country = NULL", "country = ''")]
    [InlineData("group_id = NULL", "group_id IS NOT NULL")]
    public async Task Tells_null_from_a_value(string assignment, string where)
    {
        // The generator leaves country out, null or empty now and then.
        int touched = await community.ExecuteAsync($"UPDATE community.users SET {assignment} WHERE user_id = (SELECT min(user_id) FROM community.users WHERE {where})");
        Assert.True(touched == 1, $"the seed made no user with {where}");
        Assert.Equal((0L, 1L, 0L), (await community.ReconcileAsync()).Of("users").Counts());
    }

    [Fact]
    public async Task Tells_zero_from_null()
    {
        await community.InsertAsync("users", SyncedCommunity.User(1, age: null));
        await community.SyncAsync();
        Assert.Equal(Verdict.Reconciled, (await community.ReconcileAsync()).Verdict);
        Assert.Equal(1, await community.ExecuteAsync($"UPDATE community.users SET age = 0 WHERE user_id = '{SyncedCommunity.UserId(1)}'"));
        var difference = Assert.Single((await community.ReconcileAsync()).Of("users").Differences);
        Assert.Equal(new Cell("age", "integer", null, "0", false), difference.Cell("age"));
    }

    [Fact]
    public async Task Takes_numbers_for_equal_whatever_their_trailing_zeros()
    {
        Assert.True(await community.ExecuteAsync("UPDATE community.invoices SET amount = amount + 0.0000000") > 0);
        Assert.True(await community.ExecuteAsync("UPDATE community.plans SET cost = cost + 0.000") > 0);
        Assert.Equal(Verdict.Reconciled, (await community.ReconcileAsync()).Verdict);
        Assert.Equal(1, await community.ExecuteAsync("UPDATE community.invoices SET amount = amount + 0.0000001 WHERE ctid = (SELECT min(ctid) FROM community.invoices)"));
        Assert.Equal((0L, 1L, 0L), (await community.ReconcileAsync()).Of("invoices").Counts());
    }

    [Fact]
    public async Task Finds_a_parent_key_edited_by_hand()
    {
        Assert.Equal(1, await community.ExecuteAsync("UPDATE community.subscriptions SET user_id = 'nobody' WHERE ctid = (SELECT min(ctid) FROM community.subscriptions)"));
        var difference = Assert.Single((await community.ReconcileAsync()).Of("subscriptions").Differences);
        Assert.Equal((DifferenceKind.Changed, "nobody"), (difference.Kind, difference.Cell("user_id").Warehouse));
    }

    [Fact]
    public async Task Finds_a_key_edited_by_hand_as_one_missing_and_one_unexpected()
    {
        Assert.Equal(1, await community.ExecuteAsync("UPDATE community.messages SET ordinal = ordinal + 1000 WHERE ctid = (SELECT min(ctid) FROM community.messages)"));
        Assert.Equal((1L, 0L, 1L), (await community.ReconcileAsync()).Of("messages").Counts());
    }

    [Fact]
    public async Task Counts_a_plan_that_nothing_refers_to_apart()
    {
        var planted = await new Planter(community).PlantAsync(community.Table("plans"), 0, 0, 2);
        var result = await community.ReconcileAsync();
        Assert.Equal(Verdict.Reconciled, result.Verdict);
        Assert.Equal((2L, 0L), (result.Of("plans").Unreferenced, result.Of("plans").Unexpected));
        Assert.Equal(2, planted.Unexpected.Length);
    }

    [Fact]
    public async Task Finds_a_plan_that_the_source_does_not_know_where_a_subscription_refers_to_it()
    {
        await new Planter(community).PlantAsync(community.Table("plans"), 0, 0, 1);
        await community.ExecuteAsync("UPDATE community.subscriptions SET plan_id = 'planted-0' WHERE ctid = (SELECT min(ctid) FROM community.subscriptions)");
        var result = await community.ReconcileAsync();
        Assert.Equal(((0L, 0L, 1L), 0L), (result.Of("plans").Counts(), result.Of("plans").Unreferenced));
        Assert.Equal((0L, 1L, 0L), result.Of("subscriptions").Counts());
    }

    [Theory]
    [InlineData("DELETE FROM community.plans WHERE plan_id = '1234'", 1, 0)]
    [InlineData("UPDATE community.plans SET description = 'x' WHERE plan_id = '1235'", 0, 1)]
    public async Task Finds_a_plan_that_was_edited(string edit, long missing, long changed)
    {
        Assert.Equal(1, await community.ExecuteAsync(edit));
        var result = await community.ReconcileAsync();
        Assert.Equal((missing, changed, 0L), result.Of("plans").Counts());
        Assert.Equal(missing + changed, result.Tables.Sum(t => t.DifferenceCount));
    }

    [Fact]
    public async Task Finds_all_rows_missing_where_a_table_was_emptied()
    {
        await community.ExecuteAsync("TRUNCATE community.invoices");
        var invoices = (await community.ReconcileAsync()).Of("invoices");
        Assert.Equal((community.Generated.Invoices, 0L, 0L), invoices.Counts());
        Assert.Equal((0L, 0L, Verdict.Mismatched), (invoices.Warehouse, invoices.Matched, invoices.Verdict));
    }

    [Fact]
    public async Task Does_not_believe_the_loaders_hash()
    {
        await community.ExecuteAsync("UPDATE community.users SET _hash = gen_random_uuid(), _version = gen_random_uuid()");
        Assert.Equal(Verdict.Reconciled, (await community.ReconcileAsync()).Verdict);

        await community.ExecuteAsync("UPDATE community.users u SET first_name = o.first_name, _hash = o._hash, age = 1 FROM community.users o WHERE u.user_id = (SELECT min(user_id) FROM community.users) AND o.user_id = (SELECT max(user_id) FROM community.users)");
        Assert.Equal((0L, 1L, 0L), (await community.ReconcileAsync()).Of("users").Counts());
    }

    [Fact]
    public async Task Finds_what_changed_in_the_source_since_the_sync()
    {
        var users = await community.ListAsync<string>("SELECT user_id FROM community.users ORDER BY 1");
        await community.SetAsync("users", users[0], w => w.Write("age", 111));
        await community.DeleteAsync("users", users[1]);
        await community.InsertAsync("users", SyncedCommunity.User(7));

        var result = await community.ReconcileAsync();

        Assert.Equal((1L, 1L, 1L), result.Of("users").Counts());
        Assert.Equal([$"user_id={users[0]}"], result.Of("users").Keys(DifferenceKind.Changed));
        Assert.Equal([$"user_id={users[1]}"], result.Of("users").Keys(DifferenceKind.Unexpected));
        Assert.Equal([$"user_id={SyncedCommunity.UserId(7)}"], result.Of("users").Keys(DifferenceKind.Missing));
        Assert.Equal((1L, 0L, 1L), result.Of("subscriptions").Counts());
    }

    [Fact]
    public async Task By_counts_alone_is_never_better_than_unknown()
    {
        var equal = await community.ReconcileAsync(Level.Counts);
        Assert.Equal((Verdict.Unknown, 0.0), (equal.Verdict, equal.Coverage));

        await community.ExecuteAsync("UPDATE community.users SET age = 1");
        Assert.Equal(Verdict.Unknown, (await community.ReconcileAsync(Level.Counts)).Verdict);

        await community.ExecuteAsync("DELETE FROM community.messages WHERE ctid = (SELECT min(ctid) FROM community.messages)");
        var result = await community.ReconcileAsync(Level.Counts);
        Assert.Equal((Verdict.Mismatched, 1L), (result.Verdict, result.Of("messages").Missing));
    }

    [Fact]
    public async Task Reports_a_doubled_row_as_unexpected_and_a_repair_leaves_the_rightful_one()
    {
        await community.ExecuteAsync("ALTER TABLE community.groups DROP CONSTRAINT groups_pkey; INSERT INTO community.groups SELECT * FROM community.groups LIMIT 1");
        Assert.Equal((0L, 0L, 1L), (await community.ReconcileAsync()).Of("groups").Counts());
        var repair = await community.RepairAsync(deleteUnexpected: true);
        Assert.Equal((Verdict.Reconciled, (0L, 0L, 0L)), (repair.After.Verdict, repair.After.Of("groups").Counts()));
    }

    [Fact]
    public async Task Reports_a_row_without_a_key_as_unexpected_and_a_repair_removes_it()
    {
        await community.ExecuteAsync("ALTER TABLE community.messages DROP CONSTRAINT messages_pkey; ALTER TABLE community.messages ALTER thread_id DROP NOT NULL, ALTER ordinal DROP NOT NULL");
        Assert.Equal(1, await community.ExecuteAsync("INSERT INTO community.messages (body) VALUES ('x')"));
        Assert.Equal((0L, 0L, 1L), (await community.ReconcileAsync()).Of("messages").Counts());
        Assert.Equal(Verdict.Reconciled, (await community.RepairAsync(deleteUnexpected: true)).After.Verdict);
    }
}
