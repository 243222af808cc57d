using Etl.Contracts;

namespace Benchmarks.EndToEnd;

/// <summary>First load of the community's three collections into six tables, against `psql \copy` of the same rows, one table after the other.</summary>
static class CommunityPart
{
    const string Pipeline = "community", Database = "secondNature";
    const int Days = 30;

    public static async Task RunAsync(Bench bench)
    {
        var contract = ContractReader.Read(Path.Combine(AppContext.BaseDirectory, "Pipelines", Pipeline));
        await using var emulator = await EmulatorProcess.StartAsync(bench.Cancellation);
        await ChildProcess.RunAsync(ChildProcess.Quality, ["generate", Pipeline, "--days", $"{Days}", "--mongo", emulator.Database(Database)],
            new Dictionary<string, string> { ["USER_SIGN_UPS_PER_SCALED_DAY"] = $"{bench.Options.SignUpsPerDay}" }, bench.Cancellation);
        bench.Say($"community: {bench.Options.SignUpsPerDay:N0} users sign up on each of {Days} days, {contract.Tables.Count()} tables");
        List<double> first = [], whole = [];
        for (int round = 0; round < bench.Options.Rounds; round++)
        {
            string warehouse = await bench.Warehouse.DatabaseAsync("community");
            var loaded = bench.Tell("first load", await bench.SyncAsync(Pipeline, emulator.Database(Database), warehouse));
            var copied = bench.Tell("psql \\copy", await bench.Warehouse.CopyAsync(warehouse, [.. contract.Tables.Select(t => t.Sql)], bench.Cancellation));
            loaded.Wrote("The first load", copied.Rows, 0);
            // Rows that are in the tables, not rows produced: a plan that is repeated in each user is copied once.
            first.Add(copied.Rows / loaded.LoadSeconds / copied.Rate);
            whole.Add(copied.Rows / loaded.ProcessSeconds / copied.ProcessRate);
        }
        await bench.Warehouse.DropAsync("community");
        bench.Add(Goal.Ratio("community", "first load : psql \\copy, six tables", first, 0.7));
        bench.Add(Goal.Ratio("community", "first load : psql \\copy, whole processes", whole, null));
    }
}
