using Chaos.MongoEmulator.FailPoints;
using Etl.Documents;
using Etl.Sources;
using Etl.Sources.Mongo;

namespace Etl.Tests.Sources;

public sealed class A_split : IAsyncLifetime
{
    readonly MongoTestServer mongo = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => mongo.DisposeAsync();

    /// <summary>Ids of six types, about equally many of each.</summary>
    internal static byte[] Mixed(int i) => Bson.Make(w =>
    {
        _ = (i % 6) switch
        {
            0 => w.Write("_id", i),
            1 => w.Write("_id", i + 0.5),
            2 => w.Write("_id", $"text {i:d7}"),
            3 => w.BeginDocument("_id").Write("x", i).End(),
            4 => w.WriteObjectId("_id", [0, 0, 0, 0, 0, 0, 0, 0, (byte)(i >> 24), (byte)(i >> 16), (byte)(i >> 8), (byte)i]),
            _ => w.WriteDateTime("_id", i),
        };
    });

    static List<ScanRange> RangesOf(IReadOnlyList<byte[]> positions) =>
        [.. Enumerable.Range(0, positions.Count + 1).Select(i => new ScanRange(i == 0 ? null : positions[i - 1], i == positions.Count ? null : positions[i]))];

    [Fact]
    public async Task Of_ids_of_many_types_gives_every_document_to_exactly_one_part()
    {
        const int documents = 130_000, parts = 5;
        await mongo.InsertAsync(Enumerable.Range(0, documents).Select(Mixed));
        var positions = await mongo.Source.SplitAsync(mongo.Users, parts, CancellationToken.None);
        Assert.Equal(parts - 1, positions.Count);
        var read = new List<string>();
        foreach (var range in RangesOf(positions))
        {
            var part = (await MongoTestServer.ReadAsync(mongo.Source.Scan(mongo.Users, range, null))).SelectMany(b => b).ToList();
            Assert.InRange(part.Count, documents / parts / 2, documents / parts * 2);
            read.AddRange(part);
        }
        // One after the other they are the whole, in its order.
        Assert.Equal((await MongoTestServer.ReadAsync(mongo.Source.Scan(mongo.Users, ScanRange.Whole, null))).SelectMany(b => b), read);
        Assert.Equal(documents, read.Count);
    }

    [Fact]
    public async Task Goes_on_within_its_part()
    {
        await mongo.InsertAsync(Enumerable.Range(0, 10_000).Select(Mixed));
        var range = RangesOf(await mongo.Source.SplitAsync(mongo.Users, 2, CancellationToken.None))[0];
        var whole = (await MongoTestServer.ReadAsync(mongo.Source.Scan(mongo.Users, range, null))).SelectMany(b => b).ToList();
        var batch = new DocumentBatch(maxDocuments: 1_234);
        await using (var scan = mongo.Source.Scan(mongo.Users, range, null))
            Assert.True(await scan.ReadAsync(batch, CancellationToken.None));
        Assert.Equal(whole[1_234..], (await MongoTestServer.ReadAsync(mongo.Source.Scan(mongo.Users, range, batch.Position))).SelectMany(b => b));
    }

    [Fact]
    public async Task Is_counted_off_where_the_server_draws_no_sample()
    {
        const int documents = 12_000;
        await mongo.InsertAsync(Enumerable.Range(0, documents).Select(MongoTestServer.Numbered));
        mongo.Server.FailCommand.Set(FailPointMode.AlwaysOn, new CommandFailure { Commands = ["aggregate"], ErrorCode = 40324 });
        Assert.Equal([MongoTestServer.Numbered(4_000), MongoTestServer.Numbered(8_000)], await mongo.Source.SplitAsync(mongo.Users, 3, CancellationToken.None));
        Assert.Equal(1, mongo.Server.FailCommand.Fired);
        Assert.Empty(mongo.Source.Effort.Remarks);
    }

    [Fact]
    public async Task That_the_server_refuses_altogether_is_one_part_and_a_remark()
    {
        await mongo.InsertAsync(Enumerable.Range(0, 12_000).Select(MongoTestServer.Numbered));
        mongo.Server.FailCommand.Set(FailPointMode.AlwaysOn, new CommandFailure { Commands = ["aggregate", "find"], ErrorCode = 115 });
        Assert.Empty(await mongo.Source.SplitAsync(mongo.Users, 3, CancellationToken.None));
        Assert.Contains("'users' is read as one range", Assert.Single(mongo.Source.Effort.Remarks));
    }

    [Fact]
    public async Task Is_asked_for_again_when_the_server_steps_down_meanwhile()
    {
        await mongo.InsertAsync(Enumerable.Range(0, 12_000).Select(MongoTestServer.Numbered));
        mongo.Server.FailCommand.Set(FailPointMode.Times(3), new CommandFailure { Commands = ["aggregate", "count"], ErrorCode = 43 });
        Assert.Equal(2, (await mongo.Source.SplitAsync(mongo.Users, 3, CancellationToken.None)).Count);
        Assert.Equal(3, mongo.Source.Effort.Retries);
    }

    [Theory]
    [InlineData(0, 8, 0)]
    [InlineData((int)CollectionSplit.SmallestPart * 2 - 1, 8, 0)]
    [InlineData((int)CollectionSplit.SmallestPart * 3, 8, 2)]
    [InlineData((int)CollectionSplit.SmallestPart * 3, 1, 0)]
    public async Task Makes_no_part_that_is_not_worth_a_cursor(int documents, int parts, int expected)
    {
        await mongo.CreateAsync();
        await mongo.InsertAsync(Enumerable.Range(0, documents).Select(MongoTestServer.Numbered));
        Assert.Equal(expected, (await mongo.Source.SplitAsync(mongo.Users, parts, CancellationToken.None)).Count);
        Assert.Equal(documents, await mongo.Source.EstimateAsync(mongo.Users, CancellationToken.None));
    }
}
