using System.Diagnostics;
using System.Text.Json.Nodes;
using Quality.Tests.Commands;
using Tests.Shared;

namespace Quality.Tests.Acceptance;

/// <summary>An HTTP API in, tables out, by the built executable; a Python script that knows nothing of it asks the same API and computes what they must hold.</summary>
[Trait("Category", "Foreign")]
public sealed class The_product_events_pipeline
{
    const string Database = "acceptance_product_events", Token = "s3cret-of-the-api", Url = "QUALITY_PRODUCT_EVENTS_URL", TokenVariable = "QUALITY_PRODUCT_EVENTS_TOKEN", Events = "product_events.user_events";

    // With seed 8 there is a day without events among them, and the API misbehaves on others.
    const string From = "2024-01-01", To = "2024-01-07", Seed = "8";

    static async Task<PipelineRun> CreateAsync(string name)
    {
        var run = await PipelineRun.CreateAsync("product-events", name);
        run.Environment["PRODUCT_EVENTS_PER_DAY"] = "40";
        run.Environment[TokenVariable] = Token;
        return run;
    }

    /// <summary>Tables of the contract and of the marts that have rows of their own.</summary>
    static string[] Written(ScriptedTables expected) => [.. expected.Tables.Keys.Concat(expected.Marts.Keys).Where(t => !t.EndsWith("_view", StringComparison.Ordinal))];

    [Fact]
    public async Task Gives_what_a_script_computes_from_an_API_that_misbehaves_and_finds_and_mends_what_SQL_changed()
    {
        await using var run = await CreateAsync(Database);
        await using var api = QualityProcess.Start(run.Folder, run.Environment, "generate", "product-events", "--live", "--port", "0", "--days", "7", "--seed", Seed);
        string uri = run.Environment[Url] = (await api.SaysAsync($"{Url}=")).Split('=')[1].Trim();
        var books = await run.SyncAsync("--from", From, "--to", To);
        Assert.True(PipelineRun.Count(books.GetProperty("effort"), "retries") > 0, "the API never misbehaved");
        var expected = await ScriptedTables.ComputeAsync("product_events_tables.py", uri, From, To, Token);
        Assert.True(expected.Count("empty") > 0 && expected.Count("events") > expected.Count("keys"));
        Assert.Equal(expected.Count("events"), PipelineRun.Count(PipelineRun.Dataset(books, "user_events"), "read"));
        await expected.AssertHeldByAsync(run.Warehouse);
        await run.ReconcileAsync("reconciled"); // the days are those that were synced
        await run.AssertChangesNothingAsync(Written(expected), "--from", From, "--to", To);
        await run.AssertFindsAndMendsAsync(expected);
        await run.AssertChangesNothingAsync(Written(expected), "--from", "2024-01-02", "--to", "2024-01-04");
        await run.ReconcileAsync("reconciled", "--from", "2024-01-02", "--to", "2024-01-04");
        await run.ReconcileAsync("reconciled");

        run.Environment[TokenVariable] = "another-secret";
        var refused = await run.TrySyncAsync("--from", From, "--to", To);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("401", refused.Errors);
        Assert.Contains(TokenVariable, refused.Errors);
        Assert.DoesNotContain("another-secret", refused.Errors + refused.Output);
        Assert.Equal("unknown", refused.Json.GetProperty("verdict").GetString());
        await expected.AssertHeldByAsync(run.Warehouse);

        api.Signal(QualityProcess.Terminate);
        Assert.Equal(0, (await api.EndAsync()).ExitCode);
        await run.ReconcileAsync("unknown");
    }

