using Chaos.MongoEmulator.Authentication;
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

    public override bool NeedsLogin => false;

    protected override void Run(Request request, BsonWriter reply)
    {
        // No Done() here: mongod's hello overlooks what it does not know, and compression and a topologyVersion to wait for
        // are offers that a server may leave unanswered.
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
        Mechanisms(request, reply);
        Speculate(request, reply);
    }

    /// <summary>A client asks by which mechanisms <c>admin.user</c> may log in; of one that is not there nothing is said.</summary>
    void Mechanisms(Request request, BsonWriter reply)
    {
        if (request.Arguments.OptionalText("saslSupportedMechs") is { } asked
            && asked.StartsWith("admin.", StringComparison.Ordinal) && state.Users.ContainsKey(asked["admin.".Length..]))
            reply.BeginArray("saslSupportedMechs").Write(ScramConversation.Mechanism).End();
    }

    /// <summary>A client sends its saslStart along to save a round trip. One that fails is left unanswered, and comes again by itself.</summary>
    void Speculate(Request request, BsonWriter reply)
    {
        if (request.Arguments.Document("speculativeAuthenticate") is not { } start)
            return;
        byte[] answer;
        try
        {
            var arguments = new Arguments(start);
            if (arguments.Name != "saslStart")
                return;
            string database = arguments.Accept("saslStart").OptionalText("db") ?? request.Database;
            answer = Bson.Make(w => request.Peer.Login.Start(arguments, database, state.Users, w));
        }
        catch (CommandException)
        {
            return; // the saslStart that follows tells why
        }
        reply.WriteDocument("speculativeAuthenticate", answer);
    }

    /// <summary>A client says once, in its first hello, what it is: <c>client: {application: {name}, …}</c>.</summary>
    static void Introduce(Request request)
    {
        if (request.Arguments.Take("client") is { Type: BsonType.Document } client
            && new FieldPath("application.name").Evaluate(client.Bytes) is { Type: BsonType.String } name)
            request.Peer.AppName ??= name.Text;
    }
}
