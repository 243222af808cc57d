using System.Text;
using Etl.Sources;
using Etl.Sources.Files;

namespace Etl.Tests.Sources.Files;

public sealed class A_file_of_lines : IDisposable
{
    readonly Inbox inbox = new(FileFormats.Lines | FileFormats.Gzip);

    public A_file_of_lines() => inbox.Options = inbox.Options with { Memory = new FileMemory() };

    public void Dispose() => inbox.Dispose();

    [Theory]
    [InlineData("a.ndjson")]
    [InlineData("a.jsonl")]
    [InlineData("a.ndjson.gz")]
    public async Task Gives_a_document_a_line(string name)
    {
        const string Text = "\uFEFF{\"x\": 1}\r\n\n  \n{\"x\": 2}\n{\"x\": 3}";
        inbox.Put(name, name.EndsWith(".gz", StringComparison.Ordinal) ? Inbox.Gzip(Text) : Encoding.UTF8.GetBytes(Text));
        Assert.Equal([$$"""{"_id":"things/{{name}}#1","x":1}""", $$"""{"_id":"things/{{name}}#4","x":2}""", $$"""{"_id":"things/{{name}}#5","x":3}"""], await inbox.ReadAsync());
        Assert.Empty(await inbox.ReadAsync());
    }

    [Fact]
    public async Task Keeps_its_lines_in_order_across_buffers_and_batches()
    {
        var random = new Random(7);
        string[] lines = [.. Enumerable.Range(1, 3000).Select(i => $"{{\"n\":{i},\"t\":\"{new string('x', random.Next(3) == 0 ? random.Next(200_000) / (i % 50 + 1) : 5)}\"}}")];
        inbox.Put("a.ndjson", string.Join('\n', lines) + "\n");
        inbox.Put("b.ndjson.gz", Inbox.Gzip(string.Join('\n', lines)), at: 1);
        var read = await inbox.ReadAsync(batchDocuments: 333);
        Assert.Equal(6000, read.Count);
        for (int i = 0; i < 3000; i++)
        {
            Assert.Equal($"{{\"_id\":\"things/a.ndjson#{i + 1}\",{lines[i][1..]}", read[i]);
            Assert.Equal($"{{\"_id\":\"things/b.ndjson.gz#{i + 1}\",{lines[i][1..]}", read[3000 + i]);
        }
    }

    [Fact]
    public async Task Refuses_a_broken_line_at_once_where_another_follows()
    {
        inbox.Put("a.ndjson", "{\"x\": 1}\n{\"x\": \n[]\n{\"x\": 4}\n");
        var read = await inbox.ReadAsync();
        Assert.Equal(4, read.Count);
        Assert.Equal("""{"_id":"things/a.ndjson#4","x":4}""", read[3]);
        Assert.StartsWith("""{"_id":"things/a.ndjson#2"}: Not valid JSON""", read[1]);
        Assert.StartsWith("""{"_id":"things/a.ndjson#3"}: Not valid JSON""", read[2]);
        Assert.Empty(await inbox.ReadAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Is_pending_while_its_last_line_is_half_written(bool gzip)
    {
        string name = gzip ? "a.ndjson.gz" : "a.ndjson";
        byte[] whole = gzip ? Inbox.Gzip("{\"x\": 1}\n{\"x\": 2}\n") : "{\"x\": 1}\n{\"x\": 2}\n"u8.ToArray();
        inbox.Put(name, whole[..^5]);
        var source = inbox.Source();
        var first = await inbox.ReadAsync(source);
        Assert.Equal(1, source.Effort.Pending);
        Assert.DoesNotContain(first, d => d.Contains("}: ", StringComparison.Ordinal));
        inbox.Put(name, whole, at: 5);
        Assert.Equal([$$"""{"_id":"things/{{name}}#1","x":1}""", $$"""{"_id":"things/{{name}}#2","x":2}"""], await inbox.ReadAsync(source));
        Assert.Equal(0, source.Effort.Pending);

        inbox.Put(name, whole[..^5], at: 6);
        inbox.Now = TimeSpan.FromSeconds(66);
        Assert.Contains("}: ", (await inbox.ReadAsync(source))[^1]);
        Assert.Empty(await inbox.ReadAsync(source));
    }

    [Fact]
    public async Task Refuses_a_line_that_no_buffer_would_hold_and_reads_on()
    {
        using (var file = File.OpenWrite(inbox.PathOf("a.ndjson")))
        {
            file.Write("{\"x\": 1}\n{\"x\": \""u8);
            file.Position = 5L * 1024 * 1024 * 1024; // more than an array can have; sparse: no disk is used
            file.Write("\"}\n{\"x\": 3}\n"u8);
        }
        await using var scan = inbox.Source().Scan(Inbox.Things, ScanRange.Whole, null);
        var batch = new DocumentBatch();
        long before = GC.GetTotalAllocatedBytes();
        Assert.True(await scan.ReadAsync(batch, TestContext.Current.CancellationToken));
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 200_000_000);
        Assert.Equal(3, batch.Count);
        Assert.Contains("more than 16777216 bytes", batch.RefusedAt(1)!.Reason);
        Assert.Equal(64 * 1024, batch.RefusedAt(1)!.Bytes.Length);
        Assert.Equal("""{"_id":"things/a.ndjson#3","x":3}""", Inbox.Shown(batch).Last());
    }

    [Fact]
    public async Task That_ends_within_a_line_too_long_is_refused_when_it_stands_still()
    {
        inbox.Put("a.ndjson", new byte[20_000_000]);
        Assert.Empty(await inbox.ReadAsync());
        inbox.Now = TimeSpan.FromSeconds(60);
        Assert.Contains("#1\"}: The line has more than 16777216 bytes", Assert.Single(await inbox.ReadAsync()));
    }

    [Fact]
    public async Task That_is_a_bomb_is_given_up()
    {
        byte[] lines = new byte[300 * 1024 * 1024];
        Array.Fill(lines, (byte)'\n');
        "{}\n"u8.CopyTo(lines);
        inbox.Put("a.ndjson.gz", Inbox.Gzip(lines));
        inbox.Now = TimeSpan.FromSeconds(60);
        var read = await inbox.ReadAsync();
        Assert.Equal(2, read.Count);
        Assert.Equal("""{"_id":"things/a.ndjson.gz#1"}""", read[0]);
        Assert.Contains("grows more than 200 times. Nothing is read from line", read[1]);
        Assert.Empty(await inbox.ReadAsync());
    }

    [Fact]
    public async Task That_is_no_gzip_is_refused()
    {
        inbox.Put("a.jsonl.gz", "{}\n");
        inbox.Now = TimeSpan.FromSeconds(60);
        Assert.Contains("The file is no valid gzip", Assert.Single(await inbox.ReadAsync()));
    }
}
