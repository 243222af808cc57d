namespace Benchmarks.EndToEnd;

/// <summary>The most memory that a first load and a second sync take, at two sizes.</summary>
static class MemoryPart
{
    public const double MostMegabytes = 300;

    public static async Task RunAsync(Bench bench)
    {
        foreach (int documents in bench.Options.MemoryDocuments)
        {
            await using var emulator = await EmulatorProcess.StartAsync(bench.Cancellation);
            await FlatDocuments.FillAsync(emulator.Uri, "flat", documents, bench.Cancellation);
            string warehouse = await bench.Warehouse.DatabaseAsync("memory");
            bench.Say($"memory: {documents:N0} flat documents");
            var first = bench.Tell("first load", (await bench.SyncAsync(FlatPart.Pipeline, emulator.Database("flat"), warehouse)).Wrote("The first load", documents, 0));
            var again = bench.Tell("again, nothing changed", (await bench.SyncAsync(FlatPart.Pipeline, emulator.Database("flat"), warehouse)).Wrote("A sync without changes", 0, 0));
            double[] peaks = [.. new[] { first, again }.Select(m => m.PeakBytes / 1e6)];
            if (peaks.Any(p => p == 0))
                throw new PlatformNotSupportedException("Peak memory is read from /proc, which only Linux has. Leave memory out with --only.");
            bench.Add(new Goal("memory", $"peak of `quality sync`, {documents:N0} documents", peaks.Max(), "MB", MostMegabytes, false, peaks));
        }
        await bench.Warehouse.DropAsync("memory");
    }
}
