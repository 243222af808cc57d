using Etl.Contracts;
using Etl.Documents;
using Etl.Sources;
using Tests.Shared;

namespace Etl.Tests.Sources;

public sealed class A_document_batch
{
    static readonly byte[] Position = Bson.Make(w => w.Write("line", 7));

    [Fact]
    public void Keeps_what_is_refused_in_order_with_the_documents()
    {
        var batch = new DocumentBatch();
        batch.Add(MongoTestServer.Numbered(1));
        batch.AddRefused("{ \"a\": "u8, "application/json", Position, "ends in the middle");
        batch.Add(MongoTestServer.Numbered(2));
        Assert.Equal((3, 1), (batch.Count, batch.RefusedCount));
        Assert.Null(batch.RefusedAt(0));
        Assert.Null(batch.RefusedAt(2));
        var refused = batch.RefusedAt(1)!;
        Assert.Equal(("application/json", "ends in the middle"), (refused.MediaType, refused.Reason));
        Assert.Equal(Position, refused.Position);
        Assert.Equal("{ \"a\": "u8.ToArray(), refused.Bytes.ToArray());
        Assert.Equal(MongoTestServer.Numbered(2), batch[2].ToArray());
    }

    [Fact]
    public void Counts_refused_bytes_against_its_size()
    {
        var batch = new DocumentBatch(maxDocuments: 2, maxBytes: 100);
        batch.AddRefused(new byte[90], "text/csv", Position, "ragged");
        Assert.False(batch.HasRoomFor(11));
        Assert.True(batch.HasRoomFor(10));
        batch.AddRefused(new byte[1], "text/csv", Position, "ragged");
        Assert.False(batch.HasRoomFor(1));
    }

    [Fact]
    public void That_is_cleared_remembers_no_refusal()
    {
        var batch = new DocumentBatch();
        batch.AddRefused("x"u8, "text/csv", Position, "ragged");
        batch.Clear();
        batch.Add(MongoTestServer.Numbered(1));
        Assert.Null(batch.RefusedAt(0));
        Assert.Equal(0, batch.RefusedCount);
    }

    [Fact]
    public void Keeps_what_a_document_was_made_of_as_long_as_the_document()
    {
        var batch = new DocumentBatch();
        for (int round = 0; round < 2; round++)
        {
            batch.Clear();
            batch.Add(MongoTestServer.Numbered(1));
            for (int i = 0; i < 1_000; i++)
            {
                batch.Add(MongoTestServer.Numbered(i));
                batch.SetOriginal(BitConverter.GetBytes(i + round), "text/plain");
            }
            batch.AddRefused("x"u8, "text/csv", Position, "ragged");
            Assert.Equal("application/bson", batch.OriginalAt(0).MediaType);
            Assert.Equal(MongoTestServer.Numbered(1), batch.OriginalAt(0).Bytes.ToArray());
            for (int i = 0; i < 1_000; i++)
                Assert.Equal((i + round, "text/plain"), (BitConverter.ToInt32(batch.OriginalAt(i + 1).Bytes.Span), batch.OriginalAt(i + 1).MediaType));
            Assert.Equal(("text/csv", 1), (batch.OriginalAt(1_001).MediaType, batch.OriginalAt(1_001).Bytes.Length));
        }
    }

    [Fact]
    public async Task Of_the_source_in_memory_hands_out_what_is_refused_at_its_place()
    {
        var contract = ContractReader.Read(Path.Combine(AppContext.BaseDirectory, "Pipelines", "community"));
        var source = new MemorySource();
        foreach (int id in (int[])[1, 2, 3])
            source.Put("users", MongoTestServer.Numbered(id));
        source.PutRefused("users", MongoTestServer.Numbered(2), "gibberish"u8.ToArray(), "application/json", "no JSON at all");
        var batch = new DocumentBatch();
        await using var scan = source.Scan(contract.Datasets[0], ScanRange.Whole, null);
        Assert.True(await scan.ReadAsync(batch, CancellationToken.None));
        Assert.Equal([null, "no JSON at all", null], Enumerable.Range(0, 3).Select(i => batch.RefusedAt(i)?.Reason));
        Assert.Equal(MongoTestServer.Numbered(3), batch.Position);
    }
}
