using System.Text.Json;
using Etl.Documents;
using Etl.Sources.Mongo;
using Npgsql;
using Tests.Shared;

namespace Quality.Tests.Commands;

/// <summary>Loads of a few seconds, on servers that are given; the numbers are the machine's, so only what must hold on any is asked.</summary>
public sealed class A_load_test() : CommandTest("load")
{
    protected override Task PrepareAsync() => CommunityServer.FillAsync(Mongo, days: 10, signUpsPerDay: 10);

    Task<QualityProcess.Outcome> LoadAsync(params string[] arguments) => RunAsync(["load", "community", "--writes-allowed", "--json", .. arguments]);

    async Task<long> DocumentsAsync(string collection)
    {
        using var connection = MongoConnection.Open(Mongo.Uri);
        var reader = new BsonReader(await connection.CommandAsync("secondNature", Bson.Make(w => w.Write("count", collection))));
        Assert.True(Bson.Find(ref reader, "n"u8));
        return reader.Int32;
    }

    static JsonElement Step(JsonElement scenario, string name) => scenario.GetProperty("steps").EnumerateArray().Single(s => s.GetProperty("step").GetString() == name);

    [Theory]
    [InlineData("snapshot", "sync")]
    [InlineData("sync-under-writes", "insert", "update", "delete", "sync")]
    [InlineData("reconcile-under-load", "insert", "reconcile")]
    [InlineData("spike", "insert", "update", "delete", "sync")]
    [InlineData("soak", "insert", "update", "delete", "sync")]
    [Trait("Category", "Long")]
    public async Task Measures_and_reconciles_afterwards(string name, params string[] steps)
    {
        long users = await DocumentsAsync("users");
        var outcome = await LoadAsync("--scenario", name, "--duration", "3s", "--rate", "40", "--seed", "5", "--threshold", "failures < 100 %");
        var scenario = Assert.Single(outcome.Json.GetProperty("scenarios").EnumerateArray());
        Assert.True(outcome.ExitCode == 0, $"{scenario} {outcome.Errors}");
        Assert.Equal((name, "reconciled", 5), (scenario.GetProperty("scenario").GetString(), scenario.GetProperty("verdict").GetString(), outcome.Json.GetProperty("seed").GetInt32()));
        Assert.Equal(steps, scenario.GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("step").GetString()));
        foreach (string step in steps)
        {
            var measured = Step(scenario, step);
            long operations = measured.GetProperty("operations").GetInt64();
            Assert.True(operations > 0 && measured.GetProperty("documents").GetInt64() > 0, $"{measured}");
            double[] figures = [.. new[] { "min", "p50", "p75", "p95", "p99", "p999", "max" }.Select(f => measured.GetProperty("latency").GetProperty(f).GetDouble())];
            Assert.Equal(figures.Order(), figures);
            Assert.Equal(operations, measured.GetProperty("series").EnumerateArray().Sum(p => p.GetProperty("operations").GetInt64()));
        }
        Assert.True(scenario.GetProperty("peakMemory").GetInt64() > 10 << 20);

        // The source is as it was, the pipeline's own tables were never made, and the load's database is gone.
        Assert.Equal(users, await DocumentsAsync("users"));
        Assert.Equal(DBNull.Value, await Postgres.ScalarAsync(Warehouse, "SELECT to_regclass('community.users')::text") ?? DBNull.Value);
        Assert.Equal(0L, await Postgres.ScalarAsync(Warehouse, "SELECT count(*) FROM pg_database WHERE datname LIKE 'quality_load_%'"));
        Assert.Equal((long)steps.Length, await Postgres.ScalarAsync(Warehouse, $"SELECT count(*) FROM quality.load_steps JOIN quality.load_results USING (run_id, scenario) WHERE scenario = '{name}' AND operations > 0"));
        Assert.Equal("reconciled", await Postgres.ScalarAsync(Warehouse, "SELECT verdict FROM quality.runs WHERE command = 'load'"));
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task Fails_where_a_threshold_is_passed_and_shows_it_in_the_report()
    {
        string folder = QualityProcess.NewFolder();
        Task<QualityProcess.Outcome> Run(params string[] arguments) => QualityProcess.RunAsync(folder, Servers, arguments);
        var outcome = await Run("load", "community", "--scenario", "snapshot", "--duration", "1s", "--threshold", "sync p50 < 1 us", "--threshold", "failures < 1 %", "--json");
        var scenario = outcome.Json.GetProperty("scenarios")[0];
        Assert.Equal((1, "mismatched"), (outcome.ExitCode, scenario.GetProperty("verdict").GetString()));
        Assert.StartsWith("1 of 2 thresholds were passed; 'sync p50 < 1 us': sync ", scenario.GetProperty("reason").GetString());
        Assert.Equal([false, true], scenario.GetProperty("thresholds").EnumerateArray().Select(t => t.GetProperty("holds").GetBoolean()));

        var report = await Run("report", "--json");
        string page = Path.Combine(folder, report.Json.GetProperty("page").GetString()!);
        string html = await File.ReadAllTextAsync(page);
        Assert.Contains("Load: snapshot", html);
        Assert.Contains("sync p50 &lt; 1 us", html);
        Assert.DoesNotContain("No load test has been run.", html);
        using var facts = JsonDocument.Parse(await File.ReadAllTextAsync(Path.ChangeExtension(page, ".json")));
        Assert.Equal("snapshot", facts.RootElement.GetProperty("pipelines")[0].GetProperty("loads")[0].GetProperty("scenario").GetString());
    }

