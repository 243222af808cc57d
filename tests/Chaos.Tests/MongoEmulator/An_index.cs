using Chaos.MongoEmulator;
using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Storage;
using Chaos.MongoEmulator.Values;
using Chaos.MongoEmulator.Wire;
using Etl.Documents;
using Tests.Shared;
using static Chaos.Tests.MongoEmulator.Values;

namespace Chaos.Tests.MongoEmulator;

public sealed class An_index : ServerTest
{
    Task<byte[]> Insert(params object?[] documents) => Run("insert", "c", ("documents", documents));

    Task<byte[]> Create(byte[] key, string name, params (string, object?)[] options) =>
        Run("createIndexes", "c", ("indexes", new object?[] { Doc([("key", key), ("name", name), .. options]) }));

    Task<byte[]> Update(byte[] query, byte[] update, bool upsert = false) =>
        Run("update", "c", ("updates", new object?[] { Doc(("q", query), ("u", update), ("upsert", upsert)) }));

    static string? Error(byte[] reply) => Field(reply, "writeErrors.errmsg") is { } many ? many[3..^3].Replace("\\\"", "\"") : Field(reply, "errmsg")?.Trim('"');

    [Fact]
    public async Task That_is_unique_refuses_a_second_document_in_the_words_of_mongod()
    {
        await Create(Doc(("a", 1), ("b.c", -1)), "pair", ("unique", true));
        Assert.Equal("1", Field(await Insert(Doc(("_id", 1), ("a", 5), ("b", Doc(("c", "x"))))), "n"));
        byte[] reply = await Insert(Doc(("_id", 2), ("a", 5L), ("b", Doc(("c", "x")))));
        Assert.Equal("E11000 duplicate key error collection: test.c index: pair dup key: { a: 5, b.c: \"x\" }", Error(reply));
        Assert.Equal(("[ 11000 ]", "[ { a: 1, b.c: -1 } ]", "[ { a: 5, b.c: \"x\" } ]"),
            (Field(reply, "writeErrors.code"), Field(reply, "writeErrors.keyPattern"), Field(reply, "writeErrors.keyValue")));
        Assert.Equal("1", Field(await Insert(Doc(("_id", 2), ("a", 5), ("b", Doc(("c", "y"))))), "n"));
        Assert.Equal("2", Field(await Run("count", "c"), "n"));
    }

    [Fact]
    public async Task That_is_unique_guards_updates_and_upserts_and_lets_go_of_what_is_gone()
    {
        await Create(Doc(("a", 1)), "a_1", ("unique", true));
        await Insert(Doc(("_id", 1), ("a", 1)), Doc(("_id", 2), ("a", 2)));
        Assert.StartsWith("E11000", Error(await Update(Doc(("_id", 2)), Doc(("$set", Doc(("a", 1)))))));
        Assert.StartsWith("E11000", Error(await Update(Doc(("_id", 3)), Doc(("$set", Doc(("a", 2)))), upsert: true)));
        Assert.StartsWith("E11000", Error(await Update(Doc(("_id", 2)), Doc(("a", 1)))));
        Assert.Null(Error(await Update(Doc(("_id", 2)), Doc(("$set", Doc(("a", 2), ("b", 1)))))));
        Assert.Null(Error(await Update(Doc(("_id", 1)), Doc(("$set", Doc(("a", 7)))))));
        Assert.Null(Error(await Insert(Doc(("_id", 4), ("a", 1)))));
        await Run("delete", "c", ("deletes", new object?[] { Doc(("q", Doc(("_id", 4))), ("limit", 1)) }));
        Assert.Null(Error(await Insert(Doc(("_id", 5), ("a", 1)))));
        Assert.Equal("[ { _id: 5, a: 1 } ]", Field(await Run("find", "c", ("filter", Doc(("a", 1)))), "cursor.firstBatch"));
    }

