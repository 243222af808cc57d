using System.Buffers;
using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Etl.Sources.RabbitMq;

/// <summary>
/// One connection that consumes one queue. Deliveries lie in a row that only the prefetch bounds, so the client never waits for us and goes on answering heartbeats.
/// When the connection, the channel or the consumer ends, so does this; the broker hands out again what was not acknowledged.
/// </summary>
internal sealed class QueueConsumer : IAsyncDisposable
{
    readonly IConnection connection;
    readonly IChannel channel;
    readonly string queue;
    readonly TimeProvider time;
    readonly Channel<Delivery> deliveries = Channel.CreateUnbounded<Delivery>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    Task<bool>? waiting;
    Reader reader;
    string tag = "";

    QueueConsumer(IConnection connection, IChannel channel, string queue, uint ready, TimeProvider time)
    {
        (this.connection, this.channel, this.queue, Ready, this.time) = (connection, channel, queue, ready, time);
        reader = new Reader(channel, this);
    }

    /// <summary>Messages that waited in the queue when it was opened.</summary>
    public uint Ready { get; }

    public static async Task<QueueConsumer> OpenAsync(IConnection connection, RabbitMqAddress address, string queue, RabbitMqOptions options, CancellationToken cancellation)
    {
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellation);
        uint ready = await DeclareAsync(channel, address.Declaration, queue, cancellation);
        await channel.BasicQosAsync(0, (ushort)options.Prefetch, global: false, cancellation);
        var consumer = new QueueConsumer(connection, channel, queue, ready, options.Time);
        connection.ConnectionShutdownAsync += (_, why) => consumer.EndAsync(why);
        consumer.tag = await channel.BasicConsumeAsync(queue, autoAck: false, consumer.reader, cancellation);
        return consumer;
    }

    /// <returns>How many messages wait in it.</returns>
    public static async Task<uint> DeclareAsync(IChannel channel, QueueDeclaration declaration, string queue, CancellationToken cancellation) => (declaration switch
    {
        QueueDeclaration.Passive => await channel.QueueDeclarePassiveAsync(queue, cancellation),
        var made => await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?> { ["x-queue-type"] = made == QueueDeclaration.Quorum ? "quorum" : "classic" }, cancellationToken: cancellation),
    }).MessageCount;

    bool HasDeliveries => deliveries.Reader.TryPeek(out _);

    public bool TryRead(out Delivery delivery) => deliveries.Reader.TryRead(out delivery);

    /// <summary>Waits for a delivery.</summary>
    /// <returns>False when none came in time.</returns>
    /// <exception cref="Exception">What ended the consumer.</exception>
    public async Task<bool> WaitAsync(TimeSpan patience, CancellationToken cancellation)
    {
        // One wait at a time: one that was given up goes on, and is the next.
        waiting ??= deliveries.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
        try
        {
            if (!await waiting.WaitAsync(patience, time, cancellation))
                throw new AlreadyClosedException(new ShutdownEventArgs(ShutdownInitiator.Library, 200, "closed"));
            waiting = null;
            return true;
        }
        catch (TimeoutException) when (!waiting!.IsCompleted)
        {
            return false;
        }
    }

    /// <summary>Messages in the queue that nobody has been handed.</summary>
    async Task<uint> CountAsync(CancellationToken cancellation) =>
        (await RabbitMqConnector.InTimeAsync(() => channel.QueueDeclarePassiveAsync(queue, cancellation), cancellation)).MessageCount;

    /// <summary>
    /// Whether nothing is left in the queue, and nothing of it on the way to us: a message that the broker has sent no longer counts there, and a large one takes
    /// its time. So consuming is ended, which the client tells us behind every delivery; where something came after all, it is begun again.
    /// </summary>
    /// <returns>Messages that wait in the queue; null: it is empty.</returns>
    public async Task<uint?> LookAsync(CancellationToken cancellation)
    {
        uint left = await CountAsync(cancellation);
        if (left > 0 || HasDeliveries)
            return left;
        await RabbitMqConnector.InTimeAsync(async () =>
        {
            await channel.BasicCancelAsync(tag, noWait: false, cancellation);
            await reader.Ended.Task.WaitAsync(cancellation);
            return true;
        }, cancellation);
        left = await CountAsync(cancellation);
        if (left == 0 && !HasDeliveries)
            return null;
        reader = new Reader(channel, this);
        tag = await channel.BasicConsumeAsync(queue, autoAck: false, reader, cancellation);
        return left;
    }

    /// <summary>Lets go of a message and of all that were handed out before it. Where the connection is gone, they come again.</summary>
    /// <returns>Whether the broker was told.</returns>
    public async Task<bool> AcknowledgeAsync(ulong tag, CancellationToken cancellation)
    {
        try
        {
            await channel.BasicAckAsync(tag, multiple: true, cancellation);
            return true;
        }
        catch (Exception e) when (RabbitMqFailures.IsOfTheWire(e) || e is ObjectDisposedException)
        {
            return false;
        }
    }

    Task EndAsync(ShutdownEventArgs why)
    {
        deliveries.Writer.TryComplete(why.Exception ?? new AlreadyClosedException(why));
        reader.Ended.TrySetCanceled(); // nobody will tell any more
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await RabbitMqConnector.CloseAsync(connection);
        deliveries.Writer.TryComplete();
        while (deliveries.Reader.TryRead(out var left))
            ArrayPool<byte>.Shared.Return(left.Buffer);
        waiting?.ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    sealed class Reader(IChannel channel, QueueConsumer consumer) : AsyncDefaultBasicConsumer(channel)
    {
        public override Task HandleBasicDeliverAsync(string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey,
            IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
        {
            byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Max(body.Length, 1));
            body.CopyTo(buffer); // the client uses its own again
            if (!consumer.deliveries.Writer.TryWrite(new Delivery(deliveryTag, buffer, body.Length)))
                ArrayPool<byte>.Shared.Return(buffer);
            return Task.CompletedTask;
        }

        /// <summary>Set when we asked for no more, and everything that was sent before has been handed to us.</summary>
        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override Task HandleBasicCancelOkAsync(string consumerTag, CancellationToken cancellationToken = default)
        {
            Ended.TrySetResult();
            return Task.CompletedTask;
        }

        /// <summary>The broker took the queue away from us: it was deleted, or its node left.</summary>
        protected override Task OnCancelAsync(string[] consumerTags, CancellationToken cancellationToken = default) =>
            consumer.EndAsync(new ShutdownEventArgs(ShutdownInitiator.Peer, 200, "the broker ended the consumer"));

        public override Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason) => consumer.EndAsync(reason);
    }
}
