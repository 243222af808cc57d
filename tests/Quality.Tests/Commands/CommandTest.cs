using Chaos.MongoEmulator;
using Etl.Documents;
using Etl.Sources.Mongo;
using Tests.Shared;

namespace Quality.Tests.Commands;

/// <summary>Commands run as processes: for each test a source of its own, and a warehouse, emptied.</summary>
/// <param name="database">Of the class; left behind, to be looked at.</param>
public abstract class CommandTest(string database) : IAsyncLifetime
{
    protected MongoServer Mongo { get; private set; } = null!;

    protected string Warehouse { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Warehouse = await Postgres.DatabaseAsync(database);
        Mongo = MongoServer.Start(new MongoServerOptions());
        await PrepareAsync();
    }

    /// <summary>What every test of the class finds done.</summary>
    protected virtual Task PrepareAsync() => Task.CompletedTask;

    public ValueTask DisposeAsync() => Mongo.DisposeAsync();

    /// <summary>The two servers by the environment, as a scheduled command is told of them.</summary>
    protected Dictionary<string, string> Servers => new() { ["QUALITY_MONGO"] = Mongo.Uri, ["QUALITY_WAREHOUSE"] = Warehouse };

    private protected Task<QualityProcess.Outcome> RunAsync(params string[] arguments) => QualityProcess.RunAsync(QualityProcess.NewFolder(), Servers, arguments);

    /// <summary>A command to the source.</summary>
    protected async Task CommandAsync(string name, Action<BsonWriter> command)
    {
        using var connection = MongoConnection.Open(Mongo.Uri);
        await connection.CommandAsync(name, Bson.Make(command));
    }
}
