using Chaos.MongoEmulator;
using Chaos.MongoEmulator.Wire;
using static Chaos.Tests.MongoEmulator.Values;

namespace Chaos.Tests.MongoEmulator;

/// <summary>Each test has a server of its own, and one client on the wire.</summary>
public abstract class ServerTest : IAsyncLifetime
{
    protected MongoServer Server { get; private set; } = null!;

    protected WireClient Client { get; private set; } = null!;

    protected virtual MongoServerOptions Options => new();

    /// <summary>Puts in what every test of the class finds.</summary>
    protected virtual Task FillAsync() => Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        Server = MongoServer.Start(Options);
        Client = await WireClient.ConnectAsync("127.0.0.1", Server.Port);
        await FillAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Server.DisposeAsync();
    }

    /// <summary>A command to database test.</summary>
    protected Task<byte[]> Run(string command, object? value, params (string, object?)[] more) => Client.RunAsync(Doc([(command, value), .. more, ("$db", "test")]));
}
