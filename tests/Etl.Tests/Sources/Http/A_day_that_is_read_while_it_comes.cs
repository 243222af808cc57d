using System.Text;
using Etl.Sources;
using Etl.Sources.Http;
using Etl.Tests.Loading;
using static Etl.Tests.Sources.Http.HttpReading;
using static Etl.Tests.Sources.Http.TestApi;

namespace Etl.Tests.Sources.Http;

/// <summary>A loader that can drop what it was given of a day need not wait until the day is there whole.</summary>
public sealed class A_day_that_is_read_while_it_comes
{
    const int Elements = 12_000;

    static readonly string Padding = new('x', 1_000); // more than is kept in memory, in all

    static string Body(int elements, Func<int, string> members) => $"[{string.Join(',', Enumerable.Range(0, elements).Select(i => $$"""{{{members(i)}},"pad":"{{Padding}}"}"""))}]";

    /// <summary>Announces the whole body, sends most of it, and hangs up when it may.</summary>
    static async Task BreakOffAsync(Stream stream, string body, Task when, CancellationToken cancellation)
    {
        byte[] reply = Encoding.UTF8.GetBytes(Ok(body));
        await stream.WriteAsync(reply.AsMemory(0, reply.Length * 9 / 10), cancellation);
        await stream.FlushAsync(cancellation);
        await when.WaitAsync(cancellation);
    }

    static ValueTask WholeAsync(Stream stream, string body, CancellationToken cancellation) => stream.WriteAsync(Encoding.UTF8.GetBytes(Ok(body)), cancellation);

    [Fact]
    public async Task Says_that_it_broke_off_and_comes_again()
    {
        var seen = new TaskCompletionSource();
        await using var api = new TestApi((asked, stream, token) => asked.Number == 0
            ? BreakOffAsync(stream, Body(Elements, i => $"\"a\":{i}"), seen.Task, token)
            : WholeAsync(stream, """[{"a":-1},{"a":-2}]""", token).AsTask());
        await using var source = new HttpSource(Options(api));
        await using var scan = source.Scan(Things, ScanRange.Whole, null);
        scan.AllowRestarts();
        var batch = new DocumentBatch(100);
        Assert.True(await scan.ReadAsync(batch, default));
        Assert.Equal(100, batch.Count);
        Assert.False(batch.Restarts);
        seen.SetResult();
        int before = batch.Count, restarts = 0;
        var after = new List<string>();
        while (await scan.ReadAsync(batch, default))
        {
            restarts += batch.Restarts ? 1 : 0;
            before += restarts == 0 ? batch.Count : 0;
            for (int i = 0; restarts > 0 && i < batch.Count; i++)
                after.Add(Etl.Documents.ExtendedJson.ToString(batch[i]));
        }
        Assert.Equal(1, restarts);
        Assert.InRange(before, 100, Elements - 1);
        Assert.Equal([Document("2024-01-01", 0, "\"a\":-1"), Document("2024-01-01", 1, "\"a\":-2")], after);
    }

    [Fact]
    public async Task Says_so_too_when_nothing_comes_again()
    {
        var seen = new TaskCompletionSource();
        await using var api = new TestApi((asked, stream, token) => asked.Number == 0
            ? BreakOffAsync(stream, Body(Elements, i => $"\"a\":{i}"), seen.Task, token)
            : WholeAsync(stream, "[]", token).AsTask());
        await using var source = new HttpSource(Options(api));
        await using var scan = source.Scan(Things, ScanRange.Whole, null);
        scan.AllowRestarts();
        var batch = new DocumentBatch(100);
        Assert.True(await scan.ReadAsync(batch, default));
        seen.SetResult();
        do
            Assert.True(await scan.ReadAsync(batch, default));
        while (!batch.Restarts);
        Assert.Equal(0, batch.Count);
        Assert.False(await scan.ReadAsync(batch, default));
    }

    [Fact]
    public async Task Waits_for_the_whole_day_where_its_reader_cannot_drop_anything()
    {
        var seen = new TaskCompletionSource();
        await using var api = new TestApi((asked, stream, token) => asked.Number == 0
            ? BreakOffAsync(stream, Body(Elements, i => $"\"a\":{i}"), seen.Task, token)
            : WholeAsync(stream, """[{"a":-1}]""", token).AsTask());
        await using var source = new HttpSource(Options(api));
        var reading = ReadAsync(source);
        await Task.Delay(200);
        Assert.False(reading.IsCompleted);
        seen.SetResult();
        Assert.Equal([Document("2024-01-01", 0, "\"a\":-1")], await reading);
    }

    /// <summary>Both ways into the warehouse: an empty table is filled, the second day goes by the stage.</summary>
    [Fact]
    public async Task Is_loaded_as_if_it_had_come_whole()
    {
        await using var events = await Events.OnAsync("http_cut");
        static string Members(string day, int i) => $$"""
            "meta":{"id":"{{day}}-{{i % 11_000}}","at":"{{day}} 00:00:{{i % 60:00}}"},"who":{{i % 100}},"says":"s{{i}}"
            """;
        await using var api = new TestApi(async (asked, stream, token) =>
        {
            string body = Body(Elements, i => Members(asked.Day, i));
            if (asked.Number == 0)
                await BreakOffAsync(stream, body, Task.Delay(1_500, token), token);
            else
                await WholeAsync(stream, body, token);
        });
        await using var source = new HttpSource(Options(api, 2) with { ParallelDays = 1 });
        var result = await events.SyncAsync(source, 500);
        await events.BooksCloseAsync(result);
        Assert.Equal(2, source.Effort.Retries);
        Assert.Equal((24_000, 22_000, 2_000), ((int)result.Documents[0].Read, (int)result.Documents[0].Loaded, (int)result.Documents[0].Superseded));
        Assert.Equal(22_000, await events.CountAsync("SELECT count(*) FROM events.happenings"));
        Assert.Equal(2_000, await events.CountAsync("SELECT count(*) FROM events.happenings WHERE says ~ '^s11[0-9]{3}$'"));
        Assert.Equal(24_000, await events.CountAsync($"SELECT documents FROM quality.drift WHERE run_id = {result.Run} AND path = 'pad'"));
        Assert.Equal(1, await events.CountAsync("SELECT count(*) FROM pg_index WHERE indrelid = 'events.happenings'::regclass AND indisprimary"));
        Assert.All((await events.SyncAsync(source, 500)).Tables, t => Assert.Equal((0L, 0L, 0L), (t.Inserted, t.Updated, t.Removed)));
    }

    [Fact]
    public async Task Leaves_nothing_behind_when_it_never_comes_whole()
    {
        await using var events = await Events.OnAsync("http_never");
        await using var api = new TestApi((asked, stream, token) =>
            BreakOffAsync(stream, Body(Elements, i => $$"""
                "meta":{"id":"{{i}}","at":"2024-01-01 00:00:00"},"who":1,"says":"a"
                """), Task.Delay(300, token), token));
        await using var source = new HttpSource(Options(api) with { Attempts = 3 });
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => events.SyncAsync(source, 500));
        Assert.Contains("Nothing of that day was loaded", failure.Message);
        Assert.Equal(0, await events.CountAsync("SELECT count(*) FROM events.happenings"));
        Assert.Equal(0, await events.CountAsync("SELECT coalesce(sum(read), 0)::bigint FROM quality.ledger"));
    }
}
