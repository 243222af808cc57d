using System.Text.Json;
using Npgsql;
using Tests.Shared;

namespace Quality.Tests.Commands;

/// <summary>What scripts read: exactly one JSON document on standard output, in the shapes that are promised.</summary>
public sealed class Json_output() : CommandTest("json_output")
{
    readonly string folder = QualityProcess.NewFolder();

    new Task<QualityProcess.Outcome> RunAsync(params string[] arguments) => QualityProcess.RunAsync(folder, Servers, arguments);

    static void AssertHas(JsonElement element, params string[] names)
    {
        foreach (string name in names)
            Assert.True(element.TryGetProperty(name, out _), $"'{name}' is missing in {element}");
    }

    [Fact, Trait("Category", "Long")]
    public async Task Follows_the_data_from_generation_to_repair()
    {
        var generated = await RunAsync("generate", "community", "--days", "5", "--seed", "3", "--json");
        Assert.Equal(0, generated.ExitCode);
        int users = generated.Json.GetProperty("users").GetInt32();

        var sync = await RunAsync("sync", "community", "--json");
        Assert.Equal((0, "community", "reconciled"), (sync.ExitCode, sync.Json.GetProperty("pipeline").GetString(), sync.Json.GetProperty("verdict").GetString()));
        Assert.True(sync.Json.GetProperty("run").GetInt64() > 0);
        Assert.Equal(["users", "groups", "messages"], sync.Json.GetProperty("datasets").EnumerateArray().Select(d => d.GetProperty("dataset").GetString()));
        Assert.All(sync.Json.GetProperty("datasets").EnumerateArray(), d => AssertHas(d, "dataset", "read", "loaded", "unchanged", "deleted", "quarantined", "duplicate", "superseded", "filtered"));
        Assert.All(sync.Json.GetProperty("tables").EnumerateArray(), t => AssertHas(t, "table", "inserted", "updated", "unchanged", "merged", "removed"));
        Assert.Equal(users, sync.Json.GetProperty("datasets")[0].GetProperty("loaded").GetInt32());

        var marts = sync.Json.GetProperty("marts").EnumerateArray().ToArray();
        Assert.All(marts, m => AssertHas(m, "mart", "schema", "kind", "built", "rows", "inserted", "removed", "milliseconds", "waitsFor"));
        Assert.Equal(["messages_per_group_weekly", "messages_per_user_weekly", "signups_daily", "signups_monthly", "signups_weekly", "subscription_share"], marts.Select(m => m.GetProperty("mart").GetString()));
        Assert.All(marts, m => Assert.Equal((true, m.GetProperty("rows").GetInt64()), (m.GetProperty("built").GetBoolean(), m.GetProperty("inserted").GetInt64())));
        Assert.Equal((long)users, await Postgres.ScalarAsync(Warehouse, "SELECT sum(signups)::bigint FROM community.signups_monthly"));

        var again = await RunAsync("sync", "community", "--json");
        Assert.Equal(0, again.ExitCode);
        Assert.All(again.Json.GetProperty("marts").EnumerateArray(), m => Assert.Equal((true, 0, 0), (m.GetProperty("built").GetBoolean(), m.GetProperty("inserted").GetInt32(), m.GetProperty("removed").GetInt32())));
        Assert.All(again.Json.GetProperty("tables").EnumerateArray(), t => Assert.Equal((0, 0, 0), (t.GetProperty("inserted").GetInt32(), t.GetProperty("updated").GetInt32(), t.GetProperty("removed").GetInt32())));

        var clean = await RunAsync("reconcile", "community", "--json");
        Assert.Equal((0, "reconciled", 1.0), (clean.ExitCode, clean.Json.GetProperty("verdict").GetString(), clean.Json.GetProperty("coverage").GetDouble()));
        AssertHas(clean.Json, "pipeline", "verdict", "coverage", "datasets");
        Assert.All(clean.Json.GetProperty("datasets").EnumerateArray(), d =>
            AssertHas(d, "dataset", "table", "source", "warehouse", "quarantined", "missing", "unexpected", "changed", "matched", "verdict"));
        Assert.Equal(["users", "subscriptions", "plans", "invoices", "groups", "messages"], clean.Json.GetProperty("datasets").EnumerateArray().Select(d => d.GetProperty("table").GetString()));

        await Postgres.ExecuteAsync(Warehouse, "DELETE FROM community.users WHERE user_id = (SELECT min(user_id) FROM community.users)");
        var damaged = await RunAsync("reconcile", "community", "--json");
        Assert.Equal((1, "mismatched", 1), (damaged.ExitCode, damaged.Json.GetProperty("verdict").GetString(), damaged.Json.GetProperty("datasets")[0].GetProperty("missing").GetInt32()));
        Assert.Equal(2, (await RunAsync("reconcile", "community", "--level", "counts", "--dataset", "groups")).ExitCode);

        var repaired = await RunAsync("reconcile", "community", "--repair", "--json");
        Assert.Equal((0, "reconciled", 1), (repaired.ExitCode, repaired.Json.GetProperty("verdict").GetString(), repaired.Json.GetProperty("repair").GetProperty("rewritten").GetInt32()));

        var listed = await RunAsync("quarantine", "list", "community", "--json");
        Assert.Equal((0, 0), (listed.ExitCode, listed.Json.GetProperty("entries").GetArrayLength()));
        var report = await RunAsync("report", "--json");
        Assert.Equal((0, "reconciled"), (report.ExitCode, report.Json.GetProperty("verdict").GetString()));
        string page = Path.Combine(folder, report.Json.GetProperty("page").GetString()!);
        Assert.Contains("community.subscription_share", await File.ReadAllTextAsync(page));
        using var facts = JsonDocument.Parse(await File.ReadAllTextAsync(Path.ChangeExtension(page, ".json")));
        Assert.Equal(6, facts.RootElement.GetProperty("pipelines")[0].GetProperty("marts").GetArrayLength());

        // A mart's error says where, and leaves the run unknown.
        string own = Path.Combine(folder, "own");
        Directory.CreateDirectory(Path.Combine(own, "marts"));
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Pipelines", "community", "contract.yaml"), Path.Combine(own, "contract.yaml"));
        string mart = Path.Combine(own, "marts", "wrong.sql");
        await File.WriteAllTextAsync(mart, "-- table: community.wrong\n-- key: one\nSELECT 1 AS one,\n  nothing FROM community.users\n");
        var wrong = await RunAsync("sync", own, "--json");
        Assert.Equal((2, "unknown"), (wrong.ExitCode, wrong.Json.GetProperty("verdict").GetString()));
        Assert.StartsWith("Mart community.wrong (marts/wrong.sql) could not be built: marts/wrong.sql:4:3: column \"nothing\" does not exist (42703)", wrong.Json.GetProperty("reason").GetString());
        await File.WriteAllTextAsync(mart, "-- tabel: community.wrong\nSELECT 1 AS one\n");
        var check = await RunAsync("contract", "check", own);
        Assert.Equal(64, check.ExitCode);
        Assert.Contains("wrong.sql:1:1: A mart's header has no 'tabel'. Did you mean 'table'?", check.Errors);
    }

