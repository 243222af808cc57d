using Chaos.Generation;
using Etl.Contracts;
using Etl.Sources.RabbitMq;
using Quality.Sandbox;

namespace Benchmarks.EndToEnd;

/// <summary>Drains a queue with acknowledgements, of each type that RabbitMQ has for it.</summary>
static class QueuePart
{
    const int Messages = 200_000, MessagesPerDay = 500;
    const double LeastRate = 15_000;

    public static async Task RunAsync(Bench bench, string folder)
    {
        await using var broker = await EmbeddedRabbitMq.StartAsync(Path.Combine(folder, "broker"), TimeProvider.System, bench.Cancellation);
        var options = new CrmOptions { Days = bench.Options.EventsOr(Messages) / MessagesPerDay, EventsPerDay = MessagesPerDay };
        var queues = ContractReader.Read(Path.Combine(AppContext.BaseDirectory, "Pipelines", "crm")).Datasets.Where(d => d.Server.Kind == ServerKinds.RabbitMq);
        List<SyncMeasure> all = [];
        foreach (string type in (string[])["classic", "quorum"])
        {
            string address = $"{broker.Uri}?queue=bench-{type}&declare={type}", organizations = Path.Combine(folder, $"organizations-{type}.csv");
            var variables = new Dictionary<string, string> { [CrmOptions.QueueVariable] = address, [CrmOptions.OrganizationsVariable] = organizations };
            await using var publisher = await QueuePublisher.OpenAsync(address, "", bench.Cancellation);
            var made = await new CrmGenerator(publisher, options).GenerateDaysAsync(organizations, bench.Cancellation);
            bench.Say($"queue: {made.Published:N0} messages in a {type} queue");
            await using (var source = new RabbitMqSource(address))
                await SourceAlone.TellAsync(bench, source, queues);
            List<double> rates = [];
            for (int round = 0; round < bench.Options.Rounds; round++)
            {
                made = await new CrmGenerator(publisher, options).GenerateDaysAsync(organizations, bench.Cancellation);
                string warehouse = await bench.Warehouse.DatabaseAsync("queue");
                all.Add(bench.TellRead("drained", (await bench.SyncAsync(["crm"], variables, warehouse)).Read("The sync", made.Published + made.Organizations)));
                rates.Add(all[^1].DocumentRate);
            }
            bench.Add(Goal.Rate("queue", $"messages of a {type} queue, acknowledged", rates, LeastRate));
        }
        await bench.Warehouse.DropAsync("queue");
        bench.Add(Goal.Memory("queue", "peak of `quality sync`", all, MemoryPart.MostMegabytes));
    }
}
