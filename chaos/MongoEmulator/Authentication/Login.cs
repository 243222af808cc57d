using Chaos.MongoEmulator.Commands;
using Etl.Documents;

namespace Chaos.MongoEmulator.Authentication;

/// <summary>The login of one connection: nobody, someone on the way in, or a user.</summary>
sealed class Login
{
    const int ConversationId = 1;

    ScramConversation? conversation;

    /// <summary>Null until somebody has logged in.</summary>
    public string? User { get; private set; }

    /// <param name="arguments">Of saslStart, or of the hello that speaks for it.</param>
    /// <exception cref="CommandException">MechanismUnavailable, AuthenticationFailed, BadValue.</exception>
    public void Start(Arguments arguments, string database, IReadOnlyDictionary<string, MongoUser> users, BsonWriter reply)
    {
        conversation = null;
        string mechanism = arguments.Text("mechanism");
        var payload = Payload(arguments);
        bool skips = false;
        if (arguments.Document("options") is { } options)
        {
            var fields = new Arguments(options, "saslStart.options");
            skips = fields.Flag("skipEmptyExchange");
            fields.Done();
        }
        arguments.Accept("autoAuthorize").Done();
        // A driver falls back to SCRAM-SHA-1 for a user that is not there; of those that are, none has credentials for it.
        if (mechanism == "SCRAM-SHA-1")
            throw new CommandException(ErrorCode.AuthenticationFailed, "Authentication failed.");
        if (mechanism != ScramConversation.Mechanism)
            throw new CommandException(ErrorCode.MechanismUnavailable, $"Received authentication for mechanism {mechanism} which is not enabled");
        if (database != "admin")
            throw new CommandException(ErrorCode.AuthenticationFailed, "Authentication failed."); // users are kept in admin alone
        conversation = new ScramConversation(payload.Span, skips, users);
        Answer(reply, conversation.FirstAnswer, done: false);
    }

    /// <exception cref="CommandException">AuthenticationFailed, ProtocolError.</exception>
    public void Continue(Arguments arguments, BsonWriter reply)
    {
        var current = conversation ?? throw new CommandException(ErrorCode.ProtocolError, "No SASL session state found");
        conversation = null; // whatever fails ends it
        if (arguments.Number("conversationId") != ConversationId)
            throw new CommandException(ErrorCode.ProtocolError, "sasl: Mismatched conversation id");
        var payload = Payload(arguments);
        arguments.Done();
        byte[] answer = current.Continue(payload.Span);
        User = current.AuthenticatedUser ?? User;
        bool done = current.AuthenticatedUser != null;
        conversation = done ? null : current;
        Answer(reply, answer, done);
    }

    public void End() => User = null;

    static ReadOnlyMemory<byte> Payload(Arguments arguments)
    {
        var payload = arguments.Take("payload");
        return payload.Type == BsonType.Binary
            ? payload.Bytes[5..]
            : throw new CommandException(ErrorCode.TypeMismatch, $"BSON field 'payload' is the wrong type '{payload.Type.Alias()}', expected type 'binData'");
    }

    static void Answer(BsonWriter reply, byte[] payload, bool done) =>
        reply.Write("conversationId", ConversationId).Write("done", done).WriteBinary("payload", payload);
}
