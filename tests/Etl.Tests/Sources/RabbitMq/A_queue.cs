using System.Text;
using Etl.Documents;
using Etl.Flattening;
using Etl.Sources;
using Etl.Sources.RabbitMq;

namespace Etl.Tests.Sources.RabbitMq;

/// <summary>A queue of a real broker, read over a real socket.</summary>
public sealed class A_queue
{
    [Theory]
    [InlineData("classic")]
    [InlineData("quorum")]
    public async Task Is_drained_in_order_and_empty_afterwards(string type)
    {
        await using var queue = await TestQueue.NewAsync($"drained-{type}", type);
        await queue.PublishNumbersAsync(0, 1_000);
        await using var source = queue.Source();
        Assert.Equal(1_000, await source.EstimateAsync(TestQueue.Dataset, default));

        await using (var scan = source.Scan(TestQueue.Dataset, ScanRange.Whole, null))
            Assert.Equal(Enumerable.Range(0, 1_000), await TestQueue.DrainAsync(scan));

        Assert.Equal(0u, await queue.ReadyAsync());
        await using var again = source.Scan(TestQueue.Dataset, ScanRange.Whole, null);
        Assert.Empty(await TestQueue.DrainAsync(again));
    }

    [Fact]
    public async Task Keeps_what_was_read_and_not_committed()
    {
        await using var queue = await TestQueue.NewAsync("uncommitted");
        await queue.PublishNumbersAsync(0, 250);
        await using var source = queue.Source();
        await using (var scan = source.Scan(TestQueue.Dataset, ScanRange.Whole, null))
        {
            var batch = new DocumentBatch(100);
            Assert.True(await scan.ReadAsync(batch, default));
            Assert.True(await scan.ReadAsync(batch, default));
            await scan.CommittedAsync(default); // the first of the two
        }

        await using var next = source.Scan(TestQueue.Dataset, ScanRange.Whole, null);
        Assert.Equal(Enumerable.Range(100, 150), (await TestQueue.DrainAsync(next)).Order());
    }

    [Fact]
    public async Task Gives_the_same_message_the_same_document_whenever_it_comes()
    {
        await using var queue = await TestQueue.NewAsync("same");
        await queue.PublishAsync("""{"n":1,"_id":"x"}""", """{"n":2}""", """{"n":1,"_id":"x"}""");
        await using var source = queue.Source();
        await using var scan = source.Scan(TestQueue.Dataset, ScanRange.Whole, null);
        var batch = new DocumentBatch();
        Assert.True(await scan.ReadAsync(batch, default));

        Assert.Equal(3, batch.Count);
        Assert.Equal(batch[0].ToArray(), batch[2].ToArray());
        byte[] hash = new byte[Hash128.Size];
        Hash128.Of("""{"n":1,"_id":"x"}"""u8).CopyTo(hash);
        byte[] position = Bson.Make(w => w.WriteBinary("_id", hash));
        Assert.Equal(position, source.PositionOf(TestQueue.Dataset, batch[0]));
        Assert.Equal(Bson.Make(w => w.WriteBinary("_id", hash).Write("n", 1).Write("_source_id", "x")), batch[0].ToArray());
        Assert.Equal(position, batch.Position);
    }

    [Fact]
    public async Task Refuses_poison_with_its_bytes_and_lets_go_of_it_after_the_commit()
    {
        byte[][] poison = [.. ((string[])["not json", "[1,2]", "{\"n\":", "", "17", "{\"a\":1}{\"b\":2}"]).Select(Encoding.UTF8.GetBytes), [0xff, 0xfe, 0x00], [.. "{\"n\":\""u8, 0xc3, 0x28, .. "\"}"u8]];
        await using var queue = await TestQueue.NewAsync("poison");
        await queue.PublishNumbersAsync(0, 1);
        await queue.PublishAsync(poison.Select(p => (ReadOnlyMemory<byte>)p));
        await queue.PublishNumbersAsync(1, 1);
        await using var source = queue.Source();
        await using (var scan = source.Scan(TestQueue.Dataset, ScanRange.Whole, null))
        {
            var batch = new DocumentBatch();
            Assert.True(await scan.ReadAsync(batch, default));
            Assert.Equal(poison.Length + 2, batch.Count);
            Assert.Equal(poison.Length, batch.RefusedCount);
            for (int i = 0; i < poison.Length; i++)
            {
                var refused = batch.RefusedAt(i + 1)!;
                Assert.Equal(poison[i], refused.Bytes.ToArray());
                Assert.Equal("application/json", refused.MediaType);
                Assert.NotEmpty(refused.Reason);
                Assert.Equal(0x05, refused.Position[4]); // a binary
            }
            await scan.CommittedAsync(default);
            Assert.False(await scan.ReadAsync(batch, default));
        }
        Assert.Equal(0u, await queue.ReadyAsync());
    }

