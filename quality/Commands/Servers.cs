using System.CommandLine;
using Etl.Contracts;
using Etl.Loading;
using Quality.Sandbox;

namespace Quality.Commands;

/// <summary>The servers of a command, started here where they are embedded and stopped when the command ends.</summary>
internal sealed class Servers : IAsyncDisposable
{
    public const string Embedded = "embedded";

    /// <summary>Where embedded servers keep their data, below the current folder.</summary>
    public const string Folder = ".quality";

    EmbeddedMongo? mongo;
    EmbeddedPostgres? postgres;
    EmbeddedRabbitMq? queue;
    Warehouse? warehouse;

    public string MongoUri { get; private set; } = "";

    /// <summary>Of the embedded broker.</summary>
    public string QueueUri => queue?.Uri ?? throw new InvalidOperationException("This command has no broker.");

    public Warehouse Warehouse => warehouse ?? throw new InvalidOperationException("This command has no warehouse.");

    public string WarehouseConnection { get; private set; } = "";

    /// <summary>The servers that a pipeline needs, as the command line and the environment name them.</summary>
    /// <param name="withQueue">Messages are to be taken out of a queue.</param>
    public static Task<Servers> OpenAsync(ParseResult parsed, Contract contract, bool withQueue, CancellationToken cancellation) =>
        OpenAsync(SourceFactory.NeedsMongo(contract) ? Options.Mongo(parsed) : null, Options.Warehouse(parsed), cancellation, withQueue: withQueue && SourceFactory.NeedsEmbeddedQueue(contract));

    /// <param name="withQueue">Start the embedded broker.</param>
    public static async Task<Servers> OpenAsync(string? mongoUri, string? warehouseConnection, CancellationToken cancellation, string folder = Folder, bool withQueue = false)
    {
        var servers = new Servers();
        try
        {
            if (mongoUri is not null)
                servers.MongoUri = mongoUri == Embedded ? (servers.mongo = await EmbeddedMongo.StartAsync(folder, TimeProvider.System, cancellation)).Uri : mongoUri;
            if (withQueue)
                servers.queue = await EmbeddedRabbitMq.StartAsync(folder, TimeProvider.System, cancellation);
            if (warehouseConnection is not null)
            {
                servers.WarehouseConnection = warehouseConnection == Embedded
                    ? (servers.postgres = await EmbeddedPostgres.StartAsync(folder, TimeProvider.System, cancellation)).ConnectionString
                    : warehouseConnection;
                servers.warehouse = new Warehouse(servers.WarehouseConnection);
            }
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (warehouse is not null)
            await warehouse.DisposeAsync();
        if (postgres is not null)
            await postgres.DisposeAsync();
        if (queue is not null)
            await queue.DisposeAsync();
        if (mongo is not null)
            await mongo.DisposeAsync();
    }
}
