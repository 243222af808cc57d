using System.Text;
using Etl.Documents;
using Etl.Loading;
using Etl.Sources;
using Etl.Tests.Documents;
using Etl.Tests.Sources.RabbitMq;
using FsCheck;
using FsCheck.Fluent;

namespace Etl.Tests.Loading;

/// <summary>What a queue gave, and what is read of it from the warehouse after the queue has forgotten it.</summary>
public sealed class A_kept_message
{
    static readonly string[] Odd =
    [
        "", " ", "null", "[1]", "{", "{}", "{} ", "{}{}", """{"_id":1}""", """{"a":1,"_id":{"b":[]},"_source_id":2}""", """{"a":1,"a":2}""", """{"$oid":"56e1fc72e0c917e9c4714161"}""",
        """{"a":{"$numberLong":"1"}}""", """{"a":-0,"b":1.50,"c":1e3,"d":9223372036854775808}""", """{"a":12345678901234567890123456789012345.5}""", """{"a":"x\u0000y"}""", """{"a\u0000":1}""",
        "\uFEFF{\"a\":1}",
    ];

    static async Task<List<string>> ReadAsync(IDocumentScan scan)
    {
        var read = new List<string>();
        var batch = new DocumentBatch(100);
        while (await scan.ReadAsync(batch, TestContext.Current.CancellationToken))
            for (int i = 0; i < batch.Count; i++)
                read.Add(batch.RefusedAt(i) is { } refused
                    ? $"{Convert.ToHexString(refused.Position)} {refused.MediaType} {Convert.ToHexString(refused.Bytes.Span)} {refused.Reason}" : Convert.ToHexString(batch[i]));
        await scan.DisposeAsync();
        return read;
    }

    /// <summary>Any JSON, some of it with a byte that is another, and what others find hard.</summary>
    [Fact]
    public async Task Gives_exactly_the_document_that_its_queue_gave()
    {
        await using var events = await Events.OnAsync("kept_any", Events.ByContent());
        await using var queue = await TestQueue.NewAsync("happenings");
        var made = Plain_json.Objects(3).Sample(400, 30).Select((tree, i) =>
        {
            byte[] text = Encoding.UTF8.GetBytes(tree.ToJsonString());
            if (i % 3 == 0)
                text[i % text.Length] = (byte)i;
            return text;
        });
        List<byte[]> bodies = [.. Odd.Select(Encoding.UTF8.GetBytes), [0xFF, 0xFE], .. made];
        bodies = [.. bodies.DistinctBy(Convert.ToHexString)]; // the same again is kept once
        await queue.PublishAsync(bodies.Select(b => (ReadOnlyMemory<byte>)b));

        var given = await ReadAsync(queue.Source().Scan(events.Contract.Datasets[0], ScanRange.Whole, null)); // not acknowledged: it all comes again
        var result = await events.SyncAsync(queue.Source());
        Assert.Equal(bodies.Count, result.Documents[0].Read);
        Assert.Equal(0u, await queue.ReadyAsync());
        await using var kept = new KeptMessages(events.Warehouse, events.Contract.Pipeline);
        var dataset = events.Contract.Datasets[0];
        Assert.Equal(bodies.Count, given.Count);
        Assert.Equal(given, await ReadAsync(kept.Scan(dataset, ScanRange.Whole, null)));
        Assert.Equal(bodies.Select(Convert.ToHexString), await events.ListAsync("SELECT upper(encode(body, 'hex')) FROM quality.messages ORDER BY id"));

        var picked = Enumerable.Range(0, bodies.Count).Where(i => i % 7 == 0);
        Assert.Equal(picked.Select(i => given[i]), await ReadAsync(kept.Pick(dataset, [.. picked.Select(i => MessageReader.PositionOf(bodies[i]))])));
    }
}
