using System.Buffers;
using Etl.Documents;

namespace Etl.Sources.RabbitMq;

/// <summary>
/// Reads a queue batch by batch; a batch is acknowledged when it is durable. When the connection is lost, another is opened: what was read and not handed out is
/// forgotten, as the broker hands it out again, and so is the acknowledgement of what was handed out: it comes again too, and is known by its hash.
/// </summary>
internal sealed class RabbitMqScan(RabbitMqConnector connector, RabbitMqOptions options, EffortCounter effort, string queue) : IDocumentScan
{
    /// <summary>Batches handed out and not durable yet: the connection that they came over, the last of their messages, their number.</summary>
    readonly Queue<(QueueConsumer Consumer, ulong Tag, int Messages)> unsettled = new();
    readonly Lock gate = new();
    readonly MessageReader reader = new();
    readonly TimeProvider time = options.Time;
    QueueConsumer? consumer;
    Delivery? held; // found no room in the last batch
    long messages, ready = -1, readyReached;
    int outstanding; // handed out or in the batch, over this connection, and not acknowledged
    bool ended, reading, disposed;

    public async Task<bool> ReadAsync(DocumentBatch batch, CancellationToken cancellation)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (reading)
                throw new InvalidOperationException($"The scan of '{queue}' is being read: await one batch before asking for the next.");
            reading = true;
        }
        try
        {
            batch.Clear();
            for (int lost = 1; !ended; lost++)
                try
                {
                    consumer ??= await OpenAsync(cancellation);
                    await FillAsync(batch, cancellation);
                    break;
                }
                catch (Exception e) when (RabbitMqFailures.IsPassing(e) && lost < options.Attempts)
                {
                    await LoseAsync(e);
                    batch.Clear();
                }
            messages += batch.Count;
            return batch.Count > 0;
        }
        catch (Exception e) when (RabbitMqFailures.IsOfTheWire(e))
        {
            throw new UnavailableException($"Reading the queue '{queue}' failed behind {messages:N0} messages. {RabbitMqFailures.Explain(e, connector.Address, queue).Message} What is not acknowledged stays in the queue.", e);
        }
        finally
        {
            lock (gate)
                reading = false;
        }
    }

    async Task<QueueConsumer> OpenAsync(CancellationToken cancellation)
    {
        var opened = await connector.TryAsync(options.Attempts, wasThere: ready >= 0, Failed, (c, token) => QueueConsumer.OpenAsync(c, connector.Address, queue, options, token), cancellation);
        if (ready >= 0)
            effort.Reopened();
        else
            ready = opened.Ready;
        return opened;
    }

    void Failed(Exception e) => effort.Failed(1, e is TimeoutException ? 1 : 0);

    async Task LoseAsync(Exception why)
    {
        Failed(why);
        held = null;
        QueueConsumer? gone;
        lock (gate)
            (gone, consumer, outstanding) = (consumer, null, 0);
        if (gone is not null)
            await gone.DisposeAsync();
    }

    async Task FillAsync(DocumentBatch batch, CancellationToken cancellation)
    {
        ulong last = 0;
        long began = 0, stalled = time.GetTimestamp();
        while (true)
        {
            while (outstanding < options.Prefetch && (held ?? Next()) is { } delivery)
            {
                if (!Add(batch, delivery))
                {
                    held = delivery;
                    HandOut(batch, last);
                    return;
                }
                held = null;
                last = delivery.Tag;
                Interlocked.Increment(ref outstanding);
                ArrayPool<byte>.Shared.Return(delivery.Buffer);
                if (batch.Count == 1)
                    began = time.GetTimestamp();
            }
            if (messages + batch.Count >= ready && readyReached == 0)
                readyReached = time.GetTimestamp();
            bool lingered = batch.Count > 0 && time.GetElapsedTime(began).TotalMilliseconds >= options.LongestLinger;
            bool over = !options.Follow && readyReached != 0 && time.GetElapsedTime(readyReached).TotalSeconds >= options.LongestDrain;
            // All that may be handed out has been: more comes only after an acknowledgement.
            bool full = batch.Count > 0 && outstanding >= options.Prefetch;
            if (lingered || over || full)
            {
                ended = over;
                HandOut(batch, last);
                return;
            }
            if (await consumer!.WaitAsync(TimeSpan.FromMilliseconds(options.Quiet), cancellation))
            {
                stalled = time.GetTimestamp();
                continue;
            }
            if (options.Follow)
                continue;
            if (await consumer.LookAsync(cancellation) is not { } waiting)
            {
                ended = true;
                HandOut(batch, last);
                return;
            }
            if (outstanding >= options.Prefetch)
                stalled = time.GetTimestamp(); // it is we who are waited for
            else if (time.GetElapsedTime(stalled).TotalSeconds >= options.LongestStall)
                throw new UnavailableException($"The queue '{queue}' at {connector.Address} has {waiting:N0} messages and handed out none for {options.LongestStall} s. Another consumer may have it to itself (x-single-active-consumer), or it is a stream, which is not drained.");
        }
    }

    Delivery? Next() => consumer!.TryRead(out var delivery) ? delivery : null;

    /// <returns>False where there is no room for it.</returns>
    bool Add(DocumentBatch batch, in Delivery delivery)
    {
        if (reader.Read(delivery.Body) is { } problem)
        {
            if (!batch.HasRoomFor(delivery.Length))
                return false;
            batch.AddRefused(delivery.Body, MessageReader.MediaType, MessageReader.PositionOf(delivery.Body), problem);
            return true;
        }
        if (!batch.HasRoomFor(reader.Document.Length))
            return false;
        batch.Add(reader.Document);
        batch.SetOriginal(delivery.Body, MessageReader.MediaType);
        return true;
    }

    void HandOut(DocumentBatch batch, ulong last)
    {
        if (batch.Count == 0)
            return;
        batch.Position = batch.RefusedAt(batch.Count - 1)?.Position ?? Bson.Only(batch[batch.Count - 1], "_id"u8);
        lock (gate)
            unsettled.Enqueue((consumer!, last, batch.Count));
    }

    public async Task CommittedAsync(CancellationToken cancellation)
    {
        (QueueConsumer Consumer, ulong Tag, int Messages) batch;
        bool isCurrent;
        lock (gate)
        {
            if (!unsettled.TryDequeue(out batch))
                throw new InvalidOperationException($"More batches of '{queue}' were committed than read.");
            isCurrent = batch.Consumer == consumer;
        }
        if (!isCurrent || !await batch.Consumer.AcknowledgeAsync(batch.Tag, cancellation))
            return;
        lock (gate)
            if (batch.Consumer == consumer)
                Interlocked.Add(ref outstanding, -batch.Messages);
    }

    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            if (disposed)
                return;
            disposed = true;
        }
        if (consumer is { } open)
            await open.DisposeAsync();
    }
}
