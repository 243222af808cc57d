using Etl.Contracts;
using Etl.Loading;
using Etl.Marts;
using Etl.Tests.Loading;
using Npgsql;
using Quality.Reconciliation;

namespace Etl.Tests.Marts;

/// <summary>Tables and views made after a sync: all of them are new at once, and nobody has to wait.</summary>
public sealed class A_build_of_marts
{
    const string Countries = """
        -- table: community.countries
        -- description: Users by country.
        -- key: country
        -- column users: How many.
        -- check all are counted: SELECT (SELECT count(*) FROM community.users) - (SELECT coalesce(sum(users), 0) FROM community.countries)
        SELECT coalesce(country, '') AS country, count(*) AS users, avg(age) AS age, max(age)::varchar(9) AS oldest, NULL::json AS more
        FROM community.users GROUP BY 1
        """;

    const string Total = "-- table: community.total\n-- key: one\nSELECT 1 AS one, sum(users) AS users FROM community.countries\n";

    static readonly Person[] People = [new(1) { Age = 20 }, new(2) { Age = 31, Country = "FR" }, new(3) { Age = 32, Country = "FR" }, new(4) { Country = null }];

    /// <summary>The community after its first sync, with these marts in place of the shipped ones.</summary>
    static async Task<Community> OnAsync(string test, params string[] marts)
    {
        var community = await Community.OnAsync($"marts_{test}");
        community.Contract = With(marts);
        community.Put(People);
        await community.BooksCloseAsync(await SyncAsync(community));
        return community;
    }

    static Contract With(params string[] marts) => MartFiles.Beside(File.ReadAllText(Path.Combine(Community.Folder, ContractReader.FileName)), marts);

    static Task<SyncResult> SyncAsync(Community community) => community.SyncAsync(2, null, "users");

    static Task<List<string>> CountriesAsync(Community community) => community.ListAsync("SELECT concat_ws(' ', country, users, oldest) FROM community.countries ORDER BY country");

    /// <summary>Where each row is stored, and who wrote it: another transaction, another line.</summary>
    static Task<List<string>> StoredAsync(Community community) =>
        community.ListAsync("SELECT concat_ws(' ', country, xmin, ctid) FROM community.countries UNION ALL SELECT concat_ws(' ', one, xmin, ctid) FROM community.total UNION ALL SELECT concat_ws(' ', relname, relfilenode, xmin) FROM pg_class WHERE relname IN ('countries', 'total', 'french') ORDER BY 1");

    const string French = "-- view: community.french\nSELECT user_id, age FROM community.users WHERE country = 'FR'";

    [Fact]
    public async Task Makes_tables_with_the_types_and_keys_that_their_files_say()
    {
        await using var community = await OnAsync("first", Total, Countries, French);
        Assert.Equal([" 1 36", "FR 2 32", "GB 1 20"], await CountriesAsync(community));
        Assert.Equal(["1 4"], await community.ListAsync("SELECT concat_ws(' ', one, users) FROM community.total"));
        Assert.Equal(["31", "32"], await community.ListAsync("SELECT age::text FROM community.french ORDER BY 1"));
        Assert.Equal(["country text C true", "users bigint - false", "age numeric - false", "oldest character varying(9) - false", "more json - false"], await community.ListAsync("""
            SELECT concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), coalesce(nullif(l.collname, 'default'), '-'), a.attnotnull::text) FROM pg_attribute a LEFT JOIN pg_collation l ON l.oid = a.attcollation
            WHERE a.attrelid = 'community.countries'::regclass AND a.attnum > 0 ORDER BY a.attnum
            """));
        Assert.Equal(["CREATE UNIQUE INDEX countries_pkey ON community.countries USING btree (country)"], await community.ListAsync("SELECT indexdef FROM pg_indexes WHERE tablename = 'countries'"));
        Assert.Equal(["community.countries 3 3 0", "community.french 2 0 0", "community.total 1 1 0"], await community.ListAsync("SELECT concat_ws(' ', mart, rows, inserted, removed) FROM quality.mart_builds ORDER BY 1"));
        Assert.Equal(["community.countries table marts/b.sql Users by country. How many. true"], await community.ListAsync("SELECT concat_ws(' ', mart, kind, file, description, columns->1->>'description', columns->0->>'key') FROM quality.marts WHERE mart = 'community.countries'"));
        Assert.Equal(["mart all are counted true 0", "martKey key true 0", "martKey key true 0"], await community.ListAsync("SELECT concat_ws(' ', rule, name, holds::text, measured) FROM quality.checks WHERE rule LIKE 'mart%' ORDER BY 1"));
    }

