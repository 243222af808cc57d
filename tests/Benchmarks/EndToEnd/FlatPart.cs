namespace Benchmarks.EndToEnd;

/// <summary>First load of flat documents against `psql \copy`; then again with nothing and with a tenth changed.</summary>
static class FlatPart
{
    const string Table = "flat.accounts";
    static readonly string[] Tables = [Table];

    public static string Pipeline => Path.Combine(AppContext.BaseDirectory, "flat");

    public static async Task RunAsync(Bench bench)
    {
        int documents = bench.Options.Documents;
        await using var emulator = await EmulatorProcess.StartAsync(bench.Cancellation);
        double size = await FlatDocuments.FillAsync(emulator.Uri, "flat", documents, bench.Cancellation);
        bench.Say($"flat: {documents:N0} documents of {size:N0} bytes on average, one table of 12 columns and Quality's four");
        List<double> first = [], firstProcess = [], again = [], changed = [];
        for (int round = 0; round < bench.Options.Rounds; round++)
        {
            string warehouse = await bench.Warehouse.DatabaseAsync("flat");
            var loaded = bench.Tell("first load", (await bench.SyncAsync(Pipeline, emulator.Database("flat"), warehouse)).Wrote("The first load", documents, 0));
            var copied = bench.Tell("psql \\copy", await bench.Warehouse.CopyAsync(warehouse, Tables, bench.Cancellation));
            var same = bench.Tell("again, nothing changed", (await bench.SyncAsync(Pipeline, emulator.Database("flat"), warehouse)).Wrote("A sync without changes", 0, 0));
            int touched = await FlatDocuments.ChangeTenthAsync(emulator.Uri, "flat", documents, round, bench.Cancellation);
            var tenth = bench.Tell("again, a tenth changed", (await bench.SyncAsync(Pipeline, emulator.Database("flat"), warehouse)).Wrote("A sync with a tenth changed", 0, touched));
            first.Add(loaded.Rate / copied.Rate);
            firstProcess.Add(loaded.ProcessRate / copied.ProcessRate);
            again.Add(same.Rate / loaded.Rate);
            changed.Add(tenth.Rate / loaded.Rate);
        }
        await bench.Warehouse.DropAsync("flat");
        bench.Add(Goal.Ratio("flat", "first load : psql \\copy", first, 0.9));
        bench.Add(Goal.Ratio("flat", "first load : psql \\copy, whole processes", firstProcess, null));
        bench.Add(Goal.Ratio("flat", "again, nothing changed : first load", again, 1.0));
        bench.Add(Goal.Ratio("flat", "again, a tenth changed : first load", changed, 0.7));
    }
}
