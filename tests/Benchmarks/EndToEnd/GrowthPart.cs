namespace Benchmarks.EndToEnd;

/// <summary>Syncing again eight times as many documents must take about eight times as long: a loader that looks at everything for each batch shows here.</summary>
static class GrowthPart
{
    const int Times = 8;

    /// <summary>A quadratic part that takes a fifth of the time at n makes this 2.4; noise and the fixed costs of a run do not.</summary>
    const double MostTimesPerDocument = 1.6;

    public static async Task RunAsync(Bench bench)
    {
        var small = await MeasureAsync(bench, bench.Options.Documents / Times);
        var large = await MeasureAsync(bench, bench.Options.Documents);
        foreach (var (what, index) in ((string, int)[])[("nothing changed", 0), ("a tenth changed", 1)])
        {
            double ratio = large[index].LoadSeconds / large[index].Documents / (small[index].LoadSeconds / small[index].Documents);
            bench.Add(new Goal("growth", $"again, {what}: time per document at {Times} n : at n", ratio, "×", MostTimesPerDocument, false, [ratio]));
        }
    }

    static async Task<SyncMeasure[]> MeasureAsync(Bench bench, int documents)
    {
        await using var emulator = await EmulatorProcess.StartAsync(bench.Cancellation);
        await FlatDocuments.FillAsync(emulator.Uri, "flat", documents, bench.Cancellation);
        string warehouse = await bench.Warehouse.DatabaseAsync("growth");
        bench.Say($"growth: {documents:N0} flat documents");
        (await bench.SyncAsync(FlatPart.Pipeline, emulator.Database("flat"), warehouse)).Wrote("The first load", documents, 0);
        var same = bench.Tell("again, nothing changed", (await bench.SyncAsync(FlatPart.Pipeline, emulator.Database("flat"), warehouse)).Wrote("A sync without changes", 0, 0));
        int touched = await FlatDocuments.ChangeTenthAsync(emulator.Uri, "flat", documents, 0, bench.Cancellation);
        var tenth = bench.Tell("again, a tenth changed", (await bench.SyncAsync(FlatPart.Pipeline, emulator.Database("flat"), warehouse)).Wrote("A sync with a tenth changed", 0, touched));
        await bench.Warehouse.DropAsync("growth");
        return [same, tenth];
    }
}
