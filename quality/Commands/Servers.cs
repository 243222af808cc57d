using Etl.Contracts;
using Etl.Loading;
using Etl.Sources;
using Quality.Sandbox;

namespace Quality.Commands;

/// <summary>The two servers of a command, started here where they are embedded and stopped when the command ends.</summary>
internal sealed class Servers : IAsyncDisposable
{
    public const string Embedded = "embedded";

    /// <summary>Where embedded servers keep their data, below the current folder.</summary>
    public const string Folder = ".quality";

    EmbeddedMongo? mongo;
    EmbeddedPostgres? postgres;
    Warehouse? warehouse;

    public string MongoUri { get; private set; } = "";

    public Warehouse Warehouse => warehouse ?? throw new InvalidOperationException("This command has no warehouse.");

    public string WarehouseConnection { get; private set; } = "";

    public static async Task<Servers> OpenAsync(string? mongoUri, string? warehouseConnection, CancellationToken cancellation, string folder = Folder)
    {
        var servers = new Servers();
        try
        {
            if (mongoUri is not null)
                servers.MongoUri = mongoUri == Embedded ? (servers.mongo = await EmbeddedMongo.StartAsync(folder, TimeProvider.System, cancellation)).Uri : mongoUri;
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

    /// <param name="seed">Of the pauses between attempts; null: the default.</param>
    public IDocumentSource Source(Contract contract, int? seed = null) => new SourceFactory(MongoUri, seed).Open(contract);

    public async ValueTask DisposeAsync()
    {
        if (warehouse is not null)
            await warehouse.DisposeAsync();
        if (postgres is not null)
            await postgres.DisposeAsync();
        if (mongo is not null)
            await mongo.DisposeAsync();
    }
}
