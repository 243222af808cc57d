using System.Text.Json;
using Etl.Documents;
using Quality.Tests.Commands;

namespace Quality.Tests.Initialisation;

public sealed class The_init_command() : CommandTest("init_command")
{
    readonly string folder = QualityProcess.NewFolder();

    protected override Task PrepareAsync() => CommandAsync("shop", w =>
    {
        w.Write("insert", "orders").BeginArray("documents");
        for (int n = 1; n <= 150; n++)
            w.BeginDocument().Write("_id", n).Write("state", n % 2 == 0 ? "paid" : "open").Write("email", $"canary{n}@example.org").WriteDateTime("createdAt", 1_600_000_000_000 + n)
                .BeginArray("lines").BeginDocument().Write("sku", $"s{n}").Write("price", n / 4.0).End().End().End();
        w.End();
    });

    Task<QualityProcess.Outcome> InAsync(params string[] arguments) => QualityProcess.RunAsync(folder, Servers, arguments);

    [Fact]
    public async Task Writes_a_contract_by_which_the_next_two_commands_are_green()
    {
        var init = await InAsync("init", "--collection", "shop.orders");
        Assert.True(init.ExitCode == 0, init.Errors);
        Assert.Contains("shop.orders, shop.lines", init.Output);
        Assert.Contains("quality sync ./shop", init.Errors);
        Assert.Equal(0, (await InAsync("sync", "./shop")).ExitCode);
        Assert.Equal(0, (await InAsync("reconcile", "./shop")).ExitCode);
    }

    [Fact]
    public async Task Prints_what_it_found_as_JSON_without_values()
    {
        var init = await InAsync("init", "--collection", "shop.orders", "--name", "sales", "--out", "made/here", "--json");
        var root = JsonDocument.Parse(init.Output).RootElement;
        Assert.Equal(("sales", Path.Combine("made/here", "contract.yaml")), (root.GetProperty("pipeline").GetString(), root.GetProperty("file").GetString()));
        var dataset = root.GetProperty("datasets")[0];
        Assert.Equal(150, dataset.GetProperty("documents").GetInt64());
        Assert.Equal(["sales.orders", "sales.lines"], dataset.GetProperty("tables").EnumerateArray().Select(t => t.GetString()));
        Assert.Equal(["email"], dataset.GetProperty("personal").EnumerateArray().Select(t => t.GetString()));
        Assert.DoesNotContain("canary", init.Output + init.Errors + File.ReadAllText(Path.Combine(folder, "made/here/contract.yaml")));
    }

    [Fact]
    public async Task Never_replaces_a_contract_unless_told_to()
    {
        string file = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "shop")).FullName, "contract.yaml");
        await File.WriteAllTextAsync(file, "mine");
        var refused = await InAsync("init", "--collection", "shop.orders");
        Assert.Equal(64, refused.ExitCode);
        Assert.Contains("'./shop/contract.yaml' exists. Name another folder with --out, or replace it with --force.", refused.Errors);
        Assert.Equal("mine", await File.ReadAllTextAsync(file));
        Assert.Equal(0, (await InAsync("init", "--collection", "shop.orders", "--force")).ExitCode);
        Assert.Contains("DataContract", await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task Names_a_collection_that_is_missing_and_what_is_near()
    {
        var missing = await InAsync("init", "--collection", "shop.order");
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains("Collection 'shop.order' does not exist", missing.Errors);
        Assert.Contains("Did you mean 'orders'?", missing.Errors);
        Assert.False(Directory.Exists(Path.Combine(folder, "shop")));
    }

    [Fact]
    public async Task Tells_a_script_in_JSON_why_nothing_was_written()
    {
        var missing = await InAsync("init", "--collection", "shop.order", "--json");
        Assert.Equal(2, missing.ExitCode);
        var root = JsonDocument.Parse(missing.Output).RootElement;
        Assert.Equal(JsonValueKind.Null, root.GetProperty("file").ValueKind);
        Assert.Contains("Did you mean 'orders'?", root.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Says_that_a_collection_is_empty()
    {
        await CommandAsync("shop", w => w.Write("create", "nothing"));
        var empty = await InAsync("init", "--collection", "shop.nothing");
        Assert.Equal(2, empty.ExitCode);
        Assert.Contains("Collection 'shop.nothing' is empty", empty.Errors);
    }

    [Theory]
    [InlineData("names no database", "--collection", "orders")]
    [InlineData("reads one database, not shop and crm", "--collection", "shop.orders", "--collection", "crm.users")]
    [InlineData("is given twice", "--collection", "shop.orders", "--collection", "shop.orders")]
    [InlineData("--sample must be from 1 to 1000000, not 0", "--collection", "shop.orders", "--sample", "0")]
    [InlineData("'--collection' is required")]
    public async Task Refuses_wrong_usage(string message, params string[] arguments)
    {
        var outcome = await InAsync(["init", .. arguments]);
        Assert.Equal(64, outcome.ExitCode);
        Assert.Contains(message, outcome.Errors);
    }

    [Fact]
    public async Task Takes_the_database_of_the_URI()
    {
        var outcome = await QualityProcess.RunAsync(folder, Servers, "init", "--mongo", Mongo.Uri.TrimEnd('/') + "/shop", "--collection", "orders");
        Assert.True(outcome.ExitCode == 0, outcome.Errors);
        Assert.True(File.Exists(Path.Combine(folder, "shop", "contract.yaml")));
    }

    [Fact]
    public async Task Says_that_a_login_was_refused()
    {
        await using var locked = Chaos.MongoEmulator.MongoServer.Start(new() { Users = [new("reader", "right")] });
        var outcome = await QualityProcess.RunAsync(folder, Servers, "init", "--mongo", locked.Uri.Replace("mongodb://", "mongodb://reader:wrong-canary@"), "--collection", "shop.orders");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("refused the login", outcome.Errors);
        Assert.DoesNotContain("canary", outcome.Errors);
    }
}