    [Fact]
    public async Task Refuses_a_message_that_is_too_large_for_a_document()
    {
        await using var queue = await TestQueue.NewAsync("large");
        byte[] large = Encoding.UTF8.GetBytes($$"""{"text":"{{new string('x', Bson.MaxDocumentSize)}}"}""");
        await queue.PublishAsync([large]);
        await queue.PublishNumbersAsync(1, 1);
        await using var source = queue.Source();
        await using var scan = source.Scan(TestQueue.Dataset, ScanRange.Whole, null);
        var batch = new DocumentBatch();
        Assert.True(await scan.ReadAsync(batch, default));
        Assert.Equal(large.Length, batch.RefusedAt(0)!.Bytes.Length);
        Assert.Contains("16,777,216", batch.RefusedAt(0)!.Reason, StringComparison.Ordinal);
        await scan.CommittedAsync(default);
        Assert.True(await scan.ReadAsync(batch, default));
        Assert.Equal(1, TestQueue.NumberIn(batch[0]));
    }

    [Fact]
    public async Task Hands_out_no_more_than_its_prefetch_before_a_commit()
    {
        await using var queue = await TestQueue.NewAsync("prefetch");
        await queue.PublishNumbersAsync(0, 100);
        await using var source = queue.Source(new RabbitMqOptions { Prefetch = 30, Quiet = 50 });
        await using var scan = source.Scan(TestQueue.Dataset, ScanRange.Whole, null);
        var batch = new DocumentBatch();
        Assert.True(await scan.ReadAsync(batch, default));
        Assert.Equal(30, batch.Count);
        Assert.Equal(70u, await queue.ReadyAsync());

        var waiting = scan.ReadAsync(batch, default);
        Assert.NotSame(waiting, await Task.WhenAny(waiting, Task.Delay(300)));
        await scan.CommittedAsync(default);
        Assert.True(await waiting.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal(30, TestQueue.NumberIn(batch[0]));
        await scan.CommittedAsync(default);
        Assert.Equal(Enumerable.Range(60, 40), await TestQueue.DrainAsync(scan));
    }

    [Fact]
    public async Task Fills_batches_of_the_size_that_is_asked_for()
    {
        await using var queue = await TestQueue.NewAsync("sizes");
        await queue.PublishNumbersAsync(0, 25);
        await using var source = queue.Source();
        await using var scan = source.Scan(TestQueue.Dataset, ScanRange.Whole, null);
        var batch = new DocumentBatch(10);
        var sizes = new List<int>();
        while (await scan.ReadAsync(batch, default))
        {
            sizes.Add(batch.Count);
            await scan.CommittedAsync(default);
        }
        Assert.Equal([10, 10, 5], sizes);
    }

    [Fact]
    public async Task Is_followed_until_cancelled()
    {
        await using var queue = await TestQueue.NewAsync("followed");
        await using var source = queue.Source(new RabbitMqOptions { Follow = true, Quiet = 50, LongestLinger = 100 });
        await using var scan = source.Scan(TestQueue.Dataset, ScanRange.Whole, null);
        var batch = new DocumentBatch();
        foreach (int n in (int[])[1, 2])
        {
            var reading = scan.ReadAsync(batch, default);
            Assert.NotSame(reading, await Task.WhenAny(reading, Task.Delay(300)));
            await queue.PublishNumbersAsync(n, 1);
            Assert.True(await reading.WaitAsync(TimeSpan.FromSeconds(60)));
            Assert.Equal(n, TestQueue.NumberIn(batch[0]));
            await scan.CommittedAsync(default);
        }
        using var stop = new CancellationTokenSource(200);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scan.ReadAsync(batch, stop.Token));
    }

    [Fact]
    public async Task Is_drained_to_an_end_though_its_publisher_never_pauses()
    {
        await using var queue = await TestQueue.NewAsync("never-pauses");
        await queue.PublishNumbersAsync(0, 100);
        using var stop = new CancellationTokenSource();
        var publishing = Task.Run(async () =>
        {
            for (int n = 100; !stop.IsCancellationRequested; n++)
                await queue.PublishNumbersAsync(n, 1);
        });
        await using var source = queue.Source(new RabbitMqOptions { LongestDrain = 1, Quiet = 5_000, LongestLinger = 100 });
        await using var scan = source.Scan(TestQueue.Dataset, ScanRange.Whole, null);
        var read = await TestQueue.DrainAsync(scan).WaitAsync(TimeSpan.FromSeconds(60));
        await stop.CancelAsync();
        await publishing;
        Assert.True(read.Count >= 100);
        Assert.Equal(Enumerable.Range(0, read.Count), read);
    }