    [Fact]
    public async Task Takes_what_is_missing_for_null_unless_it_is_sparse_or_partial()
    {
        await Create(Doc(("a", 1)), "a", ("unique", true));
        await Create(Doc(("s", 1)), "s", ("unique", true), ("sparse", true));
        await Create(Doc(("p", 1)), "p", ("unique", true), ("partialFilterExpression", Doc(("p", Doc(("$gt", 10))))));
        await Insert(Doc(("_id", 1), ("p", 5)));
        Assert.Equal("E11000 duplicate key error collection: test.c index: a dup key: { a: null }", Error(await Insert(Doc(("_id", 2), ("p", 5)))));
        Assert.Null(Error(await Insert(Doc(("_id", 3), ("a", 1), ("p", 5)))));
        Assert.Null(Error(await Insert(Doc(("_id", 4), ("a", 2), ("s", null), ("p", 11)))));
        Assert.StartsWith("E11000 duplicate key error collection: test.c index: s ", Error(await Insert(Doc(("_id", 5), ("a", 3), ("s", null)))));
        Assert.StartsWith("E11000 duplicate key error collection: test.c index: p ", Error(await Insert(Doc(("_id", 5), ("a", 3), ("p", 11)))));
        Assert.Equal("[ 4 ]", Field(await Run("find", "c", ("hint", "s")), "cursor.firstBatch._id"));
        Assert.Equal("[ 4 ]", Field(await Run("find", "c", ("hint", "p")), "cursor.firstBatch._id"));
        Assert.Equal("[ 1, 3, 4 ]", Field(await Run("find", "c", ("hint", "a")), "cursor.firstBatch._id"));
    }

    [Fact]
    public async Task Gives_its_order_to_a_query_that_is_told_to_use_it()
    {
        await Create(Doc(("a", -1)), "a_-1");
        await Insert(Doc(("_id", 1), ("a", 3)), Doc(("_id", 2)), Doc(("_id", 3), ("a", 9)), Doc(("_id", 4), ("a", "x")));
        Assert.Equal("[ 4, 3, 1, 2 ]", Field(await Run("find", "c", ("hint", Doc(("a", -1)))), "cursor.firstBatch._id"));
        Assert.Equal("2", Field(await Run("find", "c", ("hint", Doc(("a", 1)))), "code"));
    }

    [Fact]
    public async Task Cannot_be_built_over_duplicates_and_leaves_nothing_behind()
    {
        await Insert(Doc(("_id", 1), ("a", 1)), Doc(("_id", 2), ("a", 1.0)));
        byte[] reply = await Create(Doc(("a", 1)), "a_1", ("unique", true));
        Assert.Equal(("11000", "{ a: 1.0 }"), (Field(reply, "code"), Field(reply, "keyValue")?.Replace("{ a: 1 }", "{ a: 1.0 }")));
        Assert.StartsWith("Index build failed: ", Error(reply));
        Assert.EndsWith(":: caused by :: E11000 duplicate key error collection: test.c index: a_1 dup key: { a: 1.0 }", Error(reply)!.Replace("{ a: 1 }", "{ a: 1.0 }"));
        Assert.Equal("[ \"_id_\" ]", Field(await Run("listIndexes", "c"), "cursor.firstBatch.name"));
        Assert.Equal("2", Field(await Run("count", "c"), "n"));
    }

    [Fact]
    public async Task Is_listed_with_its_options_and_dropped_by_name_or_key()
    {
        await Create(Doc(("a", 1)), "a_1", ("unique", true));
        await Create(Doc(("b", 1)), "b_1");
        await Create(Doc(("c", 1)), "c_1");
        Assert.Contains("{ v: 2, key: { a: 1 }, name: \"a_1\", unique: true }", Field(await Run("listIndexes", "c"), "cursor.firstBatch"));
        Assert.Equal("85", Field(await Create(Doc(("a", 1)), "a_1"), "code"));
        Assert.Equal("85", Field(await Create(Doc(("a", 1)), "other"), "code"));
        Assert.Equal("86", Field(await Create(Doc(("z", 1)), "a_1"), "code"));
        Assert.Equal("4", Field(await Run("dropIndexes", "c", ("index", Doc(("a", 1)))), "nIndexesWas"));
        Assert.Equal("27", Field(await Run("dropIndexes", "c", ("index", "a_1")), "code"));
        Assert.Equal("3", Field(await Run("dropIndexes", "c", ("index", new object?[] { "b_1", "c_1" })), "nIndexesWas"));
        Assert.Equal("72", Field(await Run("dropIndexes", "c", ("index", "_id_")), "code"));
        Assert.Null(Error(await Insert(Doc(("a", 1)), Doc(("a", 1)))));
        Assert.Equal("26", Field(await Run("listIndexes", "nothing"), "code"));
    }

