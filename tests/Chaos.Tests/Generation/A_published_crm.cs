using Chaos.Generation;
using Etl;
using RabbitMQ.Client;
using Tests.Shared;
using Broker = Tests.Shared.RabbitMq;

namespace Chaos.Tests.Generation;

/// <summary>Over a real broker.</summary>
public sealed class A_published_crm
{
    static async Task<(IConnection Connection, IChannel Channel)> ConnectAsync(string queue)
    {
        var connection = await Broker.ConnectAsync();
        var channel = await connection.CreateChannelAsync();
        await channel.QueueDeleteAsync(queue, ifUnused: false, ifEmpty: false);
        return (connection, channel);
    }

    [Fact]
    public async Task Lies_in_a_durable_queue_in_the_order_in_which_it_was_sent()
    {
        var (connection, channel) = await ConnectAsync("crm-published");
        await using var _ = connection;
        var options = new CrmOptions { Days = 2, EventsPerDay = 1_500 };
        string csv = Path.Combine(Scratch.Folder("crm"), "organizations.csv");
        await using (var publisher = await QueuePublisher.OpenAsync($"{await Broker.UriAsync()}?queue=crm-published", CrmGenerator.DefaultQueue))
        {
            Assert.Matches(@"^queue 'crm-published' at amqp://127\.0\.0\.1:\d+/$", publisher.Place);
            var summary = await new CrmGenerator(publisher, options).GenerateDaysAsync(csv);
            Assert.Equal(summary.Published, (await channel.QueueDeclareAsync("crm-published", durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "classic" })).MessageCount);
        }
        var world = new CrmWorld(options);
        foreach (var message in (CrmMessage[])[.. world.Advance(), .. world.Advance(), .. world.Finish()])
        {
            var got = await channel.BasicGetAsync("crm-published", autoAck: true);
            Assert.Equal(Convert.ToHexString(message.Body), Convert.ToHexString(got!.Body.Span));
            Assert.True(got.BasicProperties.Persistent);
        }
    }

    [Fact]
    public async Task Goes_on_in_sped_up_time_until_cancelled()
    {
        var (connection, channel) = await ConnectAsync("crm-live");
        await using var _ = connection;
        string csv = Path.Combine(Scratch.Folder("crm"), "organizations.csv");
        await using var publisher = await QueuePublisher.OpenAsync($"{await Broker.UriAsync()}?queue=crm-live&declare=quorum", CrmGenerator.DefaultQueue);
        using var stop = new CancellationTokenSource();
        var days = new List<CrmSummary>();
        var progress = new Told(summary =>
        {
            days.Add(summary);
            if (days.Count == 3)
                stop.Cancel();
        });
        var live = await new CrmGenerator(publisher, new CrmOptions { EventsPerDay = 50, RealTimeSecondsInADay = 0.2 }).LiveAsync(csv, progress, stop.Token);
        Assert.Equal(new DateOnly(2020, 12, 7), live.LastDay);
        Assert.True((await channel.QueueDeclarePassiveAsync("crm-live")).MessageCount >= live.Published);
    }

    [Fact]
    public async Task Cannot_be_published_where_no_broker_is()
    {
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => QueuePublisher.OpenAsync("amqp://me:secret@127.0.0.1:1/", "q"));
        Assert.Contains("cannot be reached", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.ToString(), StringComparison.Ordinal);
    }

    sealed class Told(Action<CrmSummary> tell) : IProgress<CrmSummary>
    {
        public void Report(CrmSummary value) => tell(value);
    }
}
