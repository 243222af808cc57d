using Chaos.Generation;

namespace Chaos.Tests.Generation;

public sealed class A_living_community
{
    static readonly CommunityOptions Options = new() { SignUpsPerDay = 12, Seed = 3, RealTimeSecondsInADay = 20, TimeBetweenCronJobs = 8 };

    /// <summary>Cancels once so many days have ended.</summary>
    sealed class StopAfter(int days, CancellationTokenSource cancellation) : IProgress<GenerationSummary>
    {
        int left = days;

        public void Report(GenerationSummary value)
        {
            if (--left == 0)
                cancellation.Cancel();
        }
    }

    static async Task<(MemorySink Sink, GenerationSummary Summary, SteppingTime Time)> LivedAsync(int days, MemorySink? sink = null)
    {
        sink ??= new MemorySink();
        var time = new SteppingTime();
        using var cancellation = new CancellationTokenSource();
        var summary = await new CommunityGenerator(sink, Options, time).LiveAsync(new StopAfter(days, cancellation), cancellation.Token);
        return (sink, summary, time);
    }

    [Fact]
    public async Task Takes_a_simulated_day_in_the_real_seconds_asked_for()
    {
        var (sink, summary, time) = await LivedAsync(4);
        Assert.InRange(time.Elapsed.TotalSeconds, 80, 82);
        Assert.Equal(4 * Options.SignUpsPerDay, sink["users"].Count);
        Assert.Equal(Options.CompanyStartDate.AddDays(3), summary.LastDay);
    }

    [Fact]
    public async Task Replaces_every_invoice_id_at_each_run_of_the_job()
    {
        var (sink, _, _) = await LivedAsync(4);
        var replaced = sink.Updates.Where(update => update.Collection == "users").ToList();
        Assert.NotEmpty(replaced);
        foreach (var (_, _, before, after) in replaced)
        {
            var old = Json.Of(before)["subscriptions"]!["invoices"]!.AsArray().Select(invoice => invoice.Id());
            var young = Json.Of(after)["subscriptions"]!["invoices"]!.AsArray().Select(invoice => invoice.Id()).ToList();
            Assert.NotEmpty(young);
            Assert.Empty(old.Intersect(young));
        }
        Assert.Equal(10, replaced.CountBy(update => Convert.ToHexString(update.Id)).Max(user => user.Value), 1d); // 80 s, a run every 8 s
    }

    [Fact]
    public async Task Only_appends_to_a_thread()
    {
        var (sink, _, _) = await LivedAsync(6);
        var pushed = sink.Updates.Where(update => update.Collection == "messages").ToList();
        Assert.NotEmpty(pushed);
        foreach (var (_, _, before, after) in pushed)
        {
            var old = Json.Of(before)["messages"]!.AsArray().Select(message => message!.ToJsonString()).ToList();
            var young = Json.Of(after)["messages"]!.AsArray().Select(message => message!.ToJsonString()).ToList();
            Assert.True(young.Count > old.Count);
            Assert.Equal(old, young.Take(old.Count));
            Assert.Equal(Json.Of(after)["messages"]!.AsArray()[^1].Date("messageDate"), Json.Of(after).Date("latestMessageDate"));
        }
    }

    [Fact]
    public async Task Writes_the_same_messages_as_days_made_at_once()
    {
        var (lived, _, _) = await LivedAsync(6);
        var atOnce = new MemorySink();
        await new CommunityGenerator(atOnce, Options with { Days = 6 }).GenerateDaysAsync(TestContext.Current.CancellationToken);
        Assert.Equal(atOnce["messages"].Select(thread => Json.Of(thread).ToJsonString()), lived["messages"].Select(thread => Json.Of(thread).ToJsonString()));
    }

    [Fact]
    public async Task Goes_on_where_it_was_stopped()
    {
        var (sink, _, _) = await LivedAsync(2);
        var (_, summary, _) = await LivedAsync(2, sink);
        Assert.Equal(Options.CompanyStartDate.AddDays(2), summary.FirstDay);
        Assert.Equal(4 * Options.SignUpsPerDay, sink["users"].Count);
    }

    [Fact]
    public async Task Tells_of_a_sink_that_fails()
    {
        var generator = new CommunityGenerator(new FailingSink(), Options, new SteppingTime());
        await Assert.ThrowsAsync<IOException>(() => generator.LiveAsync(cancellation: TestContext.Current.CancellationToken));
    }

    sealed class FailingSink : IDocumentSink
    {
        public Task InsertAsync(string collection, IReadOnlyList<byte[]> documents, CancellationToken cancellation) => throw new IOException("gone");
        public Task UpdateAsync(string collection, IReadOnlyList<DocumentUpdate> updates, CancellationToken cancellation) => throw new IOException("gone");
        public Task<IReadOnlyList<byte[]>> HighestAsync(string collection, string field, Etl.Documents.BsonType type, ReadOnlyMemory<byte> below, int limit, IReadOnlyList<string> fields, CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyList<byte[]>>([]);
    }
}
