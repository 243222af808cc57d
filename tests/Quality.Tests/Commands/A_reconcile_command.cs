using System.Text.Json;
using System.Xml.Linq;
using Etl.Documents;
using Etl.Sources.Mongo;
using Tests.Shared;

namespace Quality.Tests.Commands;

/// <summary>What CI and scripts see of a reconciliation: exit code, JSON and JUnit file say the same.</summary>
[Trait("Category", "Long")]
public sealed class A_reconcile_command() : CommandTest("reconcile_command")
{
    readonly string junit = Path.Combine(Scratch.Folder("junit"), "out.xml");

    protected override async Task PrepareAsync()
    {
        await CommunityServer.FillAsync(Mongo, days: 25, signUpsPerDay: 20);
        Assert.Equal(0, (await RunAsync("sync", "community")).ExitCode);
    }

    async Task<(int ExitCode, JsonElement Json, string[] Failures, string[] Errors)> ReconcileAsync(params string[] more)
    {
        File.Delete(junit);
        var run = await RunAsync(["reconcile", "community", "--json", "--junit", junit, .. more]);
        var xml = XDocument.Load(junit);
        return (run.ExitCode, run.Json, Messages(xml, "failure"), Messages(xml, "error"));
    }

    static string[] Messages(XDocument xml, string kind) => [.. xml.Descendants(kind).Select(f => f.Attribute("message")!.Value)];

    static long Sum(JsonElement json, string name) => json.GetProperty("datasets").EnumerateArray().Sum(d => d.GetProperty(name).GetInt64());

    [Fact]
    public async Task Is_0_for_equal_sides_1_for_planted_differences_and_0_once_they_are_mended()
    {
        var clean = await ReconcileAsync();
        Assert.Equal((0, "reconciled", 0, 0), (clean.ExitCode, clean.Json.GetProperty("verdict").GetString(), clean.Failures.Length, clean.Errors.Length));
        Assert.NotEmpty(clean.Json.GetProperty("checks").EnumerateArray());

        await Postgres.ExecuteAsync(Warehouse, "DELETE FROM community.users WHERE user_id = (SELECT min(user_id) FROM community.users); UPDATE community.groups SET health_coach = 'x'");
        var planted = await ReconcileAsync();
        Assert.Equal((1, "mismatched", 2), (planted.ExitCode, planted.Json.GetProperty("verdict").GetString(), planted.Failures.Length));
        Assert.Equal((1L, 0L), (Sum(planted.Json, "missing"), Sum(planted.Json, "inFlight")));

        var dry = await ReconcileAsync("--repair", "--dry-run", "--settle", "0");
        Assert.Equal((1, true, 2), (dry.ExitCode, dry.Json.GetProperty("repair").GetProperty("dryRun").GetBoolean(), dry.Json.GetProperty("repair").GetProperty("plan").GetArrayLength()));
        Assert.Equal(1, (await ReconcileAsync("--settle", "0")).ExitCode);
        Assert.Equal(0, (await ReconcileAsync("--repair", "--settle", "0")).ExitCode);
    }