    [Fact]
    public async Task Killed_in_the_middle_and_run_again_ends_as_if_nothing_had_happened()
    {
        await using var run = await CreateAsync($"{Database}_killed");
        string folder = Path.Combine(run.Folder, "days");
        await run.GenerateAsync("--days", "7", "--seed", Seed, "--out", folder);
        using var api = new DayServer(folder);
        run.Environment[Url] = api.Uri;
        const string held = "2024-01-04";
        api.Hold(held);
        await using (var sync = run.StartSync("--from", From, "--to", To))
        {
            var waited = Stopwatch.StartNew();
            while (await run.Warehouse.CountAsync($"SELECT count(*) FROM pg_tables WHERE schemaname = 'product_events' AND tablename = 'user_events'") == 0 || await run.Warehouse.CountAsync($"SELECT count(*) FROM {Events}") == 0)
            {
                Assert.True(waited.Elapsed < TimeSpan.FromSeconds(60), "nothing was loaded within a minute");
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }
            sync.Signal(QualityProcess.Kill);
            Assert.NotEqual(0, (await sync.EndAsync()).ExitCode);
        }
        api.Release(held);
        var expected = await ScriptedTables.ComputeAsync("product_events_tables.py", folder, From, To);
        Assert.InRange(await run.Warehouse.CountAsync($"SELECT count(*) FROM {Events}"), 1, expected.Count("keys") - 1);
        await run.ReconcileAsync("mismatched", "--from", From, "--to", To);

        await run.SyncAsync("--from", From, "--to", To);
        await expected.AssertHeldByAsync(run.Warehouse);
        await run.ReconcileAsync("reconciled");
        await using var undisturbed = await run.AnotherAsync($"{Database}_undisturbed");
        await undisturbed.SyncAsync("--from", From, "--to", To);
        foreach (string table in Written(expected))
            Assert.Equal(await undisturbed.Warehouse.ContentsAsync(table), await run.Warehouse.ContentsAsync(table));
    }

    [Fact]
    public async Task Takes_what_the_API_says_later_of_a_day_and_of_a_key_what_a_later_day_says()
    {
        await using var run = await CreateAsync($"{Database}_corrected");
        string folder = Path.Combine(run.Folder, "days");
        await run.GenerateAsync("--days", "4", "--out", folder);
        using var api = new DayServer(folder);
        run.Environment[Url] = api.Uri;
        await run.SyncAsync("--from", "2024-01-02", "--to", "2024-01-04");
        await run.SyncAsync("--from", "2024-01-01", "--to", "2024-01-01"); // an earlier day, later
        await AssertAsync();

        // The first day is corrected: other content, another order, and an event that the second day tells as well.
        var first = JsonNode.Parse(await File.ReadAllTextAsync(api.FileOf("2024-01-01"), TestContext.Current.CancellationToken))!.AsArray();
        var second = JsonNode.Parse(await File.ReadAllTextAsync(api.FileOf("2024-01-02"), TestContext.Current.CancellationToken))!.AsArray();
        var corrected = new JsonArray([.. first.Reverse().Select(e => e!.DeepClone())]);
        foreach (var one in corrected.Where((_, i) => i % 3 == 0))
            one!["data"]!["path"] = "/corrected";
        var both = second[^1]!.DeepClone();
        both["data"]!["path"] = "/of the first day";
        corrected.Add(both);
        await File.WriteAllTextAsync(api.FileOf("2024-01-01"), corrected.ToJsonString(), TestContext.Current.CancellationToken);
        await run.ReconcileAsync("mismatched");
        await run.SyncAsync("--from", "2024-01-01", "--to", "2024-01-01");
        var expected = await AssertAsync();
        Assert.True(await run.Warehouse.CountAsync($"SELECT count(*) FROM {Events} WHERE path = '/corrected'") > 10);
        Assert.Equal(0, await run.Warehouse.CountAsync($"SELECT count(*) FROM {Events} WHERE path = '/of the first day'"));
        await run.AssertChangesNothingAsync(Written(expected), "--from", "2024-01-01", "--to", "2024-01-04");

        async Task<ScriptedTables> AssertAsync()
        {
            var computed = await ScriptedTables.ComputeAsync("product_events_tables.py", folder, "2024-01-01", "2024-01-04");
            await computed.AssertHeldByAsync(run.Warehouse);
            await run.ReconcileAsync("reconciled");
            return computed;
        }
    }
}
