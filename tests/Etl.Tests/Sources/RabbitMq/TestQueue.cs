using System.Text;
using Etl.Contracts;
using Etl.Documents;
using Etl.Sources;
using Etl.Sources.RabbitMq;
using Etl.Tests.Contracts;
using RabbitMQ.Client;
using Broker = Tests.Shared.RabbitMq;

namespace Etl.Tests.Sources.RabbitMq;

/// <summary>A queue of one test: made anew, and left as the test leaves it.</summary>
sealed class TestQueue : IAsyncDisposable
{
    public static readonly Dataset Dataset = ContractText.Read(ContractText.Of("- { name: n, logicalType: integer, physicalType: int }")).Datasets[0];

    readonly IConnection connection;

    TestQueue(string broker, string name, IConnection connection, IChannel channel) =>
        (BrokerUri, Name, this.connection, Channel) = (broker, name, connection, channel);

    public string BrokerUri { get; }
    public string Name { get; }
    public IChannel Channel { get; }

    public string Address => $"{BrokerUri}?queue={Name}";

    public static Task<TestQueue> NewAsync(string name, string type = "classic") => NewAsync(Broker.UriAsync, name, type);

    public static async Task<TestQueue> NewAsync(Func<Task<string>> broker, string name, string type = "classic")
    {
        string uri = await broker();
        var connection = await new ConnectionFactory { Uri = new Uri(uri), AutomaticRecoveryEnabled = false }.CreateConnectionAsync();
        var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await channel.QueueDeleteAsync(name, ifUnused: false, ifEmpty: false);
        await channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = type });
        return new TestQueue(uri, name, connection, channel);
    }

    public RabbitMqSource Source(RabbitMqOptions? options = null) => new(Address, options ?? new RabbitMqOptions { Quiet = 100, FirstPause = 20 });

    public Task PublishAsync(params string[] bodies) => PublishAsync(bodies.Select(b => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(b)));

    /// <summary>Persistent, and confirmed when it returns.</summary>
    public async Task PublishAsync(IEnumerable<ReadOnlyMemory<byte>> bodies)
    {
        var properties = new BasicProperties { Persistent = true };
        foreach (var chunk in bodies.Chunk(1_000))
            await Task.WhenAll(chunk.Select(body => Channel.BasicPublishAsync("", Name, mandatory: true, properties, body).AsTask()));
    }

    /// <summary>{"n":from} … so many.</summary>
    public Task PublishNumbersAsync(int from, int count) => PublishAsync([.. Enumerable.Range(from, count).Select(n => $$"""{"n":{{n}}}""")]);

    /// <summary>Messages that nobody was handed.</summary>
    public async Task<uint> ReadyAsync() => (await Channel.QueueDeclarePassiveAsync(Name)).MessageCount;

    public static int NumberIn(ReadOnlySpan<byte> document)
    {
        var reader = new BsonReader(document);
        Assert.True(Bson.Find(ref reader, "n"u8));
        return reader.Int32;
    }

    /// <summary>Reads to the end, committing each batch before the next is looked at, and tells the numbers in their order.</summary>
    public static async Task<List<int>> DrainAsync(IDocumentScan scan, int maxDocuments = 100)
    {
        var numbers = new List<int>();
        var batch = new DocumentBatch(maxDocuments);
        while (await scan.ReadAsync(batch, CancellationToken.None))
        {
            for (int i = 0; i < batch.Count; i++)
                numbers.Add(NumberIn(batch[i]));
            await scan.CommittedAsync(CancellationToken.None);
        }
        return numbers;
    }

    public Task DeleteAsync() => Channel.QueueDeleteAsync(Name, ifUnused: false, ifEmpty: false);

    public async ValueTask DisposeAsync() => await connection.DisposeAsync();
}