    [Fact]
    public async Task Is_0_for_writes_that_settle_and_2_for_those_that_do_not()
    {
        using var writer = MongoConnection.Open(Mongo.Uri);
        await SetAsync("x0");
        var settling = ReconcileAsync();
        while (await Postgres.ScalarAsync(Warehouse, "SELECT count(*) FROM quality.runs WHERE command = 'reconcile'") is 0L)
            await Task.Delay(20);
        await Task.Delay(1_500); // it has looked once by then
        Assert.Equal(0, (await RunAsync("sync", "community")).ExitCode);
        var settled = await settling;
        Assert.Equal((0, "reconciled", 0), (settled.ExitCode, settled.Json.GetProperty("verdict").GetString(), settled.Failures.Length));

        using var stop = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
                await SetAsync($"y{i}");
        });
        var moving = await ReconcileAsync("--settle", "1500ms");
        await stop.CancelAsync();
        await writing;
        Assert.Equal((2, "unknown", 0L, 1), (moving.ExitCode, moving.Json.GetProperty("verdict").GetString(), Sum(moving.Json, "changed"), moving.Errors.Length));
        var groups = moving.Json.GetProperty("datasets").EnumerateArray().Single(d => d.GetProperty("table").GetString() == "groups");
        Assert.True(groups.GetProperty("inFlight").GetInt64() > 0 && groups.GetProperty("oldestInFlightSeconds").GetDouble() >= 1);

        Task SetAsync(string coach) => writer.CommandAsync("secondNature", Bson.Make(w => w.Write("update", "groups").BeginArray("updates").BeginDocument()
            .BeginDocument("q").End().BeginDocument("u").BeginDocument("$set").Write("healthCoach", coach).End().End().Write("multi", true).End().End()));
    }

    [Fact]
    public async Task Is_2_for_a_server_that_is_not_there_and_the_report_says_so()
    {
        var gone = await ReconcileAsync("--mongo", "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200");
        Assert.Equal((2, "unknown", 1), (gone.ExitCode, gone.Json.GetProperty("verdict").GetString(), gone.Errors.Length));
    }

    [Fact]
    public async Task Is_2_for_a_part_unless_its_bound_is_accepted()
    {
        var part = await ReconcileAsync("--budget-rows", "1", "--seed", "4");
        double bound = part.Json.GetProperty("bound").GetDouble();
        Assert.Equal((2, "unknown", 4L), (part.ExitCode, part.Json.GetProperty("verdict").GetString(), part.Json.GetProperty("seed").GetInt64()));
        Assert.InRange(part.Json.GetProperty("coverage").GetDouble(), 0.01, 0.9);
        Assert.InRange(bound, 0.1, 0.98);
        Assert.Contains(part.Errors, e => e.Contains("with 99 % confidence fewer than", StringComparison.Ordinal));

        var accepted = await ReconcileAsync("--budget", "1ms", "--seed", "4", "--accept-bound", "99%");
        Assert.Equal((0, "reconciled", 0), (accepted.ExitCode, accepted.Json.GetProperty("verdict").GetString(), accepted.Errors.Length));
        Assert.Equal(2, (await ReconcileAsync("--budget-rows", "1", "--seed", "4", "--accept-bound", "1%")).ExitCode);

        var everything = await ReconcileAsync("--budget", "5m");
        Assert.Equal((0, 1.0, JsonValueKind.Null), (everything.ExitCode, everything.Json.GetProperty("coverage").GetDouble(), everything.Json.GetProperty("bound").ValueKind));
    }

    [Theory]
    [InlineData("--settle must be a time", "--settle", "soon")]
    [InlineData("--settle must be a time", "--settle", "25h")]
    [InlineData("--accept-bound goes with --budget", "--accept-bound", "5%")]
    [InlineData("--accept-bound must be a share", "--budget", "1s", "--accept-bound", "0%")]
    [InlineData("--budget does not go with --repair", "--budget", "1s", "--repair")]
    [InlineData("--budget must be more than 0", "--budget", "0")]
    [InlineData("--budget-rows must be at least 1", "--budget-rows", "0")]
    [InlineData("leave --level counts out", "--budget", "1s", "--level", "counts")]
    [InlineData("leave --from and --to out", "--budget", "1s", "--from", "2024-01-01")]
    [InlineData("--dry-run goes with --repair", "--dry-run")]
    [InlineData("name it by --dataset", "--where", "{}")]
    [InlineData("no filter in Extended JSON", "--where", "age > 3", "--dataset", "users")]
    [InlineData("--where does not go with a budget", "--where", "{}", "--dataset", "users", "--budget", "1s")]
    [InlineData("--junit names a file in a folder that exists", "--junit", "no/such/folder/out.xml")]
    public async Task Is_64_for_options_that_make_no_sense(string says, params string[] options) =>
        Assert.Contains(says, (await RunAsync(["reconcile", "community", .. options])).Refused(64));

    [Fact]
    public async Task Refuses_a_filter_where_the_source_knows_none()
    {
        Assert.Contains("which knows no filter", (await RunAsync("reconcile", "product-events", "--where", "{}", "--dataset", Dataset("product-events"))).Refused(64));

        static string Dataset(string pipeline) => Etl.Contracts.ContractReader.Read(Path.Combine(AppContext.BaseDirectory, "Pipelines", pipeline)).Datasets[0].Name;
    }

    [Fact]
    public async Task Judges_what_a_filter_selects()
    {
        await Postgres.ExecuteAsync(Warehouse, "UPDATE community.users SET gender = 'x' WHERE age < 40");
        Assert.Equal(0, (await ReconcileAsync("--dataset", "users", "--where", """{"age": {"$gte": 40}}""")).ExitCode);
        Assert.Equal(1, (await ReconcileAsync("--dataset", "users", "--where", """{"age": {"$lt": 40}}""", "--settle", "0")).ExitCode);
    }
}
