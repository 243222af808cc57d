using Chaos.MongoEmulator;
using Chaos.MongoEmulator.Wire;
using static Chaos.Tests.MongoEmulator.Values;

namespace Chaos.Tests.MongoEmulator;

public sealed class A_pipeline : ServerTest
{
    protected override MongoServerOptions Options => new() { Seed = 7 };

    protected override Task FillAsync() => Insert(Client);

    static Task<byte[]> Insert(WireClient client) => client.RunAsync(Doc(("insert", "c"), ("documents", new object?[]
    {
        Doc(("_id", 1), ("a", Doc(("b", 5), ("c", 6))), ("tags", new object?[] { "x", "y" })),
        Doc(("_id", 2), ("a", 7), ("tags", Array.Empty<object?>())),
        Doc(("_id", 3), ("list", new object?[] { Doc(("k", 1)), Doc(("k", 2)) }), ("tags", "z")),
    }), ("$db", "test")));

    static Task<byte[]> Run(WireClient client, params byte[][] stages) =>
        client.RunAsync(Doc(("aggregate", "c"), ("pipeline", stages.Cast<object?>().ToArray()), ("cursor", Doc()), ("$db", "test")));

    async Task<string?> Result(params byte[][] stages) => Field(await Run(Client, stages), "cursor.firstBatch") ?? Field(await Run(Client, stages), "code");

    static byte[] Only(int id) => Doc(("$match", Doc(("_id", id))));

    static byte[] Project(params (string, object?)[] fields) => Doc(("$project", Doc(fields)));

    [Fact]
    public async Task Projects_fields_kept_left_out_and_computed()
    {
        Assert.Equal("[ { _id: 1, a: { b: 5 } } ]", await Result(Only(1), Project(("a.b", 1))));
        Assert.Equal("[ { _id: 1, a: { b: 5 } } ]", await Result(Only(1), Project(("a", Doc(("b", true))))));
        Assert.Equal("[ { a: { c: 6 } } ]", await Result(Only(1), Project(("_id", 0), ("a.b", 0), ("tags", 0))));
        Assert.Equal("[ { _id: 1, tags: [ \"x\", \"y\" ], sum: 5, two: [ 6, \"k\" ] } ]", await Result(Only(1), Project(("sum", "$a.b"), ("tags", 1), ("two", new object?[] { "$a.c", "k" }))));
        Assert.Equal("[ { _id: 1, a: { d: 6 } } ]", await Result(Only(1), Project(("a.d", "$a.c"))));
        Assert.Equal("[ { _id: 3, list: [ { n: 3 }, { n: 3 } ] } ]", await Result(Only(3), Project(("list.n", "$_id"))));
        Assert.Equal("[ { n: 1 } ]", await Result(Only(1), Project(("_id", 0), ("n", "$_id"), ("m", "$nothing"))));
        Assert.Equal("[ { k: 1, one: 1 } ]", await Result(Only(1), Project(("_id", 0), ("k", "$_id"), ("one", Doc(("$literal", 1))))));
        Assert.Equal("31254", await Result(Project(("a", 1), ("b", 0))));
        Assert.Equal("51272", await Result(Project()));
        Assert.Equal("168", await Result(Project(("a", Doc(("$frobnicate", 1))))));
    }

    [Fact]
    public async Task Adds_removes_and_replaces()
    {
        Assert.Equal("[ { _id: 1, a: { b: 5, c: 9, d: 1 }, tags: [ \"x\", \"y\" ] } ]", await Result(Only(1), Doc(("$addFields", Doc(("a", Doc(("c", 9), ("d", "$_id"))))))));
        Assert.Equal("[ { _id: 3, list: [ { k: 1, n: 3 }, { k: 2, n: 3 } ], tags: \"z\" } ]", await Result(Only(3), Doc(("$set", Doc(("list.n", "$_id"))))));
        Assert.Equal("[ { _id: 2, a: 7, tags: [] } ]", await Result(Only(2), Doc(("$unset", "list"))));
        Assert.Equal("[ { _id: 1 } ]", await Result(Only(1), Doc(("$unset", new object?[] { "a", "tags" }))));
        Assert.Equal("[ { b: 5, c: 6 } ]", await Result(Only(1), Doc(("$replaceRoot", Doc(("newRoot", "$a"))))));
        Assert.Equal("40228", await Result(Only(2), Doc(("$replaceWith", "$a"))));
    }

    [Fact]
    public async Task Unwinds_arrays()
    {
        Assert.Equal("[ { _id: 1, tags: \"x\" }, { _id: 1, tags: \"y\" }, { _id: 3, tags: \"z\" } ]", await Result(Doc(("$unwind", "$tags")), Project(("tags", 1))));
        Assert.Equal("[ { _id: 1, tags: \"x\", i: 0 }, { _id: 1, tags: \"y\", i: 1 }, { _id: 2, i: null }, { _id: 3, tags: \"z\", i: null } ]",
            await Result(Doc(("$unwind", Doc(("path", "$tags"), ("includeArrayIndex", "i"), ("preserveNullAndEmptyArrays", true)))), Project(("tags", 1), ("i", 1))));
        Assert.Equal("28818", await Result(Doc(("$unwind", "tags"))));
        Assert.Equal("28811", await Result(Doc(("$unwind", Doc(("path", "$tags"), ("frobnicate", 1))))));
    }

    [Fact]
    public async Task Samples_by_the_servers_seed()
    {
        byte[] sample = Doc(("$sample", Doc(("size", 2)))), ids = Project(("_id", 1));
        List<string?> samples = [], again = [];
        for (int i = 0; i < 20; i++)
            samples.Add(await Result(sample, ids));
        Assert.True(samples.Distinct().Count() > 2);
        await using var twin = MongoServer.Start(new MongoServerOptions { Seed = 7, TimeProvider = new StoppedTime() });
        await using var other = MongoServer.Start(new MongoServerOptions { Seed = 7, TimeProvider = new StoppedTime() });
        foreach (var same in (MongoServer[])[twin, other])
        {
            await using var own = await WireClient.ConnectAsync("127.0.0.1", same.Port);
            await Insert(own);
            string drawn = "";
            for (int i = 0; i < 10; i++)
                drawn += Field(await Run(own, sample, ids), "cursor.firstBatch");
            again.Add(drawn);
        }
        Assert.Equal(again[0], again[1]);
        Assert.Equal(3, (await Result(Doc(("$sample", Doc(("size", 9)))), ids))!.Split("_id").Length - 1);
        Assert.Equal("28747", await Result(Doc(("$sample", Doc(("size", -1))))));
    }

    [Fact]
    public async Task Is_refused_where_a_stage_is_unknown()
    {
        Assert.Equal("40324", await Result(Doc(("$frobnicate", 1))));
        Assert.Equal("15952", await Result(Doc(("$group", Doc(("_id", 1), ("n", Doc(("$frobnicate", 1))))))));
    }

    [Fact]
    public async Task Collects_a_set() =>
        Assert.Equal("[ { _id: null, s: [ 1, 2, 3 ] } ]", await Result(Doc(("$unwind", Doc(("path", "$tags"), ("preserveNullAndEmptyArrays", true)))), Doc(("$group", Doc(("_id", null), ("s", Doc(("$addToSet", "$_id"))))))));

    /// <summary>Two servers begin at one moment on it.</summary>
    sealed class StoppedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddDays(20_000);
    }
}