    [Fact]
    public async Task Says_unknown_where_the_source_is_gone()
    {
        await Mongo.DisposeAsync();
        var outcome = await RunAsync("reconcile", "community", "--json");
        Assert.Equal((2, "unknown"), (outcome.ExitCode, outcome.Json.GetProperty("verdict").GetString()));
        AssertHas(outcome.Json, "pipeline", "verdict", "coverage", "datasets");
        Assert.Contains("cannot be reached", outcome.Errors);
    }

    [Fact]
    public async Task Never_holds_a_password()
    {
        const string canary = "pw-canary-41";
        await Postgres.ExecuteAsync(Warehouse, $"DROP ROLE IF EXISTS canary; CREATE ROLE canary SUPERUSER LOGIN PASSWORD '{canary}'");
        string connection = new NpgsqlConnectionStringBuilder(Warehouse) { Username = "canary", Password = canary }.ConnectionString;
        foreach (string[] command in (string[][])[["generate", "community", "--days", "2"], ["sync", "community"], ["reconcile", "community"], ["reconcile", "community", "--json"], ["report"], ["report", "--json"]])
        {
            string[] mongoOption = command[0] is "report" ? [] : ["--mongo", Mongo.Uri], warehouseOption = command[0] is "generate" ? [] : ["--warehouse", connection];
            var outcome = await QualityProcess.RunAsync(folder, null, [.. command, .. mongoOption, .. warehouseOption]);
            Assert.True(outcome.ExitCode == 0, outcome.Errors);
            Assert.DoesNotContain(canary, outcome.Output + outcome.Errors);
        }
        Assert.All(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories), f => Assert.DoesNotContain(canary, File.ReadAllText(f)));
        foreach (string table in (string[])["runs", "reconciliations", "differences", "quarantine", "checkpoints"])
            Assert.Equal(0L, await Postgres.ScalarAsync(Warehouse, $"SELECT count(*) FROM quality.{table} t WHERE t::text LIKE '%{canary}%'"));
    }
}
