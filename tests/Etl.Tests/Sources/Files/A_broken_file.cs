using System.Text;
using Etl.Sources;
using Etl.Sources.Files;

namespace Etl.Tests.Sources.Files;

public sealed class A_broken_file : IDisposable
{
    readonly Inbox inbox = new(FileFormats.Json | FileFormats.Gzip) { Now = TimeSpan.FromSeconds(59) };

    public void Dispose() => inbox.Dispose();

    [Fact]
    public async Task Is_pending_for_a_minute_then_refused_with_its_bytes()
    {
        inbox.Put("half.json", """{"x": 1, "y""");
        inbox.Put("whole.json", "{}");
        var source = inbox.Source();
        Assert.Equal(["""{"_id":"things/whole.json"}"""], await inbox.ReadAsync(source));
        Assert.Equal(1, source.Effort.Pending);
        Assert.Contains("'half.json' is pending", Assert.Single(source.Effort.Remarks));

        inbox.Now += TimeSpan.FromSeconds(1);
        await using var scan = source.Scan(Inbox.Things, ScanRange.Whole, null);
        var batch = new DocumentBatch();
        Assert.True(await scan.ReadAsync(batch, default));
        var refused = batch.RefusedAt(0)!;
        Assert.Equal("""{"x": 1, "y""", Encoding.UTF8.GetString(refused.Bytes.Span));
        Assert.Equal("application/json", refused.MediaType);
        Assert.StartsWith("Not valid JSON", refused.Reason);
        Assert.Equal(0, source.Effort.Pending);
    }

    [Fact]
    public async Task That_is_completed_becomes_a_document()
    {
        inbox.Options = inbox.Options with { Memory = new FileMemory() };
        inbox.Put("a.json", """{"x": """);
        Assert.Empty(await inbox.ReadAsync());
        inbox.Put("a.json", """{"x": 1}""", at: 50);
        Assert.Equal(["""{"_id":"things/a.json","x":1}"""], await inbox.ReadAsync());
    }

    [Fact]
    public async Task With_a_time_in_the_future_has_stood_still_since_it_was_first_seen()
    {
        inbox.Options = inbox.Options with { Memory = new FileMemory() };
        inbox.Put("a.json", "{", at: 5000);
        Assert.Empty(await inbox.ReadAsync());
        inbox.Now += TimeSpan.FromSeconds(59);
        Assert.Empty(await inbox.ReadAsync());
        inbox.Now += TimeSpan.FromSeconds(1);
        Assert.Single(await inbox.ReadAsync());
        Assert.Empty(await inbox.ReadAsync()); // once is enough
    }

    [Fact]
    public async Task That_grew_meanwhile_waits_anew()
    {
        inbox.Options = inbox.Options with { Memory = new FileMemory() };
        inbox.Put("a.json", "{", at: 5000);
        Assert.Empty(await inbox.ReadAsync());
        inbox.Put("a.json", "{\"", at: 5000);
        inbox.Now += TimeSpan.FromSeconds(60);
        Assert.Empty(await inbox.ReadAsync());
    }

