using Chaos.Generation;
using Etl.Contracts;
using Etl.Loading;
using Etl.Sources;
using Etl.Sources.Csv;
using Etl.Sources.Files;
using Etl.Sources.Http;
using Etl.Sources.RabbitMq;
using Quality.Sandbox;

namespace Quality.Commands;

/// <summary>
/// The demo's pipelines of events, on sources of its own: an API, an inbox, a queue with a file. They lie where commands that are run in the
/// demo's folder look for them when nobody names another place.
/// </summary>
/// <param name="folder">The <c>.quality</c> folder of the demo.</param>
internal sealed class DemoPipelines(string folder, Warehouse warehouse, int seed, Action<string> say)
{
    const string Token = "demo";

    readonly TimeProvider time = TimeProvider.System;

    /// <summary>Removes what an earlier demo loaded.</summary>
    public static async Task EmptyAsync(Warehouse warehouse, IEnumerable<Contract> contracts, CancellationToken cancellation)
    {
        await using var connection = await warehouse.OpenAsync(cancellation);
        foreach (string schema in contracts.SelectMany(c => c.Tables.Select(t => t.Schema).Concat(c.Marts.Select(m => m.Schema))).Append("quality").Distinct())
            await connection.RunAsync($"DROP SCHEMA IF EXISTS {Identifier.Quote(schema)} CASCADE", cancellation);
    }

    /// <summary>Asked day by day, of an API that answers with errors, too; the same days are left as files.</summary>
    public async Task<DemonstrationOutcome> ProductEventsAsync(Contract contract, CancellationToken cancellation)
    {
        var generator = new ProductEventGenerator(new ProductEventOptions { Seed = seed });
        var made = await generator.WriteFilesAsync(Emptied("product-events"), cancellation);
        await using var server = await ProductEventServer.StartAsync(generator, Token, time: time, cancellation: cancellation);
        var options = new HttpOptions
        {
            Url = server.Uri,
            From = made.FirstDay,
            To = made.LastDay,
            Token = new HttpToken(ProductEventServer.Header, Token, "the demo"),
            FirstPause = 20,
            Seed = seed,
        };
        return await RunAsync(contract, _ => new HttpSource(options), new ExpectedEvents(made.Events - made.ToldAgain, 0), cancellation);
    }

    /// <summary>One file an event; some lack what the contract demands.</summary>
    public async Task<DemonstrationOutcome> CardsAsync(Contract contract, CancellationToken cancellation)
    {
        string inbox = Emptied("cards");
        var made = await new CardsGenerator(new CardsOptions { Inbox = inbox, Seed = seed }).GenerateDaysAsync(cancellation);
        return await RunAsync(contract, readsAll => new FilesSource(new FilesOptions { Inbox = inbox, Memory = new PostgresFileMemory(warehouse, contract, inbox), ReadsAll = readsAll }),
            new ExpectedEvents(made.Users + made.Creations + made.Changes - made.WithoutUser, made.WithoutUser), cancellation);
    }

    /// <summary>Messages, some of them repeated, faulty or no JSON at all; and a CSV file.</summary>
    public async Task<DemonstrationOutcome> CrmAsync(Contract contract, CancellationToken cancellation)
    {
        string organizations = Path.Combine(Emptied("crm"), "organizations.csv");
        await using var broker = await EmbeddedRabbitMq.StartAsync(folder, time, cancellation);
        CrmSummary made;
        await using (var publisher = await QueuePublisher.OpenAsync(broker.Uri, CrmGenerator.DefaultQueue, cancellation))
        {
            await publisher.PurgeAsync(cancellation);
            made = await new CrmGenerator(publisher, new CrmOptions { Seed = seed }).GenerateDaysAsync(organizations, cancellation);
        }
        return await RunAsync(contract, readsAll => new CompositeSource(contract.Servers.ToDictionary(s => s.Name, s => (IDocumentSource)(s.Kind == ServerKinds.Csv ? new CsvSource(organizations)
            : readsAll ? new KeptMessages(warehouse, contract.Pipeline) : new RabbitMqSource(broker.Uri)))), new ExpectedEvents(made.Events, made.Faulty + made.Poison), cancellation);
    }

    async Task<DemonstrationOutcome> RunAsync(Contract contract, Func<bool, IDocumentSource> open, ExpectedEvents expected, CancellationToken cancellation)
    {
        var outcome = await new EventDemonstration(contract, open, warehouse, time, say).RunAsync(expected, seed, cancellation);
        await ContractShelf.KeepAsync(warehouse, contract, time, cancellation);
        return outcome;
    }

    /// <summary>A folder of the demo's own, without what an earlier demo left in it.</summary>
    string Emptied(string name)
    {
        string path = Path.Combine(folder, name);
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        return Directory.CreateDirectory(path).FullName;
    }
}
