using Chaos.MongoEmulator;
using Chaos.MongoEmulator.Authentication;
using Etl;
using Etl.Documents;
using Etl.Sources.Mongo;
using static Chaos.Tests.MongoEmulator.Values;

namespace Chaos.Tests.MongoEmulator;

public sealed class A_server_with_users : ServerTest
{
    const string Password = "p@ss w0rd/,=~";

    protected override MongoServerOptions Options => new() { Users = [new MongoUser("reader", Password), new MongoUser("a,b=c", "x")] };

    async Task<string?> Login(string user, string password, string options = "")
    {
        string hosts = Server.Uri["mongodb://".Length..];
        using var connection = MongoConnection.Open($"mongodb://{Uri.EscapeDataString(user)}:{Uri.EscapeDataString(password)}@{hosts}{options}");
        byte[] status = await connection.CommandAsync("admin", Doc(("connectionStatus", 1)));
        await connection.CommandAsync("test", Doc(("find", "c")));
        return Field(status, "authInfo.authenticatedUsers");
    }

    [Fact]
    public async Task Lets_in_who_knows_the_password()
    {
        Assert.Equal("[ { user: \"reader\", db: \"admin\" } ]", await Login("reader", Password));
        Assert.Equal("[ { user: \"a,b=c\", db: \"admin\" } ]", await Login("a,b=c", "x", "?authMechanism=SCRAM-SHA-256&replicaSet=rs0"));
    }

    [Theory]
    [InlineData("reader", "wrong")]
    [InlineData("nobody", Password)]
    [InlineData("reader", "p@ss w0rd/,=~ ")]
    public async Task Refuses_others_without_saying_what_was_wrong(string user, string password)
    {
        var e = await Assert.ThrowsAsync<MongoException>(() => Login(user, password, "?authMechanism=SCRAM-SHA-256"));
        Assert.Contains("Authentication failed", e.Message);
        Assert.DoesNotContain(password.Trim(), e.Message);
    }

    [Fact]
    public async Task Knows_no_users_outside_of_admin() =>
        await Assert.ThrowsAsync<MongoException>(() => Login("reader", Password, "?authSource=test"));

    [Fact]
    public async Task Answers_nobody_more_than_a_handshake_needs()
    {
        byte[] reply = await Client.RunAsync(Doc(("find", "c"), ("$db", "test")));
        Assert.Equal(("13", "\"Unauthorized\"", "\"command find requires authentication\""), (Field(reply, "code"), Field(reply, "codeName"), Field(reply, "errmsg")));
        foreach (string open in (string[])["hello", "isMaster", "ping", "buildInfo", "connectionStatus"])
            Assert.Equal("1.0", Field(await Client.RunAsync(Doc((open, 1), ("$db", "admin"))), "ok"));
        foreach (string closed in (string[])["listDatabases", "configureFailPoint", "endSessions", "insert", "getMore"])
            Assert.Equal("13", Field(await Client.RunAsync(Doc((closed, 1), ("$db", "admin"))), "code"));
        Assert.Equal("59", Field(await Client.RunAsync(Doc(("frobnicate", 1), ("$db", "admin"))), "code"));
    }

    [Fact]
    public async Task Names_the_mechanism_for_a_user_that_is_there()
    {
        async Task<string?> Mechanisms(string user) => Field(await Client.RunAsync(Doc(("hello", 1), ("saslSupportedMechs", user), ("$db", "admin"))), "saslSupportedMechs");
        Assert.Equal("[ \"SCRAM-SHA-256\" ]", await Mechanisms("admin.reader"));
        Assert.Null(await Mechanisms("admin.nobody"));
        Assert.Null(await Mechanisms("test.reader"));
    }

    [Fact]
    public async Task Holds_a_login_to_its_order()
    {
        Task<byte[]> Sasl(string command, string payload, params (string, object?)[] more) =>
            Client.RunAsync(Doc([(command, 1), ("payload", V(w => w.WriteBinary("v", System.Text.Encoding.UTF8.GetBytes(payload)))), .. more, ("$db", "admin")]));
        Assert.Equal("17", Field(await Sasl("saslContinue", "", ("conversationId", 1)), "code"));
        Assert.Equal("18", Field(await Sasl("saslStart", "n,,n=reader,r=abc", ("mechanism", "SCRAM-SHA-1")), "code"));
        Assert.Equal("334", Field(await Sasl("saslStart", "n,,n=reader,r=abc", ("mechanism", "PLAIN")), "code"));
        Assert.Equal("2", Field(await Sasl("saslStart", "nonsense", ("mechanism", "SCRAM-SHA-256")), "code"));
        Assert.Equal("false", Field(await Sasl("saslStart", "n,,n=reader,r=abc", ("mechanism", "SCRAM-SHA-256")), "done"));
        Assert.Equal("17", Field(await Sasl("saslContinue", "", ("conversationId", 2)), "code"));
        await Sasl("saslStart", "n,,n=reader,r=abc", ("mechanism", "SCRAM-SHA-256"));
        Assert.Equal("18", Field(await Sasl("saslContinue", "c=biws,r=abc,p=AAAA", ("conversationId", 1)), "code"));
        Assert.Equal("13", Field(await Client.RunAsync(Doc(("find", "c"), ("$db", "test"))), "code"));
    }

    [Fact]
    public void Takes_no_password_that_it_could_not_compare() =>
        Assert.DoesNotContain("pä", Assert.Throws<UsageException>(() => new MongoUser("u", "pä")).Message);
}
