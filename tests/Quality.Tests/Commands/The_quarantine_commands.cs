using Etl.Documents;
using Tests.Shared;

namespace Quality.Tests.Commands;

[Trait("Category", "Long")]
public sealed class The_quarantine_commands() : CommandTest("quarantine_commands")
{
    /// <summary>Five users: one good, two too old, one too young, one without a date; then the good one is spoiled, one goes, and two messages that never became documents are put beside.</summary>
    protected override async Task PrepareAsync()
    {
        await InsertAsync("groups", w => w.WriteObjectId("_id", Id(90)));
        await InsertAsync("messages", w => w.WriteObjectId("_id", Id(91)));
        for (byte i = 1; i <= 5; i++)
            await InsertAsync("users", w => User(w, i, i switch { 2 or 3 => 431, 4 => -1, _ => 40 }, dated: i != 5));
        Assert.Equal(0, (await RunAsync("sync", "community")).ExitCode);
        await CommandAsync(w => w.Write("update", "users").BeginArray("updates").BeginDocument().BeginDocument("q").WriteObjectId("_id", Id(1)).End().BeginDocument("u").BeginDocument("$set").Write("age", 500).End().End().End().End());
        await CommandAsync(w => w.Write("delete", "users").BeginArray("deletes").BeginDocument().BeginDocument("q").WriteObjectId("_id", Id(3)).End().Write("limit", 1).End().End());
        Assert.Equal(0, (await RunAsync("sync", "community")).ExitCode);
        await Postgres.ExecuteAsync(Warehouse, """
            INSERT INTO quality.quarantine (pipeline, dataset, partition, position, document_key, rule, path, reason, violations, media_type, document, document_hash, held_back, state, first_run, last_run, first_seen, last_seen)
            SELECT 'community', d, 'all', '\x0500000000', 'raw ' || d || m, 'malformed', '', E'not JSON: \x1b[31m', '[{"rule":"malformed","path":"","value":"","message":"not JSON"}]', m, c, gen_random_uuid(), false, 'discarded', 1, 1, now(), now()
            FROM (VALUES ('groups', 'text/plain', convert_to('Canary { "a": ', 'UTF8')), ('groups', 'application/octet-stream', '\x00ff00ff'::bytea)) v(d, m, c)
            """);
    }

