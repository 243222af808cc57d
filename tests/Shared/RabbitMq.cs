using Quality.Sandbox;
using RabbitMQ.Client;
using Tests.Shared;

[assembly: AssemblyFixture(typeof(RabbitMq))]

namespace Tests.Shared;

/// <summary>One embedded RabbitMQ for all tests of an assembly, started by the first that asks and stopped after the last. A test owns its queues.</summary>
public sealed class RabbitMq : IAsyncDisposable
{
    // Beside the assembly: the same place at each run, gone with `make clean`.
    static readonly string Folder = Path.Combine(AppContext.BaseDirectory, ".quality");
    static readonly SemaphoreSlim Gate = new(1, 1);
    static EmbeddedRabbitMq? broker;

    /// <summary>Skips, or fails in CI, where RabbitMQ is not installed.</summary>
    public static void Required()
    {
        try
        {
            RabbitMqBinaries.Find();
        }
        catch (Etl.UnavailableException absent)
        {
            Requires.Missing(absent.Message, "make setup");
        }
    }

    /// <summary>amqp://user:password@127.0.0.1:port/.</summary>
    public static async Task<string> UriAsync()
    {
        Required();
        await Gate.WaitAsync();
        try
        {
            return (broker ??= await EmbeddedRabbitMq.StartAsync(Folder, TimeProvider.System, CancellationToken.None)).Uri;
        }
        finally
        {
            Gate.Release();
        }
    }

    public static async Task<IConnection> ConnectAsync() =>
        await new ConnectionFactory { Uri = new Uri(await UriAsync()), AutomaticRecoveryEnabled = false }.CreateConnectionAsync();

    public async ValueTask DisposeAsync()
    {
        if (broker is { } running)
            await running.DisposeAsync();
    }
}
