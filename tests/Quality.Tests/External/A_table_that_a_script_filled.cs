using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Etl.Documents;
using Npgsql;
using Quality.Tests.Commands;
using Tests.Shared;

namespace Quality.Tests.External;

/// <summary>Tables that know nothing of Quality, filled by pymongo and psycopg2, are judged as they are.</summary>
public sealed class A_table_that_a_script_filled() : CommandTest("external")
{
    const int Accounts = 1_000, Orders = 300;

    const string Mapping = """
        apiVersion: v3.1.0
        kind: DataContract
        id: urn:example:app
        name: app
        version: 1.0.0
        status: active
        servers:
          - server: app
            type: custom
            customProperties: [{ property: kind, value: mongodb }, { property: database, value: app }]
        customProperties:
          - { property: external, value: true }
          - { property: warehouseSchema, value: app }
        schema:
          - name: accounts
            properties:
              - { name: _id, logicalType: string, physicalType: objectId, primaryKey: true, customProperties: [{ property: column, value: _id }] }
              - { name: fullName, logicalType: string, classification: pii }
              - { name: state, logicalType: string }
              - { name: visits, logicalType: integer, physicalType: int }
              - { name: points, logicalType: integer }
              - { name: score, logicalType: number, physicalType: double }
              - { name: balance, logicalType: number, customProperties: [{ property: tolerance, value: 0.005 }] }
              - { name: created, logicalType: timestamp, customProperties: [{ property: columnZone, value: UTC }] }
              - { name: seen, logicalType: timestamp, customProperties: [{ property: precision, value: s }] }
              - { name: subscribed, logicalType: boolean }
              - { name: tags, logicalType: array, items: { logicalType: string } }
              - { name: profile, logicalType: object, customProperties: [{ property: columnType, value: jsonb }, { property: json, value: plain }] }
              - { name: note, logicalType: string, customProperties: [{ property: nullWords, value: [""] }] }
              - name: address
                logicalType: object
                properties:
                  - { name: city, logicalType: string, customProperties: [{ property: column, value: city }, { property: trim, value: true }, { property: nullWords, value: [""] }] }
          - name: orders
            properties:
              - { name: _id, logicalType: string, physicalType: uuid, primaryKey: true, customProperties: [{ property: column, value: id }] }
              - { name: account, logicalType: string, physicalType: objectId }
              - { name: total, logicalType: number }
              - { name: note, logicalType: string }
        """;

    readonly string folder = QualityProcess.NewFolder();

    static string Id(int n) => n.ToString("x24", CultureInfo.InvariantCulture);

    static string OrderId(int n) => $"00000000-0000-4000-8000-{n:x12}";