    static byte[] Id(byte n) => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, n];

    static void User(BsonWriter w, byte id, int age, bool dated)
    {
        w.WriteObjectId("_id", Id(id)).Write("firstname", "Canary\u001b[31m").Write("age", age).Write("undescribed", "Canary");
        if (dated)
            w.WriteDateTime("signUpDate", 0);
        w.BeginDocument("subscriptions").WriteObjectId("_id", Id((byte)(100 + id))).WriteObjectId("subscriptionID", Id((byte)(150 + id)));
        w.BeginDocument("planType").Write("planID", "1").End().BeginArray("invoices").End().End();
    }

    Task InsertAsync(string collection, Action<BsonWriter> document) => CommandAsync(w =>
    {
        w.Write("insert", collection).BeginArray("documents").BeginDocument();
        document(w);
        w.End().End();
    });

    Task CommandAsync(Action<BsonWriter> command) => CommandAsync("secondNature", command);

    async Task<string[]> KeysAsync(params string[] filters)
    {
        var outcome = await RunAsync(["quarantine", "list", "community", "--json", .. filters]);
        Assert.True(outcome.ExitCode == 0, outcome.Errors);
        Assert.Equal(outcome.Json.GetProperty("entries").GetArrayLength(), outcome.Json.GetProperty("documents").GetInt32());
        return [.. outcome.Json.GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("document").GetString()!.TrimEnd('"', '}')[^2..])];
    }

    [Fact]
    public async Task List_by_dataset_rule_run_and_state()
    {
        Assert.Equal((string[])["02", "04", "05", "01"], await KeysAsync());
        Assert.Equal((string[])["02", "01"], await KeysAsync("--rule", "maximum"));
        Assert.Equal((string[])["02", "04", "01"], await KeysAsync("--rule", "maximum", "--rule", "minimum"));
        Assert.Equal((string[])["02", "01"], await KeysAsync("--run", "2", "--rule", "maximum", "--dataset", "users"));
        Assert.Equal((string[])["02", "03", "04", "05"], await KeysAsync("--run", "1", "--dataset", "users", "--state", "all"));
        Assert.Equal((string[])["03"], await KeysAsync("--state", "resolved"));
        Assert.Empty(await KeysAsync("--dataset", "groups"));
        Assert.Equal(2, (await KeysAsync("--dataset", "groups", "--state", "discarded")).Length);
    }

    [Fact]
    public async Task Count_by_rule_and_say_what_is_held_back()
    {
        var json = (await RunAsync("quarantine", "list", "community", "--json", "--limit", "0")).Json;
        Assert.Equal((4, 1, 0), (json.GetProperty("documents").GetInt32(), json.GetProperty("heldBack").GetInt32(), json.GetProperty("entries").GetArrayLength()));
        Assert.Equal([("maximum", "age", 2, 1), ("minimum", "age", 1, 0), ("required", "signUpDate", 1, 0)], json.GetProperty("rules").EnumerateArray()
            .Select(r => (r.GetProperty("rule").GetString()!, r.GetProperty("path").GetString()!, r.GetProperty("documents").GetInt32(), r.GetProperty("heldBack").GetInt32())));

        var text = await RunAsync("quarantine", "list", "community", "--limit", "2");
        Assert.Contains("4 documents in quarantine, by rule", text.Output);
        Assert.Contains("2 of 4; all of them: --limit 4", text.Output);
        Assert.Contains("held back", (await RunAsync("quarantine", "list", "community")).Output);
        Assert.DoesNotContain("Canary", text.Output);
        Assert.DoesNotContain('\u001b', (await RunAsync("quarantine", "list", "community", "--state", "all")).Output);
    }

    /// <summary>A contract's name leads to it only where it is shipped.</summary>
    [Fact]
    public async Task Suggest_commands_that_find_the_pipeline_again()
    {
        string folder = Path.Combine(QualityProcess.NewFolder(), "my own");
        Directory.CreateDirectory(folder);
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Pipelines", "community", "contract.yaml"), Path.Combine(folder, "contract.yaml"));
        Assert.Contains($"quality quarantine show '{folder}' ", (await RunAsync("quarantine", "list", folder)).Errors);
        Assert.Contains($"quality quarantine list '{folder}' --state all", (await RunAsync("quarantine", "show", folder, "99")).Errors);
        Assert.Contains($"quality quarantine list '{folder}'", (await RunAsync("quarantine", "list", folder, "--rule", "none")).Errors);
        Assert.Contains($"Look: quality quarantine list '{folder}'", (await RunAsync("sync", folder)).Errors);
        Assert.Contains("quality quarantine show community ", (await RunAsync("quarantine", "list", "community")).Errors);
    }

    [Fact]
    public async Task Suggest_near_names_where_nothing_fits()
    {
        var rule = await RunAsync("quarantine", "list", "community", "--rule", "requird");
        Assert.Equal((0, ""), (rule.ExitCode, rule.Output));
        Assert.Contains("Did you mean 'required'?", rule.Errors);
        Assert.Contains("'users'", (await RunAsync("quarantine", "list", "community", "--dataset", "user")).Refused(64));
        Assert.Equal(64, (await RunAsync("quarantine", "list", "community", "--state", "closed")).ExitCode);
        Assert.Contains("not 99", (await RunAsync("quarantine", "show", "community", "99")).Errors);
    }

    [Fact]
    public async Task Show_a_document_with_its_broken_place_and_without_its_secrets()
    {
        long id = (long)(await Postgres.ScalarAsync(Warehouse, "SELECT id FROM quality.quarantine WHERE held_back"))!;
        var masked = await RunAsync("quarantine", "show", "community", $"{id}");
        Assert.Equal(0, masked.ExitCode);
        Assert.Contains(">   age: 500  <-- maximum", masked.Output);
        Assert.Contains("firstname: *** (string)", masked.Output);
        Assert.Contains("held back", masked.Output);
        Assert.DoesNotContain("Canary", masked.Output);

        var revealed = await RunAsync("quarantine", "show", "community", $"{id}", "--reveal");
        Assert.Equal(2, revealed.Output.Split("Canary").Length - 1);
        Assert.DoesNotContain('\u001b', revealed.Output);

        var json = (await RunAsync("quarantine", "show", "community", $"{id}", "--json")).Json;
        Assert.False(json.GetProperty("revealed").GetBoolean());
        var entry = json.GetProperty("entries")[0];
        Assert.Equal(("***", "***", 500), (entry.GetProperty("content").GetProperty("firstname").GetString(), entry.GetProperty("content").GetProperty("undescribed").GetString(), entry.GetProperty("content").GetProperty("age").GetInt32()));
        Assert.Equal("maximum", entry.GetProperty("violations")[0].GetProperty("rule").GetString());
        Assert.Contains("Canary", (await RunAsync("quarantine", "show", "community", $"{id}", "--json", "--reveal")).Json.GetProperty("entries")[0].GetProperty("content").GetProperty("firstname").GetString());
    }

    [Fact]
    public async Task Show_bytes_that_never_became_a_document()
    {
        var ids = (string)(await Postgres.ScalarAsync(Warehouse, "SELECT string_agg(id::text, ' ' ORDER BY media_type DESC) FROM quality.quarantine WHERE rule = 'malformed'"))!;
        // Somewhere in a group's document a person may be named, and bytes cannot be masked in part.
        var hidden = await RunAsync(["quarantine", "show", "community", .. ids.Split(' ')]);
        Assert.DoesNotContain("Canary", hidden.Output);
        Assert.Contains("--reveal shows it", hidden.Output);
        var shown = await RunAsync(["quarantine", "show", "community", "--reveal", .. ids.Split(' ')]);
        Assert.Contains("Canary { \"a\": ", shown.Output);
        Assert.Contains("00000000  00 ff 00 ff", shown.Output);
        Assert.DoesNotContain('\u001b', shown.Output);

        var json = (await RunAsync(["quarantine", "show", "community", "--json", "--reveal", .. ids.Split(' ')])).Json.GetProperty("entries");
        Assert.Equal(["Canary { \"a\": ", null], json.EnumerateArray().OrderByDescending(e => e.GetProperty("mediaType").GetString()).Select(e => e.GetProperty("text").GetString()));
        Assert.Contains("00ff00ff", json.EnumerateArray().Select(e => e.GetProperty("hex").GetString()));
    }

    static string Position(byte id) => "{\"_id\":{\"$oid\":\"" + Convert.ToHexStringLower(Id(id)) + "\"}}";

    /// <summary>A key that is personal stands in the position too, which nobody sees unless he asks.</summary>
    [Fact]
    public async Task Show_no_position_where_the_key_is_personal()
    {
        string shipped = File.ReadAllText(Path.Combine(Reconciliation.SyncedCommunity.ShippedContract, "contract.yaml")).ReplaceLineEndings("\n");
        string personal = shipped.Replace("        customProperties: [{ property: column, value: user_id }]\n", "        classification: pii\n        customProperties: [{ property: column, value: user_id }]\n");
        Assert.NotEqual(shipped, personal);
        string folder = QualityProcess.NewFolder();
        File.WriteAllText(Path.Combine(folder, "contract.yaml"), personal);
        Assert.Equal(0, (await RunAsync("sync", folder)).ExitCode);
        string id = (string)(await Postgres.ScalarAsync(Warehouse, "SELECT id::text FROM quality.quarantine WHERE rule = 'minimum' AND document_key LIKE '***%'"))!;
        string key = Convert.ToHexStringLower(Id(4));

        var text = await RunAsync("quarantine", "show", folder, id);
        Assert.Contains("position *** of partition", text.Output);
        Assert.Contains("_id: *** (objectId)", text.Output);
        var json = await RunAsync("quarantine", "show", folder, id, "--json");
        Assert.Equal("***", json.Json.GetProperty("entries")[0].GetProperty("position").GetString());
        foreach (string shown in (string[])[text.Output, json.Output, (await RunAsync("quarantine", "list", folder, "--json")).Output])
            Assert.DoesNotContain(key, shown);

        Assert.Contains($"position {Position(4)} of partition", (await RunAsync("quarantine", "show", folder, id, "--reveal")).Output);
        Assert.Equal(Position(4), (await RunAsync("quarantine", "show", folder, id, "--json", "--reveal")).Json.GetProperty("entries")[0].GetProperty("position").GetString());
    }

    [Fact]
    public async Task Show_the_position_where_the_key_is_not_personal() =>
        Assert.Contains($"position {Position(4)} of partition",
            (await RunAsync("quarantine", "show", "community", (string)(await Postgres.ScalarAsync(Warehouse, "SELECT id::text FROM quality.quarantine WHERE rule = 'minimum'"))!)).Output);
}
