using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Etl.Documents;
using Etl.Sources;
using Etl.Sources.Http;
using Tests.Shared;
using static Etl.Tests.Sources.Http.HttpReading;
using static Etl.Tests.Sources.Http.TestApi;

namespace Etl.Tests.Sources.Http;

public sealed class An_http_source
{
    const string NoEvents = """{"detail": "No event found for date"}""";

    [Fact]
    public async Task Asks_for_each_day_once_with_the_token_and_puts_the_position_in_front()
    {
        await using var api = new TestApi(asked => Ok($$"""[{"a":"{{asked.Day}}"},{"a":1.5,"_id":3}]"""));
        Assert.Equal([
            Document("2024-01-01", 0, "\"a\":\"2024-01-01\""), Document("2024-01-01", 1, """ "a":{"$numberDecimal":"1.5"},"_source_id":3 """.Trim()),
            Document("2024-01-02", 0, "\"a\":\"2024-01-02\""), Document("2024-01-02", 1, """ "a":{"$numberDecimal":"1.5"},"_source_id":3 """.Trim()),
        ], await ReadAsync(Options(api, 2)));
        Assert.Equal(["/events?date=2024-01-01", "/events?date=2024-01-02"], api.Requests.Select(r => r.Target).Order());
        Assert.All(api.Requests, r => Assert.Equal("s3cret-t0ken", r.Headers["api-token"]));
    }

