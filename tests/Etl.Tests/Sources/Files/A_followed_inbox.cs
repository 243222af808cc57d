using Etl.Sources;
using Etl.Sources.Files;

namespace Etl.Tests.Sources.Files;

/// <summary>With the system's own clock and notifications.</summary>
public sealed class A_followed_inbox : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly Inbox inbox = new();

    public A_followed_inbox() => inbox.Options = inbox.Options with { Follows = true, Time = TimeProvider.System, ListingPause = TimeSpan.FromHours(1), StandStill = TimeSpan.FromMilliseconds(300) };

    public void Dispose() => inbox.Dispose();

    void Write(string name, string text)
    {
        File.WriteAllText(inbox.PathOf("." + name), text);
        File.Move(inbox.PathOf("." + name), inbox.PathOf(name), overwrite: true);
    }

    static async Task<string[]> NextAsync(IDocumentScan scan)
    {
        var batch = new DocumentBatch();
        Assert.True(await scan.ReadAsync(batch, TestContext.Current.CancellationToken).WaitAsync(Patience));
        string[] read = [.. Inbox.Shown(batch)];
        await scan.CommittedAsync(default);
        return read;
    }

    [Fact]
    public async Task Gives_what_is_there_then_what_comes()
    {
        Write("a.json", "{}");
        await using var scan = inbox.Source().Scan(Inbox.Things, ScanRange.Whole, null);
        Assert.Equal(["""{"_id":"things/a.json"}"""], await NextAsync(scan));
        var waiting = NextAsync(scan);
        await Task.Delay(200);
        Assert.False(waiting.IsCompleted);
        Write("b.json", "{}");
        Assert.Equal(["""{"_id":"things/b.json"}"""], await waiting);
        Write("b.json", """{"x": 2}"""); // rewritten
        Assert.Equal(["""{"_id":"things/b.json","x":2}"""], await NextAsync(scan));
    }

    [Fact]
    public async Task Finds_by_listing_what_nobody_told()
    {
        inbox.Options = inbox.Options with { ListingPause = TimeSpan.FromMilliseconds(200) };
        Write("a.json", "{}");
        var folder = new DatasetFolder(inbox.Options with { Memory = new FileMemory() }, Inbox.Things);
        await using var feed = new FollowingFeed(folder, new HandedOut(), new SilentWatch());
        Assert.Equal("a.json", Assert.Single((await feed.NextAsync(mayWait: true, default))!).Name);
        await folder.Options.Memory!.KeepAsync(Inbox.Things, [folder.Find("a.json")!.Value.Seen], default);
        Write("b.json", "{}");
        Assert.Equal("b.json", Assert.Single((await feed.NextAsync(mayWait: true, default).WaitAsync(Patience))!).Name);
    }

    [Fact]
    public async Task Waits_for_the_rest_of_a_file_that_is_being_written()
    {
        await using var scan = inbox.Source().Scan(Inbox.Things, ScanRange.Whole, null);
        var reading = NextAsync(scan);
        using (var writer = File.CreateText(inbox.PathOf("slow.json")))
            foreach (string part in (string[])["{\"x\"", ": [1", ", 2]}"])
            {
                await writer.WriteAsync(part);
                await writer.FlushAsync(TestContext.Current.CancellationToken);
                await Task.Delay(120);
            }
        Assert.Equal(["""{"_id":"things/slow.json","x":[1,2]}"""], await reading);
    }

    [Fact]
    public async Task Refuses_a_broken_file_when_it_has_stood_still()
    {
        inbox.Options = inbox.Options with { ListingPause = TimeSpan.FromMilliseconds(100) };
        await using var scan = inbox.Source().Scan(Inbox.Things, ScanRange.Whole, null);
        Write("bad.json", "{");
        Assert.StartsWith("""{"_id":"things/bad.json"}: Not valid JSON""", Assert.Single(await NextAsync(scan)));
        Write("good.json", "{}");
        Assert.Equal(["""{"_id":"things/good.json"}"""], await NextAsync(scan)); // and not the bad one again
    }

    [Fact]
    public async Task Does_not_give_again_what_is_read_and_not_yet_durable()
    {
        inbox.Options = inbox.Options with { ListingPause = TimeSpan.FromMilliseconds(50) };
        Write("a.json", "{}");
        await using var scan = inbox.Source().Scan(Inbox.Things, ScanRange.Whole, null);
        var batch = new DocumentBatch();
        Assert.True(await scan.ReadAsync(batch, default));
        var waiting = scan.ReadAsync(batch, default);
        await Task.Delay(500); // several listings
        Assert.False(waiting.IsCompleted);
        Write("b.json", "{}");
        Assert.True(await waiting.WaitAsync(Patience));
        Assert.Equal(["""{"_id":"things/b.json"}"""], Inbox.Shown(batch));
    }

    [Fact]
    public async Task Ends_when_it_is_cancelled()
    {
        await using var scan = inbox.Source().Scan(Inbox.Things, ScanRange.Whole, null);
        using var stop = new CancellationTokenSource(100);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scan.ReadAsync(new DocumentBatch(), stop.Token).WaitAsync(Patience));
    }

    [Fact]
    public async Task Loses_nothing_when_many_files_come_at_once()
    {
        inbox.Options = inbox.Options with { ListingPause = TimeSpan.FromMilliseconds(500) };
        await using var scan = inbox.Source().Scan(Inbox.Things, ScanRange.Whole, null);
        var writing = Task.Run(() => Parallel.For(0, 5000, i => Write($"{i}.json", "{}")));
        var read = new List<string>();
        while (read.Count < 5000)
            read.AddRange(await NextAsync(scan));
        await writing;
        Assert.Equal(5000, read.Distinct().Count());
        Assert.Equal(5000, read.Count);
    }

    sealed class SilentWatch : IFolderWatch
    {
        public IReadOnlyList<string> Take() => [];

        public Task WaitAsync(TimeSpan most, CancellationToken cancellation) => Task.Delay(most, cancellation);

        public void Dispose()
        {
        }
    }
}