    /// <summary>Somebody else writes all the time, and nobody syncs it: to the load that is documents lost, and differences that it did not make.</summary>
    [Theory]
    [InlineData("snapshot")]
    [InlineData("reconcile-under-load")]
    [Trait("Category", "Long")]
    public async Task Finds_what_is_not_of_its_own_making(string name)
    {
        var load = LoadAsync("--scenario", name, "--duration", "2s");
        using (var connection = MongoConnection.Open(Mongo.Uri))
            for (int i = 0; !load.IsCompleted; i++)
            {
                byte[] id = [.. BitConverter.GetBytes(i), .. new byte[8]];
                await connection.CommandAsync("secondNature", Bson.Make(w => w.Write("insert", "groups").BeginArray("documents").BeginDocument().WriteObjectId("_id", id).End().End()));
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }
        var outcome = await load;
        var scenario = outcome.Json.GetProperty("scenarios")[0];
        Assert.Equal((1, "mismatched"), (outcome.ExitCode, scenario.GetProperty("verdict").GetString()));
        Assert.StartsWith("After the load, source and warehouse differ: ", scenario.GetProperty("reason").GetString());
        if (name == "reconcile-under-load")
            Assert.Equal("differences were reported that the load did not make", Step(scenario, "reconcile").GetProperty("reasons")[0].GetProperty("reason").GetString());
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task Leaves_nothing_behind_when_it_is_interrupted()
    {
        long users = await DocumentsAsync("users");
        await using var child = QualityProcess.Start(QualityProcess.NewFolder(), Servers, "load", "community", "--scenario", "soak", "--duration", "1h", "--writes-allowed", "--json");
        while (await DocumentsAsync("users") < users + 20 && !child.HasEnded) // the load's own
            await Task.Delay(50, TestContext.Current.CancellationToken);
        child.Signal(QualityProcess.Interrupt);
        var outcome = await child.EndAsync();
        Assert.Equal((130, true), (outcome.ExitCode, outcome.Json.GetProperty("interrupted").GetBoolean()));
        Assert.Equal(users, await DocumentsAsync("users"));
        Assert.Equal(0L, await Postgres.ScalarAsync(Warehouse, "SELECT count(*) FROM pg_database WHERE datname LIKE 'quality_load_%'"));
        Assert.Equal("Interrupted.", await Postgres.ScalarAsync(Warehouse, "SELECT reason FROM quality.runs WHERE command = 'load'"));
    }

    [Fact]
    public async Task Does_not_drop_a_database_that_somebody_else_made()
    {
        await Postgres.ExecuteAsync(Warehouse, "DROP DATABASE IF EXISTS quality_load_community WITH (FORCE)");
        await Postgres.ExecuteAsync(Warehouse, "CREATE DATABASE quality_load_community");
        try
        {
            var outcome = await LoadAsync("--scenario", "snapshot", "--duration", "1s");
            Assert.Equal((2, "unknown"), (outcome.ExitCode, outcome.Json.GetProperty("verdict").GetString()));
            Assert.Contains("somebody else has made one of that name", outcome.Errors);
            Assert.Equal(1L, await Postgres.ScalarAsync(Warehouse, "SELECT count(*) FROM pg_database WHERE datname = 'quality_load_community'"));
        }
        finally
        {
            await Postgres.ExecuteAsync(Warehouse, "DROP DATABASE quality_load_community WITH (FORCE)");
        }
    }

    [Fact]
    public async Task Says_what_to_do_where_no_database_may_be_made()
    {
        await Postgres.ExecuteAsync(Warehouse, "DROP ROLE IF EXISTS narrow; CREATE ROLE narrow LOGIN PASSWORD 'narrow'");
        await Postgres.ExecuteAsync(Warehouse, "GRANT CREATE ON DATABASE load TO narrow");
        string narrow = new NpgsqlConnectionStringBuilder(Warehouse) { Username = "narrow", Password = "narrow" }.ConnectionString;
        var outcome = await QualityProcess.RunAsync("load", "community", "--scenario", "snapshot", "--mongo", Mongo.Uri, "--warehouse", narrow);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("CREATEDB", outcome.Errors);
    }

    [Fact]
    public async Task Writes_into_a_given_source_only_when_it_is_allowed_to()
    {
        long users = await DocumentsAsync("users");
        string line = (await RunAsync("load", "community", "--duration", "1s")).Refused(64);
        Assert.Contains("--writes-allowed", line);
        Assert.Contains("sync-under-writes, reconcile-under-load, spike", line);
        Assert.Equal(users, await DocumentsAsync("users"));
    }

    [Theory]
    [InlineData("load cards", "reads files")]
    [InlineData("load community --scenario snapshto", "Did you mean 'snapshot'?")]
    [InlineData("load community --duration 30", "such as 30s, 5m or 1.5h, not '30'")]
    [InlineData("load community --duration 0.5s", "from 1s to 168h")]
    [InlineData("load community --rate 0", "from 1 to 100000 writes a second, not 0")]
    [InlineData("load community --threshold p99<1", "'p99<1' is no threshold.")]
    [InlineData("load community --scenario snapshot --threshold insert|p99<1ms", "is about step 'insert', which snapshot does not have. Steps: sync.")]
    public async Task Refuses_what_makes_no_sense(string arguments, string says) =>
        Assert.Contains(says, (await QualityProcess.RunAsync([.. arguments.Split(' ').Select(a => a.Replace('|', ' '))])).Refused(64));
}