    [Fact]
    public async Task Is_refused_by_a_reconciliation_only_where_a_sync_refused_it()
    {
        inbox.Options = inbox.Options with { Memory = new FileMemory() };
        inbox.Put("a.json", "{");
        Assert.Empty(await inbox.ReadAsync());
        inbox.Now += TimeSpan.FromHours(1);
        var reconciling = new FilesSource(inbox.Options with { ReadsAll = true });
        Assert.Empty(await inbox.ReadAsync(reconciling));
        Assert.Equal(1, reconciling.Effort.Pending);
        Assert.Single(await inbox.ReadAsync());
        Assert.Single(await inbox.ReadAsync(reconciling));
        Assert.Equal(0, reconciling.Effort.Pending);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[{}]")]
    [InlineData("{} {}")]
    [InlineData("{\"a\": 1,}")]
    [InlineData("<html></html>")]
    [InlineData("{\"a\": 0.12345678901234567890123456789012345}")]
    [InlineData("{\"a\": \"\\ud800\"}")]
    public async Task Is_refused_whatever_it_is_that_it_holds(string text)
    {
        inbox.Put("a.json", text);
        inbox.Now = TimeSpan.FromMinutes(2);
        Assert.StartsWith("""{"_id":"things/a.json"}: """, Assert.Single(await inbox.ReadAsync()));
    }

    [Fact]
    public async Task That_is_nested_too_deeply_is_refused()
    {
        inbox.Put("a.json", string.Concat(Enumerable.Repeat("{\"a\":", 5000)) + "1" + new string('}', 5000));
        inbox.Now = TimeSpan.FromMinutes(2);
        Assert.Contains("nested deeper than 100", Assert.Single(await inbox.ReadAsync()));
    }

    [Fact]
    public async Task Of_more_than_sixteen_megabytes_is_refused_with_its_beginning()
    {
        using (var file = File.OpenWrite(inbox.PathOf("huge.json")))
        {
            file.Write("{\"a\": \""u8);
            file.SetLength(5L * 1024 * 1024 * 1024); // sparse: no disk is used
        }
        File.SetLastWriteTimeUtc(inbox.PathOf("huge.json"), inbox.GetUtcNow().AddHours(-1).UtcDateTime);
        await using var scan = inbox.Source().Scan(Inbox.Things, ScanRange.Whole, null);
        var batch = new DocumentBatch();
        Assert.True(await scan.ReadAsync(batch, default));
        Assert.Contains("more than 16777216 bytes", batch.RefusedAt(0)!.Reason);
        Assert.Equal(64 * 1024, batch.RefusedAt(0)!.Bytes.Length);
        Assert.StartsWith("{\"a\": \"", Encoding.UTF8.GetString(batch.RefusedAt(0)!.Bytes.Span[..8]));
    }

    [Fact]
    public async Task Whose_document_would_be_too_large_is_refused()
    {
        inbox.Put("a.json", "{\"a\": [" + string.Join(',', Enumerable.Repeat("1", 3_000_000)) + "]}");
        inbox.Now = TimeSpan.FromMinutes(2);
        Assert.Contains("16", Assert.Single(await inbox.ReadAsync()));
    }

    [Fact]
    public async Task Of_gzip_is_read_when_it_is_whole_and_refused_where_it_is_cut_at_any_byte()
    {
        byte[] whole = Inbox.Gzip($$"""{"x": "{{string.Concat(Enumerable.Range(0, 300))}}"}""");
        inbox.Put("whole.json.gz", whole);
        for (int cut = 0; cut < whole.Length; cut++)
            inbox.Put($"cut{cut}.json.gz", whole[..cut]);
        inbox.Now = TimeSpan.FromMinutes(2);
        var read = await inbox.ReadAsync();
        Assert.Equal(whole.Length + 1, read.Count);
        Assert.Single(read, r => !r.StartsWith("{\"_id\":\"things/cut", StringComparison.Ordinal) && !r.Contains("}: ", StringComparison.Ordinal));
        Assert.All(read.Where(r => r.Contains("things/cut", StringComparison.Ordinal)), r => Assert.Matches("(The file is compressed and cut off|The file is no valid gzip|The file is empty)", r));
    }

    [Fact]
    public async Task Of_gzip_in_two_members_is_one_text()
    {
        inbox.Put("a.json.gz", [.. Inbox.Gzip("{\"x\":"), .. Inbox.Gzip("1}")]);
        Assert.Equal(["""{"_id":"things/a.json.gz","x":1}"""], await inbox.ReadAsync());
    }

    [Theory]
    [InlineData(0)] // not what gzip begins with
    [InlineData(-6)] // another checksum
    public async Task Of_gzip_with_a_byte_flipped_is_refused_with_its_compressed_bytes(int at)
    {
        byte[] bytes = Inbox.Gzip("{\"x\": 1}");
        bytes[at < 0 ? bytes.Length + at : at] ^= 0x55;
        inbox.Put("a.json.gz", bytes);
        inbox.Now = TimeSpan.FromMinutes(2);
        await using var scan = inbox.Source().Scan(Inbox.Things, ScanRange.Whole, null);
        var batch = new DocumentBatch();
        Assert.True(await scan.ReadAsync(batch, default));
        Assert.Equal(GzipText.Invalid, batch.RefusedAt(0)!.Reason);
        Assert.Equal("application/gzip", batch.RefusedAt(0)!.MediaType);
        Assert.Equal(bytes, batch.RefusedAt(0)!.Bytes.ToArray());
    }

    [Fact]
    public async Task Of_gzip_that_is_a_bomb_is_refused()
    {
        inbox.Put("a.json.gz", Inbox.Gzip(new byte[200 * 1024 * 1024]));
        inbox.Now = TimeSpan.FromMinutes(2);
        Assert.Contains("is compressed and has more than 16777216 bytes", Assert.Single(await inbox.ReadAsync()));
    }

    [Fact]
    public async Task That_begins_with_a_byte_order_mark_is_not_broken()
    {
        inbox.Put("a.json", [0xEF, 0xBB, 0xBF, .. "{\"x\": 1}"u8]);
        Assert.Equal(["""{"_id":"things/a.json","x":1}"""], await inbox.ReadAsync());
    }
}
