using System.Text.Json;
using Chaos.MongoEmulator;
using Etl.Documents;
using Etl.Sources.Mongo;
using Quality.Commands;
using Quality.Reports;
using Quality.Tests.Commands;
using Quality.Tests.Reconciliation;
using Tests.Shared;

namespace Quality.Tests.Reports;

public sealed class The_contract_in_a_report
{
    static readonly byte[] Shipped = File.ReadAllBytes(Path.Combine(SyncedCommunity.ShippedContract, "contract.yaml"));
    static readonly string ShippedHash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Shipped));

    [Fact]
    public void Tells_every_table_and_column()
    {
        var facts = new ContractLibrary().Find("community", "1.0.0", ShippedHash, Shipped);
        Assert.Null(facts.Missing);
        Assert.Equal(["users", "subscriptions", "plans", "invoices", "groups", "messages"], facts.Tables.Select(t => t.Table));
        var users = facts.Tables[0];
        Assert.Equal(("root", "community.users"), (users.Kind, users.Name));
        var age = users.Columns.Single(c => c.Column == "age");
        Assert.Equal(("integer", "age", "int, long, double, decimal", false, false), (age.Type, age.Path, age.SourceTypes, age.Key, age.Personal));
        Assert.Equal(["be at least 0", "be at most 130"], age.Rules);
        Assert.True(users.Columns.Single(c => c.Column == "first_name").Personal);
        Assert.True(users.Columns.Single(c => c.Column == "user_id").Key);
        Assert.Null(facts.Tables[^1].Columns.Single(c => c.Column == "ordinal").Path);
        Assert.Equal(["subscriptions.planType._id"], users.NotLoaded);
    }

    [Fact]
    public void Tells_every_rule_once()
    {
        var facts = new ContractLibrary().Find("community", "1.0.0", ShippedHash, Shipped);
        Assert.Equal(facts.Rules.Count, facts.Rules.DistinctBy(r => (r.Dataset, r.Path, r.Rule)).Count());
        foreach (var rule in (ContractRule[])
            [new("users", "age", "maximum", "be at most 130"), new("users", "subscriptions.invoices[]._id", "required", "be there and not null"), new("users", "subscriptions.planType.paymentType", "validValues", "be one of repeat, upfront")])
            Assert.Contains(rule, facts.Rules);
        Assert.Contains(facts.Rules, r => r is { Rule: "unique", Path: "subscriptions.subscriptionID" });
        Assert.Contains("nul", facts.Implied.Keys);
    }

    [Fact]
    public void Is_found_among_the_shipped_ones_where_the_journal_did_not_keep_it() =>
        Assert.Null(new ContractLibrary().Find("community", "1.0.0", ShippedHash, null).Missing);

    [Theory]
    [InlineData("community", "another one")]
    [InlineData("elsewhere", "no pipeline 'elsewhere' is shipped")]
    public void Is_never_replaced_by_another_one(string pipeline, string says)
    {
        var facts = new ContractLibrary().Find(pipeline, "9.9.9", new string('a', 64), null);
        Assert.Contains("cannot be found", facts.Missing);
        Assert.Contains(says, facts.Missing);
        Assert.Empty(facts.Tables);
    }

    [Fact]
    public void Says_so_where_it_cannot_be_read()
    {
        byte[] broken = "kind: nonsense"u8.ToArray();
        Assert.Contains("cannot be read", new ContractLibrary().Find("p", "1", Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(broken)), broken).Missing);
    }

    [Fact]
    public async Task Is_the_one_that_the_run_used_also_when_its_file_is_gone()
    {
        string warehouse = await Postgres.DatabaseAsync("contract_in_a_report"), folder = SmallContract.Write(), target = QualityProcess.NewFolder();
        await using var mongo = MongoServer.Start(new MongoServerOptions());
        using (var connection = MongoConnection.Open(mongo.Uri))
            foreach (string collection in (string[])["keys", "blank"])
                await connection.CommandAsync("small", Bson.Make(w =>
                {
                    w.Write("insert", collection).BeginArray("documents");
                    for (int i = 0; i < 4; i++)
                    {
                        w.BeginDocument().Write("_id", i);
                        if (i == 0)
                            w.Write("text", "one");
                        w.End();
                    }
                    w.End();
                }));
        var sync = await QualityProcess.RunAsync("sync", folder, "--mongo", mongo.Uri, "--warehouse", warehouse);
        Assert.True(sync.ExitCode == 0, sync.Errors);
        await Postgres.ExecuteAsync(warehouse, "ANALYZE"); // as autovacuum does in its own time: what it thinks is not shown

        var blank = Blank(await ReportAsync(warehouse, target, 2)); // nothing was compared
        Assert.Equal((4, JsonValueKind.Null, JsonValueKind.Null), (blank.GetProperty("rows").GetInt32(), blank.GetProperty("columns")[1].GetProperty("nullShare").ValueKind, blank.GetProperty("nullsOf").ValueKind));
        Assert.Contains("nothing was compared yet", await File.ReadAllTextAsync(Path.Combine(target, "report.html")));

        Assert.Equal(0, (await QualityProcess.RunAsync("reconcile", folder, "--mongo", mongo.Uri, "--warehouse", warehouse)).ExitCode);
        Directory.Delete(folder, recursive: true);
        blank = Blank(await ReportAsync(warehouse, target, 0));
        var text = blank.GetProperty("columns")[1];
        Assert.Equal(("text", 4, 0.75, 2), (text.GetProperty("column").GetString(), blank.GetProperty("rows").GetInt32(), text.GetProperty("nullShare").GetDouble(), blank.GetProperty("nullsOf").GetInt32()));
        Assert.Equal(0, blank.GetProperty("columns")[0].GetProperty("nullShare").GetDouble());
        Assert.Contains("counted in every row by the comparison of run 2", await File.ReadAllTextAsync(Path.Combine(target, "report.html")));

        await Postgres.ExecuteAsync(warehouse, "DELETE FROM quality.contracts");
        Assert.Contains("cannot be found", (await ReportAsync(warehouse, target, 0)).GetProperty("missing").GetString());
        Assert.Contains("The contract cannot be shown.", await File.ReadAllTextAsync(Path.Combine(target, "report.html")));
    }

    static JsonElement Blank(JsonElement contract)
    {
        Assert.Equal(JsonValueKind.Null, contract.GetProperty("missing").ValueKind);
        return contract.GetProperty("tables")[1];
    }

    /// <returns>The contract in it.</returns>
    static async Task<JsonElement> ReportAsync(string warehouse, string target, int exitCode)
    {
        Assert.Equal(exitCode, (await QualityProcess.RunAsync("report", "--warehouse", warehouse, "--out", target)).ExitCode);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(target, "report.json")));
        return json.RootElement.GetProperty("pipelines")[0].GetProperty("contract").Clone();
    }
}