    [Fact]
    public async Task Writes_nothing_where_nothing_has_changed()
    {
        await using var community = await OnAsync("again", Countries, Total, French);
        var before = await StoredAsync(community);
        Assert.Equal(7, before.Count);
        var result = await SyncAsync(community);
        await community.BooksCloseAsync(result);
        Assert.Equal(before, await StoredAsync(community));
        Assert.Equal([(true, 3L, 0L, 0L), (true, 1L, 0L, 0L), (true, 2L, 0L, 0L)], result.Marts.Select(m => (m.Built, m.Rows!.Value, m.Inserted, m.Removed)));
    }

    [Fact]
    public async Task Writes_only_the_rows_that_differ_and_mends_those_that_were_edited()
    {
        await using var community = await OnAsync("differ", Countries, Total);
        var before = await StoredAsync(community);
        community.Put(new Person(5) { Age = 50, Country = "DE" }, People[0] with { Age = 21 });
        var result = await SyncAsync(community);
        Assert.Equal([" 1 36", "DE 1 50", "FR 2 32", "GB 1 21"], await CountriesAsync(community));
        Assert.Equal((4L, 2L, 1L), (result.Marts[0].Rows!.Value, result.Marts[0].Inserted, result.Marts[0].Removed));
        Assert.Equal(before.Where(r => r.StartsWith("FR ", StringComparison.Ordinal) || r.StartsWith(' ')), (await StoredAsync(community)).Where(r => r.StartsWith("FR ", StringComparison.Ordinal) || r.StartsWith(' ')));

        await community.ExecuteAsync("UPDATE community.countries SET users = 9 WHERE country = 'FR'; DELETE FROM community.countries WHERE country = 'DE'; INSERT INTO community.countries VALUES ('XX', 1); UPDATE community.countries SET age = 36 WHERE country = ''");
        result = await SyncAsync(community);
        Assert.Equal([" 1 36", "DE 1 50", "FR 2 32", "GB 1 21"], await CountriesAsync(community));
        Assert.Equal(["36.0000000000000000"], await community.ListAsync("SELECT age::text FROM community.countries WHERE country = ''"));
        Assert.Equal((3L, 3L), (result.Marts[0].Inserted, result.Marts[0].Removed));
    }

