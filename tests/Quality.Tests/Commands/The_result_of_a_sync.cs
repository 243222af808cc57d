using System.Text.Json;
using Quality.Tests.Reconciliation;

namespace Quality.Tests.Commands;

/// <summary>What a sync says besides its books: the contract's questions to the Warehouse, and what reading the source took.</summary>
public sealed class The_result_of_a_sync() : CommandTest("result_of_a_sync")
{
    const string Warning = ", severity: warning";

    protected override async Task PrepareAsync()
    {
        await CommandAsync("small", w => w.Write("create", "blank"));
        await CommandAsync("small", w => w.Write("insert", "keys").BeginArray("documents").BeginDocument("0").Write("_id", 1).End().End());
    }

    Task<QualityProcess.Outcome> SyncAsync(string contract, params string[] more) => RunAsync(["sync", contract, .. more]);

    /// <summary>The collection 'blank' has no documents, so its table has no rows.</summary>
    static string Contract(string severity)
    {
        string folder = SmallContract.Write();
        File.AppendAllText(Path.Combine(folder, "contract.yaml"), $$"""

                quality:
                  - { name: never many, metric: rowCount, mustBeLessThan: 10 }
                  - { name: some rows, metric: rowCount, mustBeGreaterThan: 0{{severity}} }
                  - { name: small ids, type: sql, query: "SELECT max(id) FROM ${table}", mustBeLessThan: 10, severity: warning }
            """);
        return folder;
    }

    [Fact]
    public async Task Lists_every_check_with_its_measure()
    {
        var sync = await SyncAsync(Contract(Warning), "--json", "--workers", "1");
        Assert.True(sync.ExitCode == 0, sync.Errors);
        Assert.Equal(
            [("never many", "0", "less than 10", "rows", "True", "False"), ("some rows", "0", "more than 0", "rows", "False", "True"), ("small ids", "", "less than 10", "rows", "", "True")],
            sync.Json.GetProperty("checks").EnumerateArray().Select(c => (Text(c, "name"), Text(c, "measured"), Text(c, "expected"), Text(c, "unit"), Text(c, "holds"), Text(c, "warns"))));
        Assert.Equal((0, 0, 0, 0), (Number("retries"), Number("reopened"), Number("timedOut"), sync.Json.GetProperty("effort").GetProperty("remarks").GetArrayLength()));

        int Number(string name) => sync.Json.GetProperty("effort").GetProperty(name).GetInt32();
    }

    static string Text(JsonElement check, string name) => $"{check.GetProperty(name)}";

    [Fact]
    public async Task Says_in_a_sentence_what_is_broken_and_what_is_unknown()
    {
        var sync = await SyncAsync(Contract(Warning));
        Assert.True(sync.ExitCode == 0, sync.Errors);
        Assert.Contains("never many", sync.Output);
        Assert.Contains("Check 'some rows' on small.blank: measured 0 rows, must be more than 0. The rows stay. It warns only.", sync.Errors);
        Assert.Contains("Check 'small ids' on small.blank is unknown: there is nothing to measure. It warns only.", sync.Errors);
        Assert.DoesNotContain("Check 'never many'", sync.Errors);
        Assert.DoesNotContain("Reading the source took", sync.Errors);
    }

    [Fact]
    public async Task Is_mismatched_where_a_check_that_counts_is_broken()
    {
        var sync = await SyncAsync(Contract(""));
        Assert.Equal(1, sync.ExitCode);
        Assert.Contains("must be more than 0. The rows stay.", sync.Errors);
        Assert.DoesNotContain("more than 0. The rows stay. It warns only", sync.Errors);
    }
}
