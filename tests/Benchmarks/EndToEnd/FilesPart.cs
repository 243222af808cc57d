using Chaos.Generation;
using Etl.Contracts;
using Etl.Sources.Files;

namespace Benchmarks.EndToEnd;

/// <summary>Event files, one event each: a first sync of all, then one that finds nothing new.</summary>
static class FilesPart
{
    const int Files = 100_000, UsersPerDay = 1_000, EventsOfUser = 6; // about: itself, two cards, changes of them
    const double LeastRate = 20_000;

    public static async Task RunAsync(Bench bench, string folder)
    {
        string inbox = Path.Combine(folder, "inbox");
        int days = Math.Max(1, bench.Options.EventsOr(Files) / UsersPerDay / EventsOfUser + 1);
        var made = await new CardsGenerator(new CardsOptions { Inbox = inbox, UsersPerDay = UsersPerDay, Days = days }).GenerateDaysAsync(bench.Cancellation);
        long events = made.Users + made.Creations + made.Changes;
        bench.Say($"files: {events:N0} files of one event each, in two folders");
        await using (var source = new FilesSource(new FilesOptions { Inbox = inbox }))
            await SourceAlone.TellAsync(bench, source, ContractReader.Read(Path.Combine(AppContext.BaseDirectory, "Pipelines", "cards")).Datasets);
        var variables = new Dictionary<string, string> { [CardsOptions.InboxVariable] = inbox };
        List<SyncMeasure> all = [], again = [];
        for (int round = 0; round < bench.Options.Rounds; round++)
        {
            string warehouse = await bench.Warehouse.DatabaseAsync("files");
            all.Add(bench.TellRead("first sync", (await bench.SyncAsync(["cards"], variables, warehouse)).Read("The first sync", events)));
            again.Add(bench.TellRead("again, nothing new", (await bench.SyncAsync(["cards"], variables, warehouse)).Read("The second sync", 0)));
        }
        await bench.Warehouse.DropAsync("files");
        bench.Add(Goal.Rate("files", "events of files of their own", [.. all.Select(m => m.DocumentRate)], LeastRate));
        bench.Add(Goal.Rate("files", "files known to be durable, passed over", [.. again.Select(m => events / m.LoadSeconds)], null));
        bench.Add(Goal.Memory("files", "peak of `quality sync`", [.. all, .. again], MemoryPart.MostMegabytes));
    }
}