    /// <summary>One of the marts waits for a lock of the test: in the meantime everything else of the build is done, but not committed.</summary>
    [Fact]
    public async Task Lets_readers_read_what_was_there_until_it_commits()
    {
        await using var community = await OnAsync("readers", Countries, Total, "-- table: community.z\n-- key: one\nSELECT 1 AS one, pg_advisory_xact_lock(77)::text AS waits FROM community.total");
        await using var reader = new NpgsqlConnection(community.Connection);
        await reader.OpenAsync();
        await using var snapshot = await reader.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
        Assert.Equal(3, await reader.ScalarAsync<long>("SELECT count(*) FROM community.countries", CancellationToken.None));
        await using var holder = new NpgsqlConnection(community.Connection);
        await holder.OpenAsync();
        await holder.RunAsync("SELECT pg_advisory_lock(77)", CancellationToken.None);

        community.Put(new Person(5) { Age = 50, Country = "DE" });
        var sync = SyncAsync(community);
        while (await community.CountAsync("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 77 AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())") == 0)
        {
            Assert.False(sync.IsCompleted, "the build did not wait");
            await Task.Delay(20);
        }
        // The new rows are written by now, and the old ones removed.
        await using (var other = new NpgsqlConnection(community.Connection))
        {
            await other.OpenAsync();
            Assert.Equal(3, await other.ScalarAsync<long>("SET statement_timeout = '5s'; SELECT count(*) FROM community.countries", CancellationToken.None));
        }
        await holder.RunAsync("SELECT pg_advisory_unlock(77)", CancellationToken.None);
        // The reader's transaction is still open, and does not keep the build waiting.
        await community.BooksCloseAsync(await sync.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal(3, await reader.ScalarAsync<long>("SELECT count(*) FROM community.countries", CancellationToken.None));
        await snapshot.CommitAsync();
        Assert.Equal(4, await reader.ScalarAsync<long>("SELECT count(*) FROM community.countries", CancellationToken.None));
    }

    [Fact]
    public async Task Makes_a_table_anew_where_its_columns_changed_and_keeps_what_others_were_allowed()
    {
        await using var community = await OnAsync("columns", Countries, "-- view: community.big\nSELECT country FROM community.countries WHERE users > 1");
        await community.ExecuteAsync("DO $$ BEGIN CREATE ROLE marts_reader; EXCEPTION WHEN duplicate_object THEN NULL; END $$; GRANT SELECT ON community.countries, community.big TO marts_reader; GRANT INSERT ON community.countries TO marts_reader WITH GRANT OPTION; CREATE VIEW community.of_others AS SELECT users FROM community.countries");
        community.Contract = With(Countries.Replace("NULL::json AS more", "min(age) AS youngest"), "-- view: community.big\nSELECT users, country FROM community.countries WHERE users > 1");

        var result = await SyncAsync(community);
        Assert.Equal((Verdict.Unknown, "Mart community.countries (marts/a.sql) could not be built: its columns or its key have changed, so it must be made anew, but community.of_others reads it. Drop that view, sync, and make it again. All marts keep the content that they had."), (result.Verdict, result.Reason));
        Assert.Equal([" 1 36", "FR 2 32", "GB 1 20"], await CountriesAsync(community));

        await community.ExecuteAsync("DROP VIEW community.of_others");
        await community.BooksCloseAsync(await SyncAsync(community));
        Assert.Equal(["FR 31"], await community.ListAsync("SELECT concat_ws(' ', country, youngest) FROM community.countries WHERE users > 1"));
        Assert.Equal(["2 FR"], await community.ListAsync("SELECT concat_ws(' ', users, country) FROM community.big"));
        Assert.Equal(["big SELECT false", "countries INSERT true", "countries SELECT false"], await community.ListAsync("SELECT concat_ws(' ', relname, privilege_type, is_grantable::text) FROM pg_class, aclexplode(relacl) WHERE relname IN ('big', 'countries') AND grantee = 'marts_reader'::regrole ORDER BY 1"));
        var before = await community.ListAsync("SELECT xmin::text FROM community.countries");
        await community.BooksCloseAsync(await SyncAsync(community));
        Assert.Equal(before, await community.ListAsync("SELECT xmin::text FROM community.countries"));

        // A view becomes a table, and gets columns at its end.
        community.Contract = With(Countries, "-- view: community.big\nSELECT users, country, 1 AS one FROM community.countries", "-- view: community.late\nSELECT 1 AS one");
        await community.BooksCloseAsync(await SyncAsync(community));
        community.Contract = With(Countries, "-- table: community.big\n-- key: country\nSELECT users, country FROM community.countries", "-- view: community.late\nSELECT 1 AS one, 2 AS two");
        await community.BooksCloseAsync(await SyncAsync(community));
        Assert.Equal(["r"], await community.ListAsync("SELECT relkind::text FROM pg_class WHERE oid = 'community.big'::regclass"));
        Assert.Equal(["2"], await community.ListAsync("SELECT two::text FROM community.late"));
    }

    [Theory]
    [InlineData("age", "SELECT age FROM community.users WHERE age < 40", "2 rows share one or have none, for instance (33), 2 rows.")]
    [InlineData("country, age", "SELECT country, min(age) AS age FROM community.users GROUP BY 1", "1 rows share one or have none, for instance (NULL, 36), 1 rows.")]
    [InlineData("who", "SELECT first_name AS who FROM community.users", "5 rows share one or have none, for instance (***), 5 rows.")]
    public async Task With_a_broken_key_changes_no_mart(string key, string select, string why)
    {
        const string good = "-- table: community.keyed\n-- key: one\nSELECT 1 AS one";
        await using var community = await OnAsync("keys", Countries, good);
        community.Contract = With(Countries, $"-- table: community.keyed\n-- key: {key}\n{select}");
        community.Put(People[1] with { Age = 33 }, People[2] with { Age = 33 }, new Person(5) { Country = "DE", Age = 44 });
        var result = await SyncAsync(community);
        Assert.Equal((Verdict.Mismatched, $"The key ({key}) of mart community.keyed (marts/b.sql) does not hold: {why} All marts keep the content that they had."), (result.Verdict, result.Reason));
        Assert.Equal([" 1 36", "FR 2 32", "GB 1 20"], await CountriesAsync(community));
        Assert.Equal(5, await community.CountAsync("SELECT count(*) FROM community.users"));
        Assert.Equal([(false, 3L), (false, 1L)], result.Marts.Select(m => (m.Built, m.Rows!.Value)));
        Assert.Equal(1, await community.CountAsync($"SELECT count(*) FROM quality.checks WHERE run_id = {result.Run} AND rule = 'martKey' AND NOT holds AND NOT warns AND failing > 0"));
        Assert.Equal(0, await community.CountAsync("SELECT count(*) FROM quality.checks WHERE sample::text LIKE '%Ada%'"));

        community.Contract = With(Countries, good);
        await community.BooksCloseAsync(await SyncAsync(community));
        Assert.Equal(4, (await CountriesAsync(community)).Count);
    }

    [Theory]
    [InlineData("SELECT 1 AS one,\n  '😀' || nothing AS x FROM community.users", "marts/b.sql:4:11: column \"nothing\" does not exist (42703)")]
    [InlineData("SELECT 1 AS one, 1 / (count(*) - 5) AS x FROM community.users", "division by zero (22012)")]
    [InlineData("SELECT 1 AS one, sum(first_name::int) AS x FROM community.users", "invalid input syntax for type integer: *** (22P02)")]
    [InlineData("SELECT 1 AS one, wipe() AS x", "cannot execute DELETE in a read-only transaction (25006)")]
    [InlineData("SELECT 1 AS one, 2", "column 2 of the SELECT has no name. Write … AS name")]
    [InlineData("SELECT 1 AS onne", "its key 'one' is no column of the SELECT. Did you mean 'onne'?")]
    [InlineData("SELECT 1 AS one, user_id FROM users LIMIT 1", "marts/b.sql:3:31: relation \"users\" does not exist (42P01)")]
    [InlineData("SELECT '{}'::json AS one", "could not identify an equality operator for type json (42883)")]
    public async Task With_an_error_in_its_SQL_changes_no_mart_and_says_where(string select, string why)
    {
        await using var community = await OnAsync("sql", Countries);
        await community.ExecuteAsync("CREATE OR REPLACE FUNCTION public.wipe() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN DELETE FROM community.users; RETURN 0; END'");
        community.Contract = With(Countries, "-- table: community.wrong\n-- key: one\n" + select);
        community.Put(new Person(5) { Age = 50, Country = "DE" });
        var result = await SyncAsync(community);
        Assert.Equal(Verdict.Unknown, result.Verdict);
        Assert.StartsWith($"Mart community.wrong (marts/b.sql) could not be built: {why}", result.Reason);
        Assert.EndsWith(". All marts keep the content that they had.", result.Reason);
        Assert.Equal([" 1 36", "FR 2 32", "GB 1 20"], await CountriesAsync(community));
        Assert.Equal(5, await community.CountAsync("SELECT count(*) FROM community.users"));
        Assert.Equal(1, await community.CountAsync($"SELECT count(*) FROM quality.checks WHERE run_id = {result.Run} AND rule = 'martBuild' AND holds IS NULL AND expected NOT LIKE '%Ada%'"));
        Assert.Equal(0, await community.CountAsync("SELECT count(*) FROM pg_class WHERE relname = 'wrong'"));
    }

    [Theory]
    [InlineData("SELECT count(*) FROM community.countries", Verdict.Mismatched, "gives 4, and must give 0")]
    [InlineData("SELECT max(users) FROM community.countries WHERE users > 99", Verdict.Unknown, "has no answer: it gives NULL, or no row; it must give 0 where all is well")]
    [InlineData("SELECT 1 /\n--   0", Verdict.Unknown, "has no answer: division by zero (22012)")]
    [InlineData("SELECT\n--   nothing", Verdict.Unknown, "has no answer: marts/a.sql:4:6: column \"nothing\" does not exist (42703)")]
    [InlineData("SELECT wipe()", Verdict.Unknown, "has no answer: cannot execute DELETE in a read-only transaction (25006)")]
    public async Task With_a_broken_check_changes_no_mart(string query, Verdict verdict, string why)
    {
        const string plain = "-- table: community.countries\n-- key: country\nSELECT coalesce(country, '') AS country, count(*) AS users, max(age) AS oldest FROM community.users GROUP BY 1";
        await using var community = await OnAsync("checks", plain);
        await community.ExecuteAsync("CREATE OR REPLACE FUNCTION public.wipe() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN DELETE FROM community.users; RETURN 0; END'");
        community.Contract = With(plain.Replace("SELECT coal", $"-- check it is asked: {query}\nSELECT coal"));
        community.Put(new Person(5) { Age = 50, Country = "DE" });
        var result = await SyncAsync(community);
        Assert.Equal((verdict, $"Check 'it is asked' of mart community.countries (marts/a.sql:3:23) {why}. All marts keep the content that they had."), (result.Verdict, result.Reason));
        Assert.Equal([" 1 36", "FR 2 32", "GB 1 20"], await CountriesAsync(community));
        Assert.Equal(5, await community.CountAsync("SELECT count(*) FROM community.users"));
    }

    [Fact]
    public async Task Waits_for_tables_that_were_never_loaded()
    {
        await using var community = await OnAsync("waits", Countries, "-- table: community.written\n-- key: one\nSELECT 1 AS one, count(*) AS messages FROM community.messages", "-- view: community.z\nSELECT one FROM community.written");
        var result = await SyncAsync(community);
        Assert.Equal([(true, ""), (false, "community.messages"), (false, "community.messages")], result.Marts.Select(m => (m.Built, string.Join(' ', m.WaitsFor))));
        community.PutThread(1, "a", "b");
        result = await community.SyncAsync();
        await community.BooksCloseAsync(result);
        Assert.All(result.Marts, m => Assert.True(m.Built));
        Assert.Equal(["2"], await community.ListAsync("SELECT messages::text FROM community.written"));
    }

    [Fact]
    public async Task Leaves_tables_alone_that_are_not_its_own()
    {
        await using var community = await OnAsync("foreign", Countries);
        await community.ExecuteAsync("CREATE TABLE community.theirs (one int PRIMARY KEY, two text); INSERT INTO community.theirs VALUES (1, 'x'); CREATE VIEW community.their_view AS SELECT 1 AS one");
        foreach (var (mart, name) in ((string, string)[])[("-- table: community.theirs\n-- key: one\nSELECT 1 AS one", "theirs"), ("-- view: community.their_view\nSELECT 2 AS one", "their_view")])
        {
            community.Contract = With(Countries, mart);
            var result = await SyncAsync(community);
            Assert.Equal((Verdict.Unknown, $"Mart community.{name} (marts/b.sql) could not be built: community.{name} exists already, and is no mart of this pipeline. Rename or drop it, or give the mart another name. All marts keep the content that they had."), (result.Verdict, result.Reason));
        }
        Assert.Equal(["x"], await community.ListAsync("SELECT two FROM community.theirs"));

        // One that is no longer described stays, and is nobody's; the same table, described again, is taken up.
        community.Contract = With();
        Assert.Contains("Mart community.countries is no longer described. It stays as it is; drop it if nobody needs it.", (await SyncAsync(community)).Effort.Remarks);
        Assert.Equal(3, (await CountriesAsync(community)).Count);
        community.Contract = With(Countries);
        await community.BooksCloseAsync(await SyncAsync(community));
        await community.ExecuteAsync("UPDATE quality.marts SET pipeline = 'another'");
        Assert.Contains("pipeline 'another' makes a mart of that name", (await SyncAsync(community)).Reason);
    }

    [Fact]
    public async Task Follows_a_repair()
    {
        await using var community = await OnAsync("repair", Countries);
        await community.ExecuteAsync("UPDATE community.users SET country = 'XX' WHERE country = 'FR'");
        await community.BooksCloseAsync(await SyncAsync(community)); // the rows' hashes say that nothing changed
        Assert.Equal([" 1 36", "GB 1 20", "XX 2 32"], await CountriesAsync(community));
        Task<RepairResult> RepairAsync() => new Repairer(community.Contract, community.Source, community.Warehouse, TimeProvider.System)
            .RunAsync(new ReconcileOptions { Datasets = [community.Contract.Datasets[0]] }, deleteUnexpected: false, CancellationToken.None);
        var mended = await RepairAsync();
        Assert.Equal((Verdict.Reconciled, 2), (mended.Verdict, (int)mended.Rewritten));
        Assert.Equal([" 1 36", "FR 2 32", "GB 1 20"], await CountriesAsync(community));
        Assert.Equal(1, await community.CountAsync($"SELECT count(*) FROM quality.checks WHERE run_id = {mended.Run} AND rule = 'mart' AND holds"));

        await community.ExecuteAsync("UPDATE community.users SET country = 'XX' WHERE country = 'FR'");
        community.Contract = With(Countries.Replace("- (SELECT coalesce(sum(users), 0)", "- (SELECT 1 + coalesce(sum(users), 0)"));
        mended = await RepairAsync();
        Assert.Equal((Verdict.Mismatched, Verdict.Reconciled), (mended.Verdict, mended.After.Verdict));
        Assert.Contains("Check 'all are counted' of mart community.countries", mended.Marts!.Trouble);
        Assert.Equal(["mismatched"], await community.ListAsync($"SELECT verdict FROM quality.runs WHERE id = {mended.Run}"));
    }
}
