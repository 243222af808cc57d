using Chaos.MongoEmulator.FailPoints;
using Chaos.MongoEmulator.Wire;
using Etl.Documents;
using static Chaos.Tests.MongoEmulator.Values;

namespace Chaos.Tests.MongoEmulator;

public sealed class A_fail_point : ServerTest
{
    Task<byte[]> Set(object? mode, params (string, object?)[] data) =>
        Client.RunAsync(Doc(("configureFailPoint", "failCommand"), ("mode", mode), ("data", Doc(data)), ("$db", "admin")));

    Task<byte[]> Find(params (string, object?)[] more) => Client.RunAsync(Doc([("find", "c"), .. more, ("$db", "test")]));

    async Task<string> Codes(int times)
    {
        List<string?> codes = [];
        for (int i = 0; i < times; i++)
            codes.Add(Field(await Find(), "code") ?? "ok");
        return string.Join(" ", codes);
    }

    static object?[] Commands(params string[] names) => [.. names];

    [Fact]
    public async Task Fires_as_often_as_it_is_told_and_counts()
    {
        await Set(Doc(("times", 2)), ("failCommands", Commands("find", "getMore")), ("errorCode", 10107));
        Assert.Equal("1.0", Field(await Client.RunAsync(Doc(("ping", 1), ("$db", "test"))), "ok"));
        byte[] reply = await Find();
        Assert.Equal(("0.0", "\"NotWritablePrimary\"", "\"Failing command via 'failCommand' failpoint\""), (Field(reply, "ok"), Field(reply, "codeName"), Field(reply, "errmsg")));
        Assert.Equal("10107 ok ok", await Codes(3));
        Assert.Equal(2, Server.FailCommand.Fired);
        Assert.Equal("2", Field(await Set("off"), "count"));
        Assert.Equal(2, Server.FailCommand.Fired);
    }

    [Fact]
    public async Task Skips_then_always_fires_until_it_is_off()
    {
        await Set(Doc(("skip", 2)), ("failCommands", Commands("find")), ("errorCode", 91));
        Assert.Equal("ok ok 91 91 91", await Codes(5));
        await Set("off");
        Assert.Equal("ok ok", await Codes(2));
        await Set("alwaysOn", ("failCommands", Commands("all")), ("errorCode", 6));
        Assert.Equal("6 6 6", await Codes(3));
        Assert.Equal(3, Server.FailCommand.Fired);
        Assert.Equal("1.0", Field(await Set("off"), "ok")); // configureFailPoint never fails
    }

    [Fact]
    public async Task Can_be_set_by_the_process_that_hosts_the_server()
    {
        Server.FailCommand.Set(FailPointMode.Times(1), new() { Commands = ["find"], ErrorCode = 43 });
        Assert.Equal("43 ok", await Codes(2));
        Assert.Equal((1, 1), (Server.FailCommand.Fired, Server.FailCommand.TotalFired));
    }

    [Fact]
    public async Task Fires_for_the_application_and_the_collection_it_names_alone()
    {
        await using var named = await WireClient.ConnectAsync("127.0.0.1", Server.Port);
        await named.RunAsync(Doc(("hello", 1), ("client", Doc(("application", Doc(("name", "quality"))))), ("$db", "admin")));
        await Set("alwaysOn", ("failCommands", Commands("find")), ("errorCode", 91), ("appName", "quality"), ("namespace", "test.c"));
        Assert.Null(Field(await Find(), "code"));
        Assert.Equal("91", Field(await named.RunAsync(Doc(("find", "c"), ("$db", "test"))), "code"));
        Assert.Null(Field(await named.RunAsync(Doc(("find", "d"), ("$db", "test"))), "code"));
        Assert.Equal(1, Server.FailCommand.Fired);
    }

    [Fact]
    public async Task Closes_the_connection_in_place_of_an_answer()
    {
        await Set(Doc(("times", 1)), ("failCommands", Commands("find")), ("closeConnection", true));
        await Assert.ThrowsAsync<WireException>(() => Find());
        await using var next = await WireClient.ConnectAsync("127.0.0.1", Server.Port);
        Assert.Equal("1.0", Field(await next.RunAsync(Doc(("find", "c"), ("$db", "test"))), "ok"));
        Assert.Equal(1, Server.FailCommand.Fired);
    }

