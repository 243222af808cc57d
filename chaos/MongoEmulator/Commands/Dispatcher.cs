using Chaos.MongoEmulator.Values;
using Chaos.MongoEmulator.Wire;
using Etl.Documents;

namespace Chaos.MongoEmulator.Commands;

/// <summary>Finds the command a message names, runs it, and completes the reply with ok, operationTime and $clusterTime.</summary>
sealed class Dispatcher(ServerState state, CommandTable commands, Action<string> log)
{
    static readonly byte[] NoHash = new byte[20];

    public async ValueTask AnswerAsync(OpMessage message, Peer peer, BsonWriter reply, CancellationToken ct)
    {
        try
        {
            DocumentShape.Check(message.Body.Span, DocumentShape.MaxCommandDepth);
            foreach (var document in message.Sequences.Values.SelectMany(d => d))
                DocumentShape.Check(document.Span);
            var arguments = new Arguments(message.Body, sequences: message.Sequences);
            await RunAsync(arguments, arguments.Text("$db"), peer, reply, ct);
        }
        catch (Exception e)
        {
            Refuse(reply, e);
        }
    }

    /// <summary>OP_QUERY: the handshake and nothing else.</summary>
    public async ValueTask AnswerLegacyAsync(OpQuery query, Peer peer, BsonWriter reply, CancellationToken ct)
    {
        try
        {
            DocumentShape.Check(query.Command.Span, DocumentShape.MaxCommandDepth);
            var arguments = new Arguments(query.Command);
            if (arguments.Name is not ("isMaster" or "ismaster" or "hello"))
                throw new CommandException((ErrorCode)352, $"Unsupported OP_QUERY command: {arguments.Name}. The client driver may require an upgrade.");
            await RunAsync(arguments, query.Database, peer, reply, ct);
        }
        catch (Exception e)
        {
            Refuse(reply, e);
        }
    }

    async ValueTask RunAsync(Arguments arguments, string database, Peer peer, BsonWriter reply, CancellationToken ct)
    {
        var command = commands.Find(arguments.Name)
            ?? throw new CommandException(ErrorCode.CommandNotFound, $"no such command: '{arguments.Name}'");
        CheckDatabase(database);
        arguments.Accept("$db", "$clusterTime", "$readPreference", "comment", "apiVersion", "apiStrict", "apiDeprecationErrors", "maxTimeMS");
        string? session = arguments.Document("lsid") is { } lsid ? Convert.ToHexString(lsid.Span) : null;
        var transaction = Common(arguments, command);
        if (session != null && transaction is { } number && state.Sessions.Replay(session, number) is { } before)
        {
            CopyTo(reply, before);
            return;
        }
        reply.BeginDocument();
        await command.RunAsync(new Request(database, arguments, peer) { TransactionNumber = transaction }, reply, ct);
        Complete(reply, 1);
        if (session != null && transaction is { } done)
            state.Sessions.Remember(session, done, reply.ToArray());
    }

    /// <summary>Read and write concern, and the transaction number of a retryable write.</summary>
    static long? Common(Arguments arguments, Command command)
    {
        if (arguments.Document("readConcern") is { } read)
        {
            var concern = new Arguments(read, "readConcern");
            if (concern.OptionalText("level") is { } level and not ("local" or "available" or "majority" or "linearizable"))
                throw new CommandException(ErrorCode.InvalidOptions, $"this emulator does not know readConcern level '{level}'");
            concern.Accept("afterClusterTime", "provenance").Done(); // one node: every read sees all that was acknowledged
        }
        if (arguments.Document("writeConcern") is { } write)
        {
            var concern = new Arguments(write, "writeConcern");
            var nodes = concern.Take("w");
            if (nodes.IsNumber && nodes.WholeNumber is not (0 or 1) || nodes.Type == BsonType.String && nodes.Text != "majority")
                throw new CommandException(ErrorCode.UnsatisfiableWriteConcern, $"Not enough data-bearing nodes: w is {ShellText.Of(nodes)}, this is a replica set of one");
            concern.Accept("j", "wtimeout", "fsync", "provenance").Done();
        }
        if (arguments.Take("startTransaction").IsTrue || arguments.Take("autocommit") is { IsMissing: false })
            throw new CommandException(ErrorCode.OperationNotSupportedInTransaction, "this emulator has no multi-document transactions");
        var number = arguments.Number("txnNumber");
        return number == null || command.IsRetryableWrite
            ? number
            : throw new CommandException(ErrorCode.IllegalOperation, $"txnNumber may only be provided for commands that support retryable writes, which {arguments.Name} is not");
    }

    static void CheckDatabase(string database)
    {
        if (database.Length is 0 or > 63 || database.AsSpan().ContainsAny("/\\. \"$\0"))
            throw new CommandException(ErrorCode.InvalidNamespace, $"Invalid database name: '{database}'");
    }

    void Refuse(BsonWriter reply, Exception failure)
    {
        switch (failure)
        {
            case CommandException e:
                Refuse(reply, e.Code, e.Message, e.Details);
                break;
            case BsonException e:
                Refuse(reply, ErrorCode.InvalidBSON, e.Message);
                break;
            case OperationCanceledException:
                Refuse(reply, ErrorCode.InterruptedAtShutdown, "interrupted at shutdown");
                break;
            case IOException e:
                log($"Writing failed: {e.Message}");
                Refuse(reply, ErrorCode.OutOfDiskSpace, e.Message);
                break;
            default:
                log($"Failed: {failure}");
                Refuse(reply, ErrorCode.InternalError, failure.Message);
                break;
        }
    }

    /// <summary>Drops what was written so far and answers with an error.</summary>
    public void Refuse(BsonWriter reply, ErrorCode code, string message, Action<BsonWriter>? details = null)
    {
        reply.Reset();
        reply.BeginDocument();
        details?.Invoke(reply);
        reply.Write("errmsg", message).Write("code", (int)code).Write("codeName", code.Name());
        Complete(reply, 0);
    }

    void Complete(BsonWriter reply, double ok)
    {
        ulong now = state.Clock.Now;
        reply.Write("ok", ok)
            .BeginDocument("$clusterTime").WriteTimestamp("clusterTime", now)
            .BeginDocument("signature").WriteBinary("hash", NoHash).Write("keyId", 0L).End().End()
            .WriteTimestamp("operationTime", now)
            .End();
    }

    static void CopyTo(BsonWriter reply, byte[] document)
    {
        reply.BeginDocument();
        var reader = new BsonReader(document);
        while (reader.Read())
            reply.WriteElement(reader);
        reply.End();
    }
}
