using System.Text;
using Etl.Contracts;
using Etl.Documents;
using RabbitMQ.Client;

namespace Etl.Sources.RabbitMq;

/// <summary>
/// Queues of a RabbitMQ broker: each message a document, its <c>_id</c> the hash of its body. A message is acknowledged when its batch is durable; after that it cannot be read again.
/// </summary>
public sealed class RabbitMqSource : IDocumentSource
{
    /// <summary>Who mistyped a host need not wait as long as a lost connection is worth.</summary>
    const int FirstAttempts = 3;

    /// <summary>A look is a connection of its own.</summary>
    static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    readonly RabbitMqOptions options;
    readonly RabbitMqConnector connector;
    readonly EffortCounter effort = new();

    /// <param name="address">As <see cref="RabbitMqAddress.Parse"/> takes it.</param>
    /// <exception cref="UsageException">The address or the options are wrong.</exception>
    public RabbitMqSource(string address, RabbitMqOptions? options = null)
    {
        this.options = (options ?? new RabbitMqOptions()).Checked();
        Address = RabbitMqAddress.Parse(address, ref this.options);
        connector = new RabbitMqConnector(Address, this.options);
    }

    public RabbitMqAddress Address { get; }

    public bool IsTransient => true;

    public SourceEffort Effort => effort.Sum;

    /// <summary>The queue of a dataset: the address names it, else the contract.</summary>
    public string QueueOf(Dataset dataset) => Address.Queue ?? dataset.SourceName;

    public Task<SourceDescription> DescribeAsync(CancellationToken cancellation) => AskAsync("", async (connection, token) =>
    {
        // The client does not wait to be let into the virtual host; a channel does.
        await using var channel = await connection.CreateChannelAsync(cancellationToken: token);
        return new SourceDescription($"rabbitmq {Version(connection)} at {Address}", null);
    }, cancellation);

    public async Task<IReadOnlyList<MissingDataset>> FindMissingAsync(IReadOnlyList<Dataset> datasets, CancellationToken cancellation)
    {
        var missing = new List<MissingDataset>();
        foreach (var dataset in datasets)
            if (await CountAsync(QueueOf(dataset), cancellation) is null)
                missing.Add(new MissingDataset(dataset, RabbitMqFailures.MissingQueue(Address, QueueOf(dataset))));
        return missing;
    }

    public async Task<long?> EstimateAsync(Dataset dataset, CancellationToken cancellation) => await CountAsync(QueueOf(dataset), cancellation);

    /// <summary>A queue has one end to take from.</summary>
    public Task<IReadOnlyList<byte[]>> SplitAsync(Dataset dataset, int parts, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<byte[]>>([]);

    /// <remarks>Always from the queue's front: what is durable was acknowledged, and what was not comes again.</remarks>
    public IDocumentScan Scan(Dataset dataset, ScanRange range, byte[]? after) => range is { From: null, To: null }
        ? new RabbitMqScan(connector, options, effort, QueueOf(dataset))
        : throw new ArgumentException("A queue has no ranges.", nameof(range));

    /// <exception cref="UnavailableException">Always: a queue hands out what comes next, and nothing that it was told to forget.</exception>
    public IDocumentScan Pick(Dataset dataset, IReadOnlyList<byte[]> positions) =>
        throw new UnavailableException($"Messages of the queue '{QueueOf(dataset)}' cannot be read again: the broker was told to forget them. What is kept of them is in the warehouse.");

    public byte[] PositionOf(Dataset dataset, ReadOnlySpan<byte> document) => Bson.Only(document, "_id"u8);

    public bool CanFollow => true;

    public async Task WaitForNewsAsync(IReadOnlyList<Dataset> datasets, TimeSpan longest, CancellationToken cancellation)
    {
        long began = options.Time.GetTimestamp();
        while (true)
        {
            foreach (var dataset in datasets)
                if (await CountAsync(QueueOf(dataset), cancellation) is > 0)
                    return;
            var left = longest - options.Time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero)
                return;
            await Task.Delay(left < BetweenLooks ? left : BetweenLooks, options.Time, cancellation);
        }
    }

    /// <returns>Messages that wait in a queue; null where there is no such queue.</returns>
    async Task<long?> CountAsync(string queue, CancellationToken cancellation)
    {
        try
        {
            return await AskAsync(queue, async (connection, token) =>
            {
                await using var channel = await connection.CreateChannelAsync(cancellationToken: token);
                return await QueueConsumer.DeclareAsync(channel, Address.Declaration, queue, token);
            }, cancellation);
        }
        catch (UnavailableException e) when (e.InnerException is { } cause && RabbitMqFailures.IsMissingQueue(cause))
        {
            return null;
        }
    }

    /// <summary>A question with a connection of its own.</summary>
    async Task<T> AskAsync<T>(string queue, Func<IConnection, CancellationToken, Task<T>> ask, CancellationToken cancellation)
    {
        try
        {
            return await connector.TryAsync(Math.Min(FirstAttempts, options.Attempts), wasThere: false, e => effort.Failed(1, e is TimeoutException ? 1 : 0), async (connection, token) =>
            {
                var answer = await ask(connection, token);
                await RabbitMqConnector.CloseAsync(connection);
                return answer;
            }, cancellation);
        }
        catch (Exception e) when (RabbitMqFailures.IsOfTheWire(e))
        {
            throw RabbitMqFailures.Explain(e, Address, queue);
        }
    }

    static string Version(IConnection connection) =>
        connection.ServerProperties is { } told && told.TryGetValue("version", out object? version) && version is byte[] text ? Encoding.UTF8.GetString(text) : "of unknown version";

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