    [Fact]
    public async Task Blocks_and_is_ended_by_the_commands_own_time_limit()
    {
        await Set("alwaysOn", ("failCommands", Commands("find")), ("blockConnection", true), ("blockTimeMS", 150));
        long began = TimeProvider.System.GetTimestamp();
        Assert.Null(Field(await Find(), "code"));
        Assert.True(TimeProvider.System.GetElapsedTime(began) >= TimeSpan.FromMilliseconds(145));
        await Set("alwaysOn", ("failCommands", Commands("find")), ("blockConnection", true), ("blockTimeMS", 60_000));
        byte[] reply = await Find(("maxTimeMS", 30));
        Assert.Equal(("50", "\"MaxTimeMSExpired\"", "\"operation exceeded time limit\""), (Field(reply, "code"), Field(reply, "codeName"), Field(reply, "errmsg")));
    }

    [Fact]
    public async Task Gives_its_error_the_labels_it_is_told_or_those_of_the_server()
    {
        byte[] Insert(long number) => Doc(("insert", "c"), ("documents", new object?[] { Doc(("a", 1)) }), ("lsid", Doc(("id", V(w => w.WriteBinary("v", new byte[16], 4))))), ("txnNumber", number), ("$db", "test"));
        await Set(Doc(("times", 1)), ("failCommands", Commands("insert")), ("errorCode", 11602));
        Assert.Equal("[ \"RetryableWriteError\" ]", Field(await Client.RunAsync(Insert(1)), "errorLabels"));
        await Set(Doc(("times", 1)), ("failCommands", Commands("insert")), ("errorCode", 11602), ("errorLabels", Commands()));
        Assert.Null(Field(await Client.RunAsync(Insert(1)), "errorLabels"));
        await Set(Doc(("times", 1)), ("failCommands", Commands("insert")), ("errorCode", 2), ("errorLabels", Commands("a", "b")));
        Assert.Equal("[ \"a\", \"b\" ]", Field(await Client.RunAsync(Insert(1)), "errorLabels"));
        await Set(Doc(("times", 1)), ("failCommands", Commands("insert")), ("writeConcernError", Doc(("code", 91), ("errmsg", "leaving"))));
        byte[] reply = await Client.RunAsync(Insert(1));
        Assert.Equal(("1", "1.0", "91", "[ \"RetryableWriteError\" ]"), (Field(reply, "n"), Field(reply, "ok"), Field(reply, "writeConcernError.code"), Field(reply, "errorLabels")));
        Assert.Null(Field(await Client.RunAsync(Insert(1)), "writeConcernError")); // the same write again: done already
        Assert.Equal("1", Field(await Client.RunAsync(Doc(("count", "c"), ("$db", "test"))), "n"));
    }

    [Theory]
    [InlineData("failCommand", "on", 2)]
    [InlineData("failCommand", 7, 14)]
    [InlineData("failCommand", null, 14)]
    [InlineData("somethingElse", "off", 266)]
    public async Task Is_refused_when_it_is_not_one_that_mongod_knows(string name, object? mode, int code) =>
        Assert.Equal(code.ToString(), Field(await Client.RunAsync(Doc(("configureFailPoint", name), ("mode", mode), ("$db", "admin"))), "code"));

    [Fact]
    public async Task Is_set_through_the_admin_database_with_options_that_exist()
    {
        Assert.Equal("13", Field(await Client.RunAsync(Doc(("configureFailPoint", "failCommand"), ("mode", "off"), ("$db", "test"))), "code"));
        Assert.Equal("40415", Field(await Set("alwaysOn", ("failCommands", Commands("find")), ("threadName", "x")), "code"));
        Assert.Equal("2", Field(await Set(Doc(("times", 0)), ("failCommands", Commands("find"))), "code"));
        Assert.Equal("2", Field(await Set("alwaysOn", ("failCommands", Commands("find")), ("blockConnection", true)), "code"));
    }

    [Fact]
    public async Task Leaves_a_scan_to_its_time_limit()
    {
        byte[][] documents = [.. Enumerable.Range(0, 20_000).Select(i => Doc(("_id", i), ("text", new string('x', 200))))];
        foreach (byte[][] some in documents.Chunk(5_000))
            await Client.RunAsync(Doc(("insert", "c"), ("$db", "test")), "documents", some);
        object?[] many = [.. Enumerable.Range(0, 2_000).Select(i => (object?)Doc(($"no{i}", i)))];
        Assert.Equal("50", Field(await Find(("filter", Doc(("$or", many))), ("maxTimeMS", 1)), "code"));
        Assert.Equal("2", Field(await Find(("maxTimeMS", -1)), "code"));
        Assert.Equal("2", Field(await Find(("maxTimeMS", 1.5)), "code"));
        Assert.Null(Field(await Find(("maxTimeMS", 0)), "code"));
    }
}
