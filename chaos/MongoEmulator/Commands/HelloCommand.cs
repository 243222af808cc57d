using Chaos.MongoEmulator.Values;
using Chaos.MongoEmulator.Wire;
using Etl.Documents;

namespace Chaos.MongoEmulator.Commands;

/// <summary>The primary of a replica set of one, which says openly that it is an emulator.</summary>
sealed class HelloCommand(ServerState state) : Command("hello", "isMaster", "ismaster")
{
    public const string SetName = "rs0";

    /// <summary>MongoDB 6.0.</summary>
    public const int MaxWireVersion = 17;

    public const int MaxWriteBatchSize = 100_000;

    protected override void Run(Request request, BsonWriter reply)
    {
        // No Done() here: mongod's hello overlooks what it does not know, and speculative authentication, compression and
        // a topologyVersion to wait for are offers that a server may leave unanswered.
        Introduce(request);
        string host = request.Peer.Host;
        long now = state.Time.GetUtcNow().ToUnixTimeMilliseconds();
        reply.Write("helloOk", true)
            .Write(request.Arguments.Name == "hello" ? "isWritablePrimary" : "ismaster", true)
            .Write("setName", SetName).Write("setVersion", 1).Write("secondary", false)
            .Write("primary", host).Write("me", host)
            .BeginArray("hosts").Write(host).End();
        reply.BeginDocument("lastWrite")
            .BeginDocument("opTime").WriteTimestamp("ts", state.Clock.Now).Write("t", 1L).End()
            .WriteDateTime("lastWriteDate", (long)(state.Clock.Now >> 32) * 1000)
            .BeginDocument("majorityOpTime").WriteTimestamp("ts", state.Clock.Now).Write("t", 1L).End()
            .WriteDateTime("majorityWriteDate", (long)(state.Clock.Now >> 32) * 1000)
            .End();
        reply.Write("maxBsonObjectSize", Bson.MaxDocumentSize).Write("maxMessageSizeBytes", MessageHeader.MaxMessageSize).Write("maxWriteBatchSize", MaxWriteBatchSize)
            .WriteDateTime("localTime", now).Write("logicalSessionTimeoutMinutes", 30).Write("connectionId", request.Peer.ConnectionId)
            .Write("minWireVersion", 0).Write("maxWireVersion", MaxWireVersion).Write("readOnly", false)
            .Write("emulator", true);
    }

    /// <summary>A client says once, in its first hello, what it is: <c>client: {application: {name}, …}</c>.</summary>
    static void Introduce(Request request)
    {
        if (request.Arguments.Take("client") is { Type: BsonType.Document } client
            && new FieldPath("application.name").Evaluate(client.Bytes) is { Type: BsonType.String } name)
            request.Peer.AppName ??= name.Text;
    }
}
