using Chaos.MongoEmulator;
using Chaos.MongoEmulator.Values;
using Etl.Documents;
using static Chaos.Tests.MongoEmulator.Values;

namespace Chaos.Tests.MongoEmulator;

public sealed class A_session : ServerTest
{
    readonly MovableTime time = new();

    protected override MongoServerOptions Options => new() { TimeProvider = time };

    protected override Task FillAsync() => Run("insert", "c", ("documents", Enumerable.Range(0, 10).Select(i => (object?)Doc(("_id", i))).ToArray()));

    static byte[] Lsid(byte number) => Doc(("id", V(w => w.WriteBinary("v", [.. new byte[15], number], 4))));

    static BsonValue CursorId(byte[] reply) => new FieldPath("cursor.id").Evaluate(reply);

    async Task<BsonValue> Find(params (string, object?)[] more) => CursorId(await Run("find", "c", [("batchSize", 2), .. more]));

    async Task<string?> GetMore(BsonValue cursor, params (string, object?)[] more) =>
        Field(await Run("getMore", cursor, [("collection", "c"), ("batchSize", 2), .. more]), "code");

    [Fact]
    public async Task Is_given_an_id_of_its_own_by_the_server()
    {
        byte[] first = await Run("startSession", 1), second = await Run("startSession", 1);
        Assert.Equal("30", Field(first, "timeoutMinutes"));
        Assert.NotEqual(Field(first, "id.id"), Field(second, "id.id"));
        var id = new FieldPath("id").Evaluate(first);
        Assert.Equal("1.0", Field(await Run("ping", 1, ("lsid", id)), "ok"));
    }

    [Fact]
    public async Task Keeps_its_cursors_to_itself()
    {
        var cursor = await Find(("lsid", Lsid(1)));
        Assert.Equal("50737", await GetMore(cursor));
        Assert.Equal("50738", await GetMore(cursor, ("lsid", Lsid(2))));
        Assert.Equal("50736", await GetMore(await Find(), ("lsid", Lsid(1))));
        Assert.Null(await GetMore(cursor, ("lsid", Lsid(1))));
    }

    [Fact]
    public async Task Ends_with_its_cursors_when_it_is_told_to()
    {
        var own = await Find(("lsid", Lsid(1)));
        var other = await Find(("lsid", Lsid(2)));
        await Run("endSessions", new object?[] { Lsid(1) });
        Assert.Equal("43", await GetMore(own, ("lsid", Lsid(1))));
        Assert.Null(await GetMore(other, ("lsid", Lsid(2))));
    }

    [Fact]
    public async Task Expires_after_thirty_minutes_unless_it_is_used_or_refreshed()
    {
        var idle = await Find(("lsid", Lsid(1)), ("noCursorTimeout", true));
        var refreshed = await Find(("lsid", Lsid(2)), ("noCursorTimeout", true));
        time.Forward(TimeSpan.FromMinutes(20));
        await Run("refreshSessions", new object?[] { Lsid(2) });
        time.Forward(TimeSpan.FromMinutes(20));
        Assert.Null(await GetMore(refreshed, ("lsid", Lsid(2))));
        Assert.Equal("43", await GetMore(idle, ("lsid", Lsid(1))));
    }

    [Fact]
    public async Task Does_a_write_once_however_often_it_is_sent()
    {
        Task<byte[]> Insert(long number, object id) => Run("insert", "w", ("documents", new object?[] { Doc(("_id", id)) }), ("lsid", Lsid(1)), ("txnNumber", number));
        Assert.Equal("1", Field(await Insert(7, 1), "n"));
        byte[] again = await Insert(7, 1);
        Assert.Equal(("1", null), (Field(again, "n"), Field(again, "writeErrors")));
        Assert.Equal("11000", Field(await Insert(8, 1), "writeErrors.code") is "[ 11000 ]" ? "11000" : null);
        Assert.Equal("225", Field(await Insert(7, 1), "code"));
        Assert.Equal("72", Field(await Run("insert", "w", ("documents", new object?[] { Doc() }), ("txnNumber", 1L)), "code"));
    }

    [Fact]
    public async Task Has_a_uuid()
    {
        Assert.Equal("14", Field(await Run("ping", 1, ("lsid", Doc(("id", 1)))), "code"));
        Assert.Equal("40414", Field(await Run("ping", 1, ("lsid", Doc())), "code"));
    }

    [Fact]
    public async Task Leaves_other_cursors_to_their_ten_minutes()
    {
        var (used, idle, kept) = (await Find(), await Find(), await Find(("noCursorTimeout", true)));
        time.Forward(TimeSpan.FromMinutes(9));
        Assert.Null(await GetMore(used));
        time.Forward(TimeSpan.FromMinutes(9));
        Assert.Null(await GetMore(used));
        Assert.Equal("43", await GetMore(idle));
        Assert.Null(await GetMore(kept));
        byte[] killed = await Run("killCursors", "c", ("cursors", new object?[] { kept, 4711L }));
        Assert.Equal(($"[ {ShellText.Of(kept)} ]", "[ 4711 ]", "[]"), (Field(killed, "cursorsKilled"), Field(killed, "cursorsNotFound"), Field(killed, "cursorsAlive")));
        Assert.Equal("43", await GetMore(kept));
    }
}