    [Theory]
    [InlineData(404)]
    [InlineData(400)]
    [InlineData(500)]
    public async Task Takes_a_day_without_events_for_what_it_is_whatever_its_status(int status)
    {
        await using var api = new TestApi(asked => asked.Day == "2024-01-02" ? Reply(status, NoEvents) : Ok("""[{"a":1}]"""));
        Assert.Equal(2, (await ReadAsync(Options(api, 3))).Count);
        Assert.Equal(3, api.Requests.Count);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task Names_a_refused_token_without_showing_it_and_does_not_ask_again(int status)
    {
        await using var api = new TestApi(_ => Reply(status, """{"detail":"token s3cret-t0ken is wrong"}"""));
        string message = await FailureAsync(Options(api));
        Assert.Contains($"2024-01-01: {status}", message);
        Assert.Contains("TEST_TOKEN", message);
        Assert.Contains("***", message);
        Assert.DoesNotContain("s3cret", message);
        Assert.Single(api.Requests);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(408)]
    public async Task Asks_again_where_a_failure_passes_and_counts_it(int status)
    {
        await using var api = new TestApi(asked => asked.Number < 2 ? Reply(status, "no") : Ok("""[{"a":1}]"""));
        await using var source = new HttpSource(Options(api));
        Assert.Single(await ReadAsync(source));
        Assert.Equal((2L, 0L), (source.Effort.Retries, source.Effort.TimedOut));
    }

    [Fact]
    public async Task Waits_as_long_as_the_server_asks_for()
    {
        await using var api = new TestApi(asked => asked.Number == 0 ? Reply(429, "slow down", "Retry-After: 1\r\n") : Ok("""[{"a":1}]"""));
        long began = Stopwatch.GetTimestamp();
        Assert.Single(await ReadAsync(Options(api)));
        Assert.True(Stopwatch.GetElapsedTime(began) >= TimeSpan.FromSeconds(0.95));
    }

    [Fact]
    public async Task Gives_up_a_server_that_asks_to_wait_for_hours()
    {
        await using var api = new TestApi(_ => Reply(429, "later", "Retry-After: 7200\r\n"));
        Assert.Contains("asks to wait 7,200 s, more than the limit of 600 s", await FailureAsync(Options(api)));
        Assert.Single(api.Requests);
    }

    [Fact]
    public async Task Gives_up_after_its_attempts_and_says_how_many()
    {
        await using var api = new TestApi(_ => Reply(502, "<html>\n<title>Bad Gateway</title>"));
        string message = await FailureAsync(Options(api) with { Attempts = 3 });
        Assert.Contains("502", message);
        Assert.Contains("the body is an HTML page: '<html> <title>Bad Gateway</title>'. Tried 3 times", message);
        Assert.Equal(3, api.Requests.Count);
    }

    [Theory]
    [InlineData(200, "<!DOCTYPE html><p>Log in</p>", "200, but its body is not a list: something that is not a list at byte 0; the body is an HTML page: '<!DOCTYPE")]
    [InlineData(200, """{"detail": "No event found for date"}""", "200, but its body is not a list")]
    [InlineData(200, "[{\"a\":1} {\"a\":2}]", "no comma between two elements")]
    [InlineData(400, "what?", "400 Because; the body begins with 'what?'")]
    [InlineData(204, "", "204")]
    [InlineData(404, """{"detail": "Not Found"}""", "404 Because; the body begins with '{\"detail\"")]
    public async Task Says_what_the_api_answered_when_it_is_no_list(int status, string body, string expected)
    {
        await using var api = new TestApi(_ => Reply(status, body));
        Assert.Contains(expected, await FailureAsync(Options(api)));
        Assert.Single(api.Requests);
    }

    public static TheoryData<string> CutBodies => new(
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[{\"a\":1},{\"a\":2},",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n[{\"a\":1},\r\n",
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[{\"a\":1},{\"a\":2}", // the server closes, which is also how such a body ends
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[{\"a\":1},",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "");

    [Theory]
    [MemberData(nameof(CutBodies))]
    public async Task Fetches_a_day_again_whose_body_broke_off(string cut)
    {
        await using var api = new TestApi(asked => asked.Number == 0 && asked.Day == "2024-01-02" ? cut : Ok("""[{"a":1},{"a":2},{"a":3}]"""));
        await using var source = new HttpSource(Options(api, 2));
        Assert.Equal(6, (await ReadAsync(source)).Count);
        Assert.InRange(source.Effort.Retries, cut.Length == 0 ? 0 : 1, 1); // HttpClient itself asks again where not a byte came
        Assert.Equal(2, api.Requests.Count(r => r.Day == "2024-01-02"));
    }

    [Theory]
    [MemberData(nameof(CutBodies))]
    public async Task Hands_out_nothing_of_a_day_that_never_comes_whole(string cut)
    {
        await using var api = new TestApi(asked => asked.Day == "2024-01-02" ? cut : Ok("""[{"a":1}]"""));
        await using var source = new HttpSource(Options(api, 3) with { Attempts = 2 });
        var read = new List<string>();
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => HttpReading.ReadAsync(source.Scan(Things, ScanRange.Whole, null), read));
        Assert.Equal([Document("2024-01-01", 0, "\"a\":1")], read);
        Assert.Contains("2024-01-02", failure.Message);
        Assert.Contains("broke off", failure.Message);
        Assert.Equal(1, source.Effort.Retries);
    }

    [Fact]
    public async Task Loses_patience_with_a_server_that_does_not_answer()
    {
        await using var api = new TestApi((asked, stream, token) => asked.Number == 0 ? Task.Delay(Timeout.Infinite, token) : stream.WriteAsync(Encoding.UTF8.GetBytes(Ok("""[{"a":1}]""")), token).AsTask());
        await using var source = new HttpSource(Options(api) with { AnswerTimeout = 300 });
        Assert.Single(await ReadAsync(source));
        Assert.Equal((1L, 1L), (source.Effort.Retries, source.Effort.TimedOut));
    }

    [Theory]
    [InlineData(300, 3_600_000, 100_000, "a body that stood still for 0.3 s")]
    [InlineData(60_000, 500, 50, "not at an end after 0.5 s")]
    public async Task Loses_patience_with_a_body_that_stands_still_or_drips(int silence, int whole, int pause, string expected)
    {
        await using var api = new TestApi(async (_, stream, token) =>
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes("HTTP/1.1 200 OK\r\n\r\n[1"), token);
            while (true)
            {
                await Task.Delay(pause, token);
                await stream.WriteAsync(",1"u8.ToArray(), token);
            }
        });
        await using var source = new HttpSource(Options(api) with { SilenceTimeout = silence, DayTimeout = whole, Attempts = 1 });
        Assert.Contains(expected, (await Assert.ThrowsAsync<UnavailableException>(() => ReadAsync(source))).Message);
        Assert.Equal(1, source.Effort.TimedOut);
    }

    [Fact]
    public async Task Says_that_nobody_listens()
    {
        await using var api = new TestApi(_ => "");
        var options = Options(api) with { Attempts = 2 };
        await api.DisposeAsync();
        Assert.Contains("no answer: Connection refused", await FailureAsync(options));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Unpacks_gzip_and_sees_where_it_breaks_off(bool cut)
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes($$"""[{"a":"{{string.Concat(Enumerable.Range(0, 5_000))}}"}]"""));
        byte[] body = packed.ToArray();
        if (cut)
            body = body[..(body.Length / 2)];
        await using var api = new TestApi(async (_, stream, token) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {body.Length}\r\n\r\n"), token);
            await stream.WriteAsync(body, token);
        });
        var options = Options(api) with { Attempts = 2 };
        if (cut)
            Assert.Contains("broke off", await FailureAsync(options));
        else
            Assert.Single(await ReadAsync(options));
    }

    [Fact]
    public async Task Refuses_an_element_that_is_no_document_in_its_place()
    {
        await using var api = new TestApi(_ => Ok("""[{"a":1},{"a":tru},7,{"a":"\ud800"},{"a":2}]"""));
        var read = await ReadAsync(Options(api));
        Assert.Equal(5, read.Count);
        Assert.StartsWith("""{"day":{"$date":{"$numberLong":"1704067200000"}},"index":{"$numberInt":"1"}} {"a":tru}: """, read[1]);
        Assert.Contains(" 7: a document is a JSON object", read[2]);
        Assert.Contains("half a surrogate pair", read[3]);
        Assert.Equal(Document("2024-01-01", 4, "\"a\":2"), read[4]);
    }

    [Fact]
    public async Task Asks_for_several_days_at_once_and_no_more_than_it_may()
    {
        await using var api = new TestApi(async (asked, stream, token) =>
        {
            await Task.Delay(50, token);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(Ok($$"""[{"a":"{{asked.Day}}"}]""")), token);
        });
        var read = await ReadAsync(Options(api, 12) with { ParallelDays = 3 });
        Assert.Equal(Enumerable.Range(1, 12).Select(d => Document($"2024-01-{d:00}", 0, $"\"a\":\"2024-01-{d:00}\"")), read);
        Assert.InRange(api.MostAtOnce, 2, 3);
    }

    [Fact]
    public async Task Divides_its_days_and_reads_each_once()
    {
        await using var api = new TestApi(asked => Ok($$"""[{"a":"{{asked.Day}}"}]"""));
        await using var source = new HttpSource(Options(api, 10));
        var ends = await source.SplitAsync(Things, 4, CancellationToken.None);
        Assert.Equal(3, ends.Count);
        var read = new List<string>();
        for (int i = 0; i <= ends.Count; i++)
            await HttpReading.ReadAsync(source.Scan(Things, new ScanRange(i == 0 ? null : ends[i - 1], i == ends.Count ? null : ends[i]), null), read);
        Assert.Equal(Enumerable.Range(1, 10).Select(d => Document($"2024-01-{d:00}", 0, $"\"a\":\"2024-01-{d:00}\"")), read);
        Assert.Equal(10, api.Requests.Count);
    }

    [Fact]
    public async Task Reads_a_day_again_from_its_start_where_it_was_left_in_its_midst()
    {
        await using var api = new TestApi(asked => Ok("""[{"a":1},{"a":2}]"""));
        await using var source = new HttpSource(Options(api, 3));
        var all = await ReadAsync(source);
        byte[] after = source.PositionOf(Things, ExtendedJson.Parse(Encoding.UTF8.GetBytes(all[2])));
        Assert.Equal(all[2..], await HttpReading.ReadAsync(source.Scan(Things, ScanRange.Whole, after)));
    }

    [Fact]
    public async Task Picks_documents_by_their_positions()
    {
        await using var api = new TestApi(asked => Ok("""[{"a":1},{"a":2},{"a":3},{"a":4},{"a":5}]"""));
        await using var source = new HttpSource(Options(api, 9));
        var all = await ReadAsync(source);
        string[] wanted = [all[3], all[4], all[21]];
        api.Requests.Clear();
        Assert.Equal(wanted, await HttpReading.ReadAsync(source.Pick(Things, [.. wanted.Reverse().Select(d => source.PositionOf(Things, ExtendedJson.Parse(Encoding.UTF8.GetBytes(d))))])));
        Assert.Equal(2, api.Requests.Count);
    }

    [Fact]
    public async Task Stops_at_once_when_it_is_cancelled()
    {
        await using var api = new TestApi((_, _, token) => Task.Delay(Timeout.Infinite, token));
        await using var source = new HttpSource(Options(api, 5));
        using var stop = new CancellationTokenSource(200);
        long began = Stopwatch.GetTimestamp();
        await using (var scan = source.Scan(Things, ScanRange.Whole, null))
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scan.ReadAsync(new DocumentBatch(), stop.Token));
        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(10));
        Assert.Equal(SourceEffort.None.Retries, source.Effort.Retries);
    }

    /// <summary>Larger than what is kept in memory: it goes through a file, of which nothing is left.</summary>
    [Fact]
    public async Task Keeps_a_large_day_in_a_file_that_nobody_else_sees()
    {
        string folder = Scratch.Folder("spool");
        string body = $"[{string.Join(',', Enumerable.Range(0, 20_000).Select(i => $$"""{"a":{{i}},"b":"{{new string('x', 700)}}"}"""))},tru]";
        await using var api = new TestApi(_ => Ok(body));
        await using (var source = new HttpSource(Options(api) with { SpoolFolder = folder }))
        {
            var read = await ReadAsync(source);
            Assert.Equal(20_001, read.Count);
            Assert.All(Enumerable.Range(0, 20_000), i => Assert.StartsWith(Document("2024-01-01", i, $"\"a\":{i},")[..^1], read[i]));
            Assert.Contains("tru: ", read[^1]);
            Assert.Empty(Directory.GetFiles(folder));
        }
        Directory.Delete(folder);
        Assert.Contains("cannot be kept in", await FailureAsync(Options(api) with { SpoolFolder = folder }));
    }

    [Fact]
    public async Task Refuses_a_day_that_unpacks_to_more_than_it_may()
    {
        await using var api = new TestApi(_ => Ok($"[\"{new string('x', 300_000)}\"]"));
        Assert.Contains("more than 200,000 bytes, the limit of a day", await FailureAsync(Options(api) with { MaxDayBytes = 200_000 }));
    }
}
