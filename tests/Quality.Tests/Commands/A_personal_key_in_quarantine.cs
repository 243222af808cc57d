using Tests.Shared;

namespace Quality.Tests.Commands;

/// <summary>A collection whose documents are known by something personal: where they stand tells who they are about.</summary>
[Trait("Category", "Long")]
public sealed class A_personal_key_in_quarantine() : CommandTest("personal_key")
{
    const string Person = "canary@example.org";
    readonly string folder = Scratch.Folder("contract" + new string('x', 200));
    string id = null!;

    protected override async Task PrepareAsync()
    {
        await CommandAsync("p", w => w.Write("insert", "people").BeginArray("documents")
            .BeginDocument().Write("_id", "good@example.org").Write("age", 1).End()
            .BeginDocument().Write("_id", Person).Write("age", 431).End().End());
        Describe("people");
        Assert.Equal(0, (await RunAsync("sync", folder)).ExitCode);
        id = $"{await Postgres.ScalarAsync(Warehouse, "SELECT id FROM quality.quarantine")}";
    }

    void Describe(string dataset) => File.WriteAllText(Path.Combine(folder, "contract.yaml"), $$"""
        { apiVersion: v3.1.0, kind: DataContract, id: u, name: p, version: 1.0.0, status: active, servers: [{ server: s, type: custom, customProperties: [{ property: kind, value: mongodb }, { property: database, value: p }] }],
          schema: [{ name: {{dataset}}, logicalType: object, properties: [{ name: _id, logicalType: string, primaryKey: true, classification: pii, customProperties: [{ property: column, value: mail }] },
            { name: age, logicalType: integer, logicalTypeOptions: { maximum: 130 } }] }] }
        """);

    [Fact]
    public async Task Is_masked_as_the_document_s_name_and_as_its_position()
    {
        foreach (string[] command in (string[][])[["list", folder], ["list", folder, "--json"], ["show", folder, id], ["show", folder, id, "--json"]])
        {
            var outcome = await RunAsync(["quarantine", .. command]);
            Assert.True(outcome.ExitCode == 0, outcome.Errors);
            Assert.DoesNotContain(Person, outcome.Output + outcome.Errors);
        }
        Assert.Contains("position *** of partition", (await RunAsync("quarantine", "show", folder, id)).Output);
        var entry = (await RunAsync("quarantine", "show", folder, id, "--json")).Json.GetProperty("entries")[0];
        Assert.Equal(("***", "***", 431), (entry.GetProperty("position").GetString(), entry.GetProperty("content").GetProperty("_id").GetString(), entry.GetProperty("content").GetProperty("age").GetInt32()));
        Assert.Matches("^\\*\\*\\* [0-9a-f]{16}$", entry.GetProperty("document").GetString());
    }

    [Fact]
    public async Task Is_shown_as_the_position_on_demand()
    {
        Assert.Contains($$"""position {"_id":"{{Person}}"} of partition""", (await RunAsync("quarantine", "show", folder, id, "--reveal")).Output);
        var entry = (await RunAsync("quarantine", "show", folder, id, "--reveal", "--json")).Json.GetProperty("entries")[0];
        Assert.Equal(($$"""{"_id":"{{Person}}"}""", Person), (entry.GetProperty("position").GetString(), entry.GetProperty("content").GetProperty("_id").GetString()));
    }

    [Fact]
    public async Task Is_looked_for_by_the_folder_that_was_typed()
    {
        // The contract's name alone would not be found; and however long the line is, it stays one.
        Assert.Contains($"Look: quality quarantine list {folder}\n", (await RunAsync("sync", folder)).Errors + "\n");
        Assert.Contains($"Look at one: quality quarantine show {folder} {id}\n", (await RunAsync("quarantine", "list", folder)).Errors + "\n");
        await Postgres.ExecuteAsync(Warehouse, "DELETE FROM p.people");
        Assert.Contains($"Mend: quality reconcile {folder} --repair\n", (await RunAsync("reconcile", folder)).Errors + "\n");
        string target = QualityProcess.NewFolder();
        Assert.Equal(1, (await RunAsync("report", "--out", target)).ExitCode);
        string page = System.Text.RegularExpressions.Regex.Replace(await File.ReadAllTextAsync(Path.Combine(target, "report.html")), "</?span[^>]*>", "");
        Assert.Contains("quality quarantine list FOLDER</code>", page);
        Assert.Contains("quality reconcile FOLDER --repair</code>", page);
    }

    [Fact]
    public async Task Stays_masked_when_the_contract_forgets_the_dataset()
    {
        Describe("others");
        var text = await RunAsync("quarantine", "show", folder, id);
        Assert.Contains("position *** of partition", text.Output);
        Assert.DoesNotContain(Person, text.Output);
        var entry = (await RunAsync("quarantine", "show", folder, id, "--json")).Json.GetProperty("entries")[0];
        Assert.Equal("***", entry.GetProperty("position").GetString());
        Assert.DoesNotContain(Person, entry.ToString());
    }
}
