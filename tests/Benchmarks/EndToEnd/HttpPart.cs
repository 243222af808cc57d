using Chaos.Generation;
using Etl.Contracts;
using Etl.Sources.Http;

namespace Benchmarks.EndToEnd;

/// <summary>One day with a million events, in one body: from a file, so that no server takes its part of the processor.</summary>
static class HttpPart
{
    const int Events = 1_000_000;
    const double LeastRate = 100_000;

    public static async Task RunAsync(Bench bench, string folder)
    {
        string days = Path.Combine(folder, "days");
        var generator = new ProductEventGenerator(new ProductEventOptions { EventsPerDay = bench.Options.EventsOr(Events), Days = 1 });
        var made = await generator.WriteFilesAsync(days, bench.Cancellation);
        double bytes = Directory.EnumerateFiles(days).Sum(f => new FileInfo(f).Length);
        bench.Say($"http: {made.Events:N0} events in one body of {bytes / 1e6:N0} MB");
        await using (var source = new HttpSource(new HttpOptions { Url = $"file:{days}" }))
            await SourceAlone.TellAsync(bench, source, ContractReader.Read(Path.Combine(AppContext.BaseDirectory, "Pipelines", "product-events")).Datasets);
        var variables = new Dictionary<string, string> { ["QUALITY_PRODUCT_EVENTS_URL"] = $"file:{days}", ["QUALITY_PRODUCT_EVENTS_TOKEN"] = "none" };
        string[] sync = ["product-events", "--from", $"{made.FirstDay:yyyy-MM-dd}", "--to", $"{made.LastDay:yyyy-MM-dd}"];
        List<SyncMeasure> first = [], again = [];
        for (int round = 0; round < bench.Options.Rounds; round++)
        {
            string warehouse = await bench.Warehouse.DatabaseAsync("http");
            first.Add(bench.TellRead("first sync", (await bench.SyncAsync(sync, variables, warehouse)).Read("The first sync", made.Events)));
            again.Add(bench.TellRead("again, nothing changed", (await bench.SyncAsync(sync, variables, warehouse)).Read("The second sync", made.Events).Wrote("The second sync", 0, 0)));
        }
        await bench.Warehouse.DropAsync("http");
        bench.Add(Goal.Rate("http", "events of one body", [.. first.Select(m => m.DocumentRate)], LeastRate));
        bench.Add(Goal.Rate("http", "the same again, nothing changed", [.. again.Select(m => m.DocumentRate)], null));
        bench.Add(Goal.Memory("http", "peak of `quality sync`", [.. first, .. again], MemoryPart.MostMegabytes));
    }
}