    [Theory]
    [InlineData("expireAfterSeconds", 0, 67)]
    [InlineData("hidden", true, 67)]
    [InlineData("frobnicate", 1, 197)]
    public async Task Is_refused_with_what_it_would_not_do(string option, object value, int code) =>
        Assert.Equal(code.ToString(), Field(await Create(Doc(("a", 1)), "a_1", (option, value)), "code"));

    [Fact]
    public async Task Compares_text_by_bytes_and_in_no_language()
    {
        Assert.Equal("2", Field(await Create(Doc(("a", 1)), "a_1", ("collation", Doc(("locale", "de")))), "code"));
        Assert.Equal("1.0", Field(await Create(Doc(("a", 1)), "a_1", ("collation", Doc(("locale", "simple")))), "ok"));
        Assert.Equal("2", Field(await Run("find", "c", ("collation", Doc(("locale", "de"), ("strength", 2)))), "code"));
        Assert.Equal("1.0", Field(await Run("find", "c", ("collation", Doc(("locale", "simple")))), "ok"));
    }

    static string Keys(byte[] document, params string[] paths) =>
        string.Join(" ", new IndexKeys([.. paths.Select(p => new FieldPath(p))]).Of(document, sparse: false).Select(k => ShellText.Of(k)).Order(StringComparer.Ordinal));

    [Fact]
    public void Makes_of_an_array_one_key_an_element()
    {
        Assert.Equal("[ 1 ] [ 2 ]", Keys(Doc(("a", new object?[] { 1, 2, 1.0 })), "a"));
        Assert.Equal("[ undefined ]", Keys(Doc(("a", Array.Empty<object?>())), "a"));
        Assert.Equal("[ null ]", Keys(Doc(("a", Array.Empty<object?>())), "a.b"));
        Assert.Equal("[ 2 ] [ [ 1 ] ]", Keys(Doc(("a", new object?[] { new object?[] { 1 }, 2 })), "a"));
        Assert.Equal("[ 1 ] [ null ]", Keys(Doc(("a", new object?[] { Doc(("b", 1)), Doc(), 7 })), "a.b"));
        Assert.Equal("[ 1 ]", Keys(Doc(("a", new object?[] { 1, 2 })), "a.0"));
        Assert.Equal("[ 1, 2 ] [ 3, 4 ]", Keys(Doc(("a", new object?[] { Doc(("b", 1), ("c", 2)), Doc(("b", 3), ("c", 4)) })), "a.b", "a.c"));
        Assert.Equal("[ 1, 5 ] [ 2, 5 ]", Keys(Doc(("a", new object?[] { 1, 2 }), ("b", 5)), "a", "b"));
        Assert.Equal("[ null, null ]", Keys(Doc(), "a", "b.c"));
        var e = Assert.Throws<CommandException>(() => Keys(Doc(("a", new object?[] { 1 }), ("b", new object?[] { 1 })), "a", "b"));
        Assert.Equal((ErrorCode.CannotIndexParallelArrays, "cannot index parallel arrays [b] [a]"), (e.Code, e.Message));
    }

    [Fact]
    public async Task That_is_unique_is_enforced_after_a_restart()
    {
        string folder = Scratch.Folder("test");
        try
        {
            for (int start = 0; start < 2; start++)
            {
                await using var kept = MongoServer.Start(new MongoServerOptions { DataFolder = folder });
                await using var own = await WireClient.ConnectAsync("127.0.0.1", kept.Port);
                Task<byte[]> Run(byte[] command) => own.RunAsync(command);
                if (start == 0)
                {
                    await Run(Doc(("insert", "c"), ("documents", new object?[] { Doc(("a", 1)) }), ("$db", "test")));
                    await Run(Doc(("createIndexes", "c"), ("indexes", new object?[] { Doc(("key", Doc(("a", 1))), ("name", "a_1"), ("unique", true)) }), ("$db", "test")));
                }
                Assert.StartsWith("E11000", Error(await Run(Doc(("insert", "c"), ("documents", new object?[] { Doc(("a", 1)) }), ("$db", "test")))));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
