using Etl;

namespace Quality.Sandbox;

/// <summary>
/// A RabbitMQ broker of our own, its data kept in the `.quality` folder; it listens on this machine only, and has no plugin. Commands that use the same folder at
/// once share one broker; it lives as long as someone uses it, and the last to leave stops it. One that outlived a killed process is taken over by the next start.
/// </summary>
public sealed class EmbeddedRabbitMq : IAsyncDisposable
{
    readonly RabbitMqBroker broker;
    readonly Places places;
    readonly TimeProvider time;
    IDisposable? use;

    EmbeddedRabbitMq(RabbitMqBroker broker, Places places, TimeProvider time, IDisposable use, string uri, bool isShared) =>
        (this.broker, this.places, this.time, this.use, Uri, IsShared) = (broker, places, time, use, uri, isShared);

    /// <summary>amqp://…; holds the password, so it is not for output.</summary>
    public string Uri { get; }

    public string DataFolder => places.Data;

    /// <summary>Whether the broker was running already.</summary>
    public bool IsShared { get; }

    /// <summary>Of the broker; null once it is gone.</summary>
    public int? ProcessId => broker.ProcessId;

    /// <param name="folder">The `.quality` folder; made when absent.</param>
    /// <exception cref="UnavailableException">RabbitMQ is not installed; no disk space; a damaged or foreign folder.</exception>
    public static Task<EmbeddedRabbitMq> StartAsync(string folder, TimeProvider time, CancellationToken ct) =>
        StartAsync(folder, RabbitMqBinaries.Find(), time, ct);

    internal static async Task<EmbeddedRabbitMq> StartAsync(string folder, RabbitMqBinaries binaries, TimeProvider time, CancellationToken ct)
    {
        var places = new Places(Path.GetFullPath(folder));
        try
        {
            Directory.CreateDirectory(places.Data);
            using var gate = await SharedLock.TakeAsync(places.Gate, time, ct);
            var broker = new RabbitMqBroker(places.Data, binaries, time);
            var use = SharedLock.Share(places.Users);
            try
            {
                var running = await broker.RunningPortAsync(ct);
                int port = running ?? await broker.StartAsync(ct);
                return new(broker, places, time, use, broker.Uri(port), running is not null);
            }
            catch
            {
                await LeaveAsync(use, broker, places);
                throw;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException($"The embedded RabbitMQ cannot be kept in '{places.Folder}': {failure.Message.ReplaceLineEndings(" ")} Free disk space or correct the folder's permissions; or name a queue of a running broker in QUALITY_CRM_QUEUE.", failure);
        }
    }

    /// <summary>Lets go of the locks as a process does that is killed, and leaves the broker alone.</summary>
    internal void Abandon() => Interlocked.Exchange(ref use, null)?.Dispose();

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref use, null) is not { } held)
            return;
        using var gate = await SharedLock.TakeAsync(places.Gate, time, CancellationToken.None);
        await LeaveAsync(held, broker, places);
    }

    /// <summary>Under the gate, so nobody can come in between the look and the stop.</summary>
    static async Task LeaveAsync(IDisposable use, RabbitMqBroker broker, Places places)
    {
        use.Dispose();
        using var last = SharedLock.TryTake(places.Users);
        if (last is not null)
            await broker.StopAsync();
    }

    /// <summary>The locks: one while starting or stopping, one held together by all users.</summary>
    sealed record Places(string Folder)
    {
        internal string Data => Path.Combine(Folder, "rabbitmq");
        internal string Gate => Path.Combine(Folder, "rabbitmq.lock");
        internal string Users => Path.Combine(Folder, "rabbitmq.users");
    }
}