    [Fact]
    public async Task That_is_absent_is_missing_and_how_to_make_it_is_said()
    {
        await using var queue = await TestQueue.NewAsync("absent");
        await queue.DeleteAsync();
        await using var source = queue.Source();
        var missing = Assert.Single(await source.FindMissingAsync([TestQueue.Dataset], default));
        Assert.Contains("'absent' does not exist at amqp://127.0.0.1:", missing.Message, StringComparison.Ordinal);
        Assert.Contains("declare=quorum", missing.Message, StringComparison.Ordinal);

        await using var scan = source.Scan(TestQueue.Dataset, ScanRange.Whole, null);
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => scan.ReadAsync(new DocumentBatch(), default));
        Assert.Contains("'absent' does not exist", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(new Uri(queue.BrokerUri).UserInfo.Split(':')[1], failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("classic")]
    [InlineData("quorum")]
    public async Task Is_made_where_the_address_says_so(string type)
    {
        await using var queue = await TestQueue.NewAsync($"declared-{type}");
        await queue.DeleteAsync();
        await using var source = new RabbitMqSource($"{queue.Address}&declare={type}&quiet=50");
        Assert.Empty(await source.FindMissingAsync([TestQueue.Dataset], default));
        // Declared again in the same way, it is the same queue.
        await queue.Channel.QueueDeclareAsync(queue.Name, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = type });
        await using var scan = source.Scan(TestQueue.Dataset, ScanRange.Whole, null);
        Assert.Empty(await TestQueue.DrainAsync(scan));
    }

    [Fact]
    public async Task With_other_arguments_than_declared_is_named()
    {
        await using var queue = await TestQueue.NewAsync("other-arguments");
        await using var source = new RabbitMqSource($"{queue.Address}&declare=quorum");
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => source.FindMissingAsync([TestQueue.Dataset], default));
        Assert.Contains("'other-arguments'", failure.Message, StringComparison.Ordinal);
        Assert.Contains("x-queue-type", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task That_is_deleted_while_it_is_read_is_an_error_and_no_end()
    {
        await using var queue = await TestQueue.NewAsync("deleted");
        await queue.PublishNumbersAsync(0, 10);
        await using var source = queue.Source(new RabbitMqOptions { Follow = true, Quiet = 50, LongestLinger = 50, FirstPause = 10 });
        await using var scan = source.Scan(TestQueue.Dataset, ScanRange.Whole, null);
        var batch = new DocumentBatch();
        Assert.True(await scan.ReadAsync(batch, default));
        var reading = scan.ReadAsync(batch, default);
        await queue.DeleteAsync();
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => reading);
        Assert.Contains("behind 10 messages. The queue 'deleted' does not exist", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task That_hands_out_nothing_to_us_is_an_error_and_no_end()
    {
        await using var queue = await TestQueue.NewAsync("single");
        await queue.DeleteAsync();
        await queue.Channel.QueueDeclareAsync(queue.Name, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-single-active-consumer"] = true });
        await queue.Channel.BasicQosAsync(0, 1, global: false);
        await queue.Channel.BasicConsumeAsync(queue.Name, autoAck: false, "first", noLocal: false, exclusive: false, null, new RabbitMQ.Client.AsyncDefaultBasicConsumer(queue.Channel));
        await queue.PublishNumbersAsync(0, 10);
        await using var source = queue.Source(new RabbitMqOptions { LongestStall = 1, Quiet = 50 });
        await using var scan = source.Scan(TestQueue.Dataset, ScanRange.Whole, null);
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => scan.ReadAsync(new DocumentBatch(), default));
        Assert.Contains("has 9 messages and handed out none", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cannot_be_gone_back_to()
    {
        await using var queue = await TestQueue.NewAsync("picked");
        await using var source = queue.Source();
        Assert.True(((IDocumentSource)source).IsTransient);
        Assert.Empty(await source.SplitAsync(TestQueue.Dataset, 4, default));
        Assert.Throws<UnavailableException>(() => source.Pick(TestQueue.Dataset, []));
    }

    [Fact]
    public async Task Is_described_without_its_password()
    {
        await using var queue = await TestQueue.NewAsync("described");
        await using var source = queue.Source();
        var description = await source.DescribeAsync(default);
        Assert.Matches(@"^rabbitmq \d+\.\d+\.\d+\S* at amqp://127\.0\.0\.1:\d+/$", description.Name);
        Assert.Null(description.ClusterTime);
    }
}
