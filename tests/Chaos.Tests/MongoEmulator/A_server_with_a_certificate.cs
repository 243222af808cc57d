using System.Collections.Concurrent;
using Chaos.MongoEmulator;
using Etl.Documents;
using Etl.Sources.Mongo;
using Tests.Shared;
using static Chaos.Tests.MongoEmulator.Values;

namespace Chaos.Tests.MongoEmulator;

public sealed class A_server_with_a_certificate
{
    /// <summary>Long enough for a handshake on a busy machine.</summary>
    const int Patience = 20_000;

    static async Task<string?> Ping(string uri, int patience = Patience)
    {
        using var connection = MongoConnection.Open($"{uri}&serverSelectionTimeoutMS={patience}");
        return Field(await connection.CommandAsync("admin", Doc(("ping", 1)), TestContext.Current.CancellationToken), "ok");
    }

    [Fact]
    public async Task Answers_a_client_that_trusts_it_and_no_other()
    {
        using var own = new TestCertificate();
        using var other = new TestCertificate();
        ConcurrentQueue<string> log = [];
        await using var server = MongoServer.Start(new MongoServerOptions { Certificate = own.Certificate, Log = log.Enqueue });
        Assert.Equal("1.0", await Ping($"{server.Uri}?tls=true&tlsCAFile={own.File}"));
        Assert.Equal("1.0", await Ping($"{server.Uri}?tls=true&tlsCAFile={own.File}&replicaSet=rs0"));
        var e = await Assert.ThrowsAsync<MongoException>(() => Ping($"{server.Uri}?tls=true&tlsCAFile={other.File}", 1_500));
        Assert.Contains("TLS", e.Message, StringComparison.OrdinalIgnoreCase);
        await Assert.ThrowsAsync<MongoException>(() => Ping($"{server.Uri}?directConnection=true", 1_500));
    }

    [Fact]
    public async Task For_another_host_is_not_trusted()
    {
        using var elsewhere = new TestCertificate("elsewhere.example");
        await using var server = MongoServer.Start(new MongoServerOptions { Certificate = elsewhere.Certificate });
        await Assert.ThrowsAsync<MongoException>(() => Ping($"{server.Uri}?tls=true&tlsCAFile={elsewhere.File}", 1_500));
        Assert.Equal("1.0", await Ping($"{server.Uri}?tls=true&tlsCAFile={elsewhere.File}&tlsAllowInvalidHostnames=true"));
    }

    [Fact]
    public async Task Sends_documents_of_sixteen_megabytes_whole()
    {
        using var own = new TestCertificate();
        await using var server = MongoServer.Start(new MongoServerOptions { Certificate = own.Certificate });
        using var connection = MongoConnection.Open($"{server.Uri}?tls=true&tlsCAFile={own.File}");
        byte[] large = Doc(("_id", 1), ("text", new string('x', Bson.MaxDocumentSize - 100)));
        await connection.CommandAsync("test", Doc(("insert", "c"), ("documents", new object?[] { large })));
        byte[] reply = await connection.CommandAsync("test", Doc(("find", "c")));
        Assert.True(reply.AsSpan().IndexOf(large) > 0);
    }
}