    protected override async Task PrepareAsync()
    {
        string python = Requires.PythonModule("pymongo, psycopg2", "apt-get install python3-pymongo python3-psycopg2");
        await InsertAsync("accounts", Accounts, (w, n) =>
        {
            w.WriteObjectId("_id", Convert.FromHexString(Id(n))).Write("fullName", $"canary {n}").Write("state", n % 2 == 0 ? "open" : "closed").Write("visits", n).Write("points", (long)n << 33)
                .Write("score", n / 7.0).Write("balance", n / 7.0).WriteDateTime("created", 1_600_000_000_000 + n * 1_234_567L).WriteDateTime("seen", 1_700_000_000_000 + n * 1_234_567L).Write("subscribed", n % 3 == 0)
                .BeginArray("tags").Write("a").Write($"t{n}").End().BeginDocument("profile").Write("z", n).Write("a", n / 2.0).End();
            if (n % 2 == 0)
                w.Write("note", n % 4 == 0 ? "" : "noted");
            w.BeginDocument("address").Write("city", n % 5 == 0 ? "  " : $" City {n} ").End();
        });
        await InsertAsync("orders", Orders, (w, n) => w.WriteBinary("_id", new Guid(OrderId(n)).ToByteArray(bigEndian: true), 4).WriteObjectId("account", Convert.FromHexString(Id(n))).Write("total", Decimal128.Parse($"{n}.50")));
        var warehouse = new NpgsqlConnectionStringBuilder(Warehouse);
        using var process = Process.Start(new ProcessStartInfo(python, [Path.Combine(AppContext.BaseDirectory, "External", "fill_accounts.py"), Mongo.Uri])
        {
            RedirectStandardError = true,
            Environment =
            {
                ["PGHOST"] = warehouse.Host, ["PGPORT"] = $"{warehouse.Port}", ["PGUSER"] = warehouse.Username, ["PGPASSWORD"] = warehouse.Password, ["PGDATABASE"] = warehouse.Database,
            },
        })!;
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, errors);
        await File.WriteAllTextAsync(Path.Combine(folder, "mapping.yaml"), Mapping);
    }

    Task InsertAsync(string collection, int count, Action<BsonWriter, int> write) => CommandAsync("app", w =>
    {
        w.Write("insert", collection).BeginArray("documents");
        for (int n = 1; n <= count; n++)
        {
            w.BeginDocument();
            write(w, n);
            w.End();
        }
        w.End();
    });

    Task<QualityProcess.Outcome> ReconcileAsync(params string[] more) => QualityProcess.RunAsync(folder, Servers, ["reconcile", "--external", "mapping.yaml", .. more]);

    Task SqlAsync(string sql) => Postgres.ExecuteAsync(Warehouse, sql);

    async Task<JsonElement[]> TablesAsync(int exitCode)
    {
        var outcome = await ReconcileAsync("--json");
        Assert.True(outcome.ExitCode == exitCode, outcome.Output + outcome.Errors);
        return [.. JsonDocument.Parse(outcome.Output).RootElement.GetProperty("datasets").EnumerateArray()];
    }

    static (long Missing, long Unexpected, long Changed, long Matched) Counts(JsonElement table) =>
        (table.GetProperty("missing").GetInt64(), table.GetProperty("unexpected").GetInt64(), table.GetProperty("changed").GetInt64(), table.GetProperty("matched").GetInt64());

    [Fact]
    public async Task Is_reconciled_and_what_was_not_compared_is_named()
    {
        var tables = await TablesAsync(0);
        Assert.Equal([(0, 0, 0, Accounts), (0, 0, 0, Orders)], tables.Select(Counts));
        Assert.Equal(["_batch"], tables[0].GetProperty("notCompared").EnumerateArray().Select(c => c.GetString()));
        Assert.All(tables, t => Assert.Equal(1, t.GetProperty("coverage").GetDouble()));
        var shown = await ReconcileAsync();
        Assert.Equal(0, shown.ExitCode);
        Assert.Contains("Not compared, because the mapping does not name them: _batch of app.accounts.", shown.Errors);
    }

    [Fact]
    public async Task Gives_exactly_the_differences_that_were_planted()
    {
        await SqlAsync($"""
            DELETE FROM app.accounts WHERE _id IN ('{Id(3)}', '{Id(999)}');
            INSERT INTO app.accounts (_id, created, seen) VALUES ('{Id(5000)}', now(), now());
            UPDATE app.accounts SET full_name = 'canary x' WHERE _id = '{Id(10)}';
            UPDATE app.accounts SET balance = balance + 0.01 WHERE _id = '{Id(11)}';
            UPDATE app.accounts SET seen = seen + interval '2 s' WHERE _id = '{Id(12)}';
            UPDATE app.accounts SET created = created + interval '1 ms' WHERE _id = '{Id(13)}';
            UPDATE app.accounts SET tags = '{"{"}a,other{"}"}' WHERE _id = '{Id(14)}';
            UPDATE app.accounts SET profile = '{"{"}"z": 15, "a": 8{"}"}' WHERE _id = '{Id(15)}';
            UPDATE app.accounts SET note = 'x' WHERE _id = '{Id(16)}';
            UPDATE app.accounts SET city = 'Elsewhere' WHERE _id = '{Id(20)}';
            UPDATE app.accounts SET subscribed = NULL WHERE _id = '{Id(21)}';
            UPDATE app.orders SET total = total + 0.0001 WHERE id = '{OrderId(7)}';
            """);
        var tables = await TablesAsync(1);
        Assert.Equal([(2, 1, 9, Accounts - 11), (0, 0, 1, Orders - 1)], tables.Select(Counts));
        var changed = tables[0].GetProperty("differences").EnumerateArray().Where(d => d.GetProperty("kind").GetString() == "changed").ToDictionary(
            d => d.GetProperty("key").GetString()!, d => string.Join(",", d.GetProperty("cells").EnumerateArray().Select(c => c.GetProperty("column").GetString())));
        Assert.Equal(new Dictionary<string, string>
        {
            [$"_id={Id(10)}"] = "full_name",
            [$"_id={Id(11)}"] = "balance",
            [$"_id={Id(12)}"] = "seen",
            [$"_id={Id(13)}"] = "created",
            [$"_id={Id(14)}"] = "tags",
            [$"_id={Id(15)}"] = "profile",
            [$"_id={Id(16)}"] = "note",
            [$"_id={Id(20)}"] = "city",
            [$"_id={Id(21)}"] = "subscribed",
        }, changed.OrderBy(c => c.Key).ToDictionary());
        Assert.DoesNotContain("canary", tables[0].GetRawText());
    }

    [Fact]
    public async Task Is_equal_within_its_tolerances()
    {
        await SqlAsync("""
            UPDATE app.accounts SET seen = seen + interval '400 ms', city = '  ' || city || E'\t', note = CASE WHEN note = '' THEN NULL ELSE note END
            """);
        Assert.Equal((0, 0, 0, Accounts), Counts((await TablesAsync(0))[0]));
    }

    [Fact]
    public async Task Is_judged_by_who_may_only_read_and_nothing_is_written()
    {
        await SqlAsync("""
            DO $$ BEGIN CREATE ROLE external_reader LOGIN PASSWORD 'reading'; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
            ALTER ROLE external_reader SET default_transaction_read_only = on;
            GRANT USAGE ON SCHEMA app TO external_reader;
            GRANT SELECT ON app.accounts TO external_reader;
            """);
        string reader = new NpgsqlConnectionStringBuilder(Warehouse) { Username = "external_reader", Password = "reading" }.ConnectionString;
        var accounts = await ReconcileAsync("--warehouse", reader, "--dataset", "accounts");
        Assert.True(accounts.ExitCode == 0, accounts.Errors);
        var orders = await ReconcileAsync("--warehouse", reader);
        Assert.Equal(2, orders.ExitCode);
        Assert.Contains("does not let this user read: permission denied for table orders. Grant it USAGE on the schema and SELECT", orders.Errors);
        Assert.Equal(false, await Postgres.ScalarAsync(Warehouse, "SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = 'quality')"));
    }

    [Fact]
    public async Task Bears_the_name_of_the_pipeline_that_is_given()
    {
        var outcome = await QualityProcess.RunAsync(folder, Servers, "reconcile", "billing", "--external", "mapping.yaml", "--json");
        Assert.Equal((0, "billing"), (outcome.ExitCode, JsonDocument.Parse(outcome.Output).RootElement.GetProperty("pipeline").GetString()));
        var neither = await QualityProcess.RunAsync(folder, Servers, "reconcile");
        Assert.Equal(64, neither.ExitCode);
        Assert.Contains("Name a PIPELINE, or a mapping with --external", neither.Errors);
    }

    [Fact]
    public async Task Is_unknown_where_a_side_cannot_be_reached()
    {
        string nobody = new NpgsqlConnectionStringBuilder(Warehouse) { Port = 1 }.ConnectionString;
        var outcome = await ReconcileAsync("--warehouse", nobody, "--json");
        Assert.Equal((2, "unknown"), (outcome.ExitCode, JsonDocument.Parse(outcome.Output).RootElement.GetProperty("verdict").GetString()));
        await CommandAsync("app", w => w.Write("drop", "orders"));
        var missing = await ReconcileAsync();
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains("Collection 'app.orders' does not exist", missing.Output);
    }

    [Fact]
    public async Task Is_unknown_where_counts_alone_were_compared()
    {
        Assert.Equal(2, (await ReconcileAsync("--level", "counts")).ExitCode);
        await SqlAsync($"DELETE FROM app.accounts WHERE _id = '{Id(1)}'");
        Assert.Equal(1, (await ReconcileAsync("--level", "counts")).ExitCode);
    }

    [Fact]
    public async Task Is_named_with_what_keeps_it_from_being_compared()
    {
        await SqlAsync("ALTER TABLE app.accounts ALTER score TYPE numeric, DROP COLUMN state, ALTER points TYPE text USING points::text; ALTER TABLE app.orders RENAME TO orderz");
        var outcome = await ReconcileAsync();
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("Column app.accounts.state does not exist.", outcome.Output);
        Assert.Contains("Column app.accounts.score is numeric, which is not exactly double precision, as the mapping makes it. Map it as numeric.", outcome.Output);
        Assert.Contains("Column app.accounts.points is text, which is not exactly bigint", outcome.Output);
        Assert.Contains("Table app.orders does not exist. Did you mean 'orderz'?", outcome.Output);
    }

    [Fact]
    public async Task Counts_documents_that_the_mapping_refuses_as_differences()
    {
        await CommandAsync("app", w => w.Write("update", "accounts").BeginArray("updates").BeginDocument().BeginDocument("q").WriteObjectId("_id", Convert.FromHexString(Id(5))).End()
            .BeginDocument("u").BeginDocument("$set").Write("points", "many").End().End().End().End());
        var table = (await TablesAsync(1))[0];
        Assert.Equal((0, 0, 1, Accounts - 1), Counts(table));
        Assert.Contains("refused by rule type of the mapping", table.GetRawText());
    }

    [Fact]
    public async Task Is_mapped_from_both_sides_up_to_what_only_its_maker_knows()
    {
        var init = await QualityProcess.RunAsync(folder, Servers, "init", "--collection", "app.accounts", "--table", "app.accounts", "--collection", "app.orders", "--table", "app.orders", "--out", "made");
        Assert.True(init.ExitCode == 0, init.Errors);
        Assert.Contains("'_batch' (integer)", init.Output);
        Assert.Contains("quality reconcile --external ./made", init.Errors);
        string file = Path.Combine(folder, "made", "contract.yaml"), yaml = await File.ReadAllTextAsync(file);
        OdcsSchema.AreValid([file]);
        await File.WriteAllTextAsync(Path.Combine(folder, "mapping.yaml"), yaml);
        // That texts were trimmed, and missing ones written as empty, no schema tells; all the rest does.
        var accounts = (await TablesAsync(1))[0];
        Assert.Equal(["city", "note"], accounts.GetProperty("differences").EnumerateArray().SelectMany(d => d.GetProperty("cells").EnumerateArray()).Select(c => c.GetProperty("column").GetString()!).Distinct().Order());
        await File.WriteAllTextAsync(Path.Combine(folder, "mapping.yaml"), yaml
            .Replace("{ property: column, value: note }", "{ property: column, value: note }\n          - { property: nullWords, value: [\"\"] }", StringComparison.Ordinal)
            .Replace("{ property: column, value: city }", "{ property: column, value: city }\n              - { property: trim, value: true }\n              - { property: nullWords, value: [\"\"] }", StringComparison.Ordinal));
        Assert.Equal([(0, 0, 0, Accounts), (0, 0, 0, Orders)], (await TablesAsync(0)).Select(Counts));
    }

    [Theory]
    [InlineData(2, "Table 'app.account' does not exist", "--table", "app.account")]
    [InlineData(64, "names no schema", "--table", "accounts")]
    [InlineData(64, "--table is given 2 times, --collection 1 times", "--table", "app.accounts", "--table", "app.orders")]
    public async Task Is_not_mapped_without_its_name(int exitCode, string message, params string[] tables)
    {
        var init = await QualityProcess.RunAsync(folder, Servers, ["init", "--collection", "app.accounts", .. tables]);
        Assert.Equal(exitCode, init.ExitCode);
        Assert.Contains(message, init.Errors);
    }

    [Theory]
    [InlineData("--repair")]
    [InlineData("--from", "2024-01-01")]
    public async Task Takes_no_option_that_would_not_be_heeded(params string[] option)
    {
        var outcome = await ReconcileAsync(option);
        Assert.Equal(64, outcome.ExitCode);
        Assert.Contains($"{option[0]} does not go with --external", outcome.Errors);
    }

    [Theory]
    [InlineData("sync")]
    [InlineData("reconcile")]
    public async Task Is_never_written_by_its_mapping(string verb)
    {
        var outcome = await QualityProcess.RunAsync(folder, Servers, verb, "mapping.yaml");
        Assert.Equal(64, outcome.ExitCode);
        Assert.Contains("maps tables that somebody else fills", outcome.Errors);
    }
}
