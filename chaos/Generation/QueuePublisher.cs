using Etl;
using Etl.Sources.RabbitMq;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Chaos.Generation;

/// <summary>Publishes to a queue of RabbitMQ: persistent messages, each confirmed by the broker. Makes the queue where it is absent, durable.</summary>
public sealed class QueuePublisher : IMessageSink, IAsyncDisposable
{
    /// <summary>On their way at a time.</summary>
    const int Unconfirmed = 1_000;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly IConnection connection;
    readonly IChannel channel;
    readonly RabbitMqAddress address;

    QueuePublisher(IConnection connection, IChannel channel, RabbitMqAddress address, string queue) =>
        (this.connection, this.channel, this.address, Queue) = (connection, channel, address, queue);

    public string Queue { get; }

    /// <summary>Where it publishes; without the password.</summary>
    public string Place => $"queue '{Queue}' at {address}";

    /// <param name="address">As <see cref="RabbitMqAddress.Parse"/> takes it.</param>
    /// <param name="queue">Its name, where the address names none.</param>
    /// <exception cref="UnavailableException">The broker cannot be reached or refuses us.</exception>
    public static async Task<QueuePublisher> OpenAsync(string address, string queue, CancellationToken cancellation = default)
    {
        var options = new RabbitMqOptions();
        var parsed = RabbitMqAddress.Parse(address, ref options);
        queue = parsed.Queue ?? queue;
        var connection = await parsed.ConnectAsync(options, cancellation);
        try
        {
            await DeclareAsync(connection, parsed, queue, cancellation);
            var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellation);
            return new QueuePublisher(connection, channel, parsed, queue);
        }
        catch (Exception e)
        {
            await connection.DisposeAsync();
            if (e is RabbitMQClientException or IOException)
                throw new UnavailableException($"The queue '{queue}' at {parsed} cannot be published to: {e.Message}", e);
            throw;
        }
    }

    /// <summary>A queue that is there stays as it is, whatever its type.</summary>
    static async Task DeclareAsync(IConnection connection, RabbitMqAddress address, string queue, CancellationToken cancellation)
    {
        try
        {
            await using var look = await connection.CreateChannelAsync(cancellationToken: cancellation);
            await look.QueueDeclarePassiveAsync(queue, cancellation);
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == 404)
        {
            await using var make = await connection.CreateChannelAsync(cancellationToken: cancellation);
            await make.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false,
                new Dictionary<string, object?> { ["x-queue-type"] = address.Declaration == QueueDeclaration.Quorum ? "quorum" : "classic" }, cancellationToken: cancellation);
        }
    }

    public async Task PublishAsync(IReadOnlyList<byte[]> bodies, CancellationToken cancellation = default)
    {
        var properties = new BasicProperties { Persistent = true, ContentType = "application/json" };
        try
        {
            foreach (var chunk in bodies.Chunk(Unconfirmed))
                await Task.WhenAll(chunk.Select(body => channel.BasicPublishAsync("", Queue, mandatory: true, properties, body, cancellation).AsTask())).WaitAsync(Patience, cancellation);
        }
        catch (TimeoutException e)
        {
            throw new UnavailableException($"The {Place} did not confirm messages within {Patience.TotalSeconds:0} s: the broker may have run out of disk space or memory and block its publishers. Look at its log.", e);
        }
        catch (Exception e) when (e is RabbitMQClientException or IOException)
        {
            throw new UnavailableException($"The {Place} took not all messages: {e.Message}. Run the command again: the same messages twice do no harm.", e);
        }
    }

    /// <summary>Takes everything out of the queue that waits in it.</summary>
    public async Task PurgeAsync(CancellationToken cancellation = default) => await channel.QueuePurgeAsync(Queue, cancellation);

    public async ValueTask DisposeAsync()
    {
        await channel.DisposeAsync();
        await connection.DisposeAsync();
    }
}
