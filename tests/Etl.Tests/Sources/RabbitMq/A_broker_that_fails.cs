using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Etl.Sources;
using Etl.Sources.RabbitMq;
using Quality.Sandbox;
using Tests.Shared;
using Broker = Tests.Shared.RabbitMq;

namespace Etl.Tests.Sources.RabbitMq;

public sealed class A_broker_that_fails
{
    static readonly RabbitMqOptions Impatient = new() { Quiet = 100, FirstPause = 20, LongestPause = 100, Attempts = 3 };

    [Theory]
    [InlineData("classic", 60_000)]
    [InlineData("quorum", 60_000)]
    [InlineData("classic", 150_000)]
    public async Task By_a_cut_connection_loses_nothing(string type, int bytes)
    {
        await using var queue = await TestQueue.NewAsync($"cut-{type}-{bytes}", type);
        await queue.PublishNumbersAsync(0, 5_000);
        await using var proxy = new CuttingProxy(new Uri(queue.BrokerUri).Port);
        await using var source = new RabbitMqSource(queue.Address.Replace($":{new Uri(queue.BrokerUri).Port}", $":{proxy.Port}", StringComparison.Ordinal), Impatient with { Prefetch = 1_000 });
        proxy.CutAfter(bytes);
        await using (var scan = source.Scan(TestQueue.Dataset, ScanRange.Whole, null))
        {
            var read = await TestQueue.DrainAsync(scan, 300);
            Assert.Equal(2, proxy.Connections);
            Assert.Equal(Enumerable.Range(0, 5_000), read.Distinct().Order());
        }
        Assert.Equal(1, source.Effort.Reopened);
        Assert.True(source.Effort.Retries > 0);
        Assert.Equal(0u, await queue.ReadyAsync());
    }

    /// <summary>What was handed out before the cut and committed after it comes once more, and says so by its hash.</summary>
    [Fact]
    public async Task Between_a_batch_and_its_commit_hands_the_batch_out_again()
    {
        await using var queue = await TestQueue.NewAsync("cut-before-commit");
        await queue.PublishNumbersAsync(0, 30);
        await using var proxy = new CuttingProxy(new Uri(queue.BrokerUri).Port);
        await using var source = new RabbitMqSource(queue.Address.Replace($":{new Uri(queue.BrokerUri).Port}", $":{proxy.Port}", StringComparison.Ordinal), Impatient with { Prefetch = 20 });
        await using var scan = source.Scan(TestQueue.Dataset, ScanRange.Whole, null);
        var batch = new DocumentBatch(10);
        Assert.True(await scan.ReadAsync(batch, default));
        byte[] first = batch[0].ToArray();
        proxy.CutAfter(1);
        await scan.CommittedAsync(default); // the broker's next word, the eleventh to twentieth message or a heartbeat, is the cut
        var read = await TestQueue.DrainAsync(scan);
        Assert.Equal(Enumerable.Range(0, 30), Enumerable.Range(0, 10).Concat(read).Distinct().Order());
        Assert.Equal(first.Length, batch[0].Length);
    }

    [Fact]
    public async Task Because_it_was_killed_is_waited_for_and_nothing_is_lost()
    {
        Broker.Required();
        string folder = Scratch.Folder("killed-broker");
        await using var first = await EmbeddedRabbitMq.StartAsync(folder, TimeProvider.System, default);
        await using (var queue = await TestQueue.NewAsync(() => Task.FromResult(first.Uri), "killed"))
        {
            await queue.PublishNumbersAsync(0, 3_000);
            await using var source = queue.Source(new RabbitMqOptions { Prefetch = 1_000, Quiet = 200, Attempts = 60, LongestPause = 1_000 });
            await using var scan = source.Scan(TestQueue.Dataset, ScanRange.Whole, null);
            var batch = new DocumentBatch(500);
            var seen = new HashSet<int>();
            Assert.True(await scan.ReadAsync(batch, default));
            for (int i = 0; i < batch.Count; i++)
                seen.Add(TestQueue.NumberIn(batch[i]));
            await scan.CommittedAsync(default);

            using (var broker = Process.GetProcessById(first.ProcessId!.Value))
            {
                broker.Kill();
                await broker.WaitForExitAsync();
            }
            var draining = TestQueue.DrainAsync(scan, 500);
            await using var second = await EmbeddedRabbitMq.StartAsync(folder, TimeProvider.System, default);
            Assert.False(second.IsShared);
            Assert.Equal(first.Uri, second.Uri);
            seen.UnionWith(await draining);
            Assert.Equal(Enumerable.Range(0, 3_000), seen.Order());
            Assert.True(source.Effort.Reopened > 0);
        }
    }

    [Fact]
    public async Task For_good_is_given_up_by_name()
    {
        int port;
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }
        await using var source = new RabbitMqSource($"amqp://me:secret@127.0.0.1:{port}/?queue=q", Impatient);
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => source.DescribeAsync(default));
        Assert.Contains($"RabbitMQ at amqp://127.0.0.1:{port}/ cannot be reached", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.ToString(), StringComparison.Ordinal);
        await using var scan = source.Scan(TestQueue.Dataset, ScanRange.Whole, null);
        failure = await Assert.ThrowsAsync<UnavailableException>(() => scan.ReadAsync(new DocumentBatch(), default));
        Assert.StartsWith("Reading the queue 'q' failed behind 0 messages.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task To_let_us_in_says_who_was_refused()
    {
        await using var queue = await TestQueue.NewAsync("login");
        var broker = new Uri(queue.BrokerUri);
        foreach (string address in (string[])[$"amqp://quality:wrong-word@{broker.Authority}/", $"{queue.BrokerUri}no-such-vhost"])
        {
            await using var source = new RabbitMqSource(address, Impatient);
            long began = Stopwatch.GetTimestamp();
            var failure = await Assert.ThrowsAsync<UnavailableException>(() => source.DescribeAsync(default));
            Assert.Contains("refused the login of user 'quality'", failure.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("wrong-word", failure.ToString(), StringComparison.Ordinal);
            Assert.True(Stopwatch.GetElapsedTime(began).TotalSeconds < 30, "it was tried again, though the answer stays the same");
        }
    }
}
