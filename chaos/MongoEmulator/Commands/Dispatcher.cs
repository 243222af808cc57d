using Chaos.MongoEmulator.FailPoints;
using Chaos.MongoEmulator.Values;
using Chaos.MongoEmulator.Wire;
using Etl.Documents;

namespace Chaos.MongoEmulator.Commands;

/// <summary>Finds the command a message names, runs it, and completes the reply with ok, operationTime and $clusterTime.</summary>
sealed class Dispatcher(ServerState state, CommandTable commands, Action<string> log)
{
    static readonly byte[] NoHash = new byte[20];

    /// <exception cref="WireException">A fail point closes the connection.</exception>
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
        catch (Exception e) when (e is not WireException)
        {
            Refuse(reply, e);
        }
    }

    /// <summary>OP_QUERY: the handshake and nothing else.</summary>
    /// <exception cref="WireException">A fail point closes the connection.</exception>
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
        catch (Exception e) when (e is not WireException)
        {
            Refuse(reply, e);
        }
    }

    async ValueTask RunAsync(Arguments arguments, string database, Peer peer, BsonWriter reply, CancellationToken ct)
    {
        var command = commands.Find(arguments.Name)
            ?? throw new CommandException(ErrorCode.CommandNotFound, $"no such command: '{arguments.Name}'");
        CheckDatabase(database);
        if (command.NeedsLogin && state.Users.Count > 0 && peer.Login.User == null)
            throw new CommandException(ErrorCode.Unauthorized, $"command {arguments.Name} requires authentication");
        string? ns = arguments.Peek(arguments.Name == "getMore" ? "collection" : arguments.Name) is { Type: BsonType.String } name ? $"{database}.{name.Text}" : null;
        var common = CommonArguments.Take(arguments, command, state.Time);
        var (session, transaction) = (common.Session, common.TransactionNumber);
        if (state.FailCommand.Enter(arguments.Name, peer.AppName, ns, afterwards: false) is { } failure)
            await FailAsync(failure, common, ct);
        if (session != null)
            state.UseSession(session);
        using var turn = session != null && transaction != null ? await state.Sessions.TakeTurnAsync(session, ct) : default;
        if (session != null && transaction is { } number && state.Sessions.Replay(session, number) is { } before)
            CopyTo(reply, before);
        else
        {
            reply.BeginDocument();
            await command.RunAsync(new Request(database, arguments, peer) { Session = session, TransactionNumber = transaction, Limit = common.Limit }, reply, ct);
            Complete(reply, 1);
            if (session != null && transaction is { } done)
                state.Sessions.Remember(session, done, reply.ToArray());
        }
        if (state.FailCommand.Enter(arguments.Name, peer.AppName, ns, afterwards: true) is { } late)
            Add(reply, late, transaction != null);
    }

    async ValueTask FailAsync(CommandFailure failure, CommonArguments common, CancellationToken ct)
    {
        if (failure.Block > TimeSpan.Zero)
        {
            bool expires = common.Limit.Left < failure.Block;
            var wait = expires ? common.Limit.Left : failure.Block;
            await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, state.Time, ct);
            if (expires)
                throw TimeLimit.Expired();
        }
        if (failure.CloseConnection)
            throw new WireException("the fail point failCommand closes it");
        if (failure.ErrorCode is { } code)
            throw new CommandException((ErrorCode)code, "Failing command via 'failCommand' failpoint")
            {
                Labels = failure.ErrorLabels ?? ErrorLabels.Of(code, common.TransactionNumber != null),
            };
    }

    /// <summary>Gives a reply that is finished a write concern's error.</summary>
    static void Add(BsonWriter reply, CommandFailure failure, bool inRetryableWrite)
    {
        byte[] done = reply.ToArray();
        byte[] error = failure.WriteConcernError!;
        var code = new BsonReader(error);
        int number = Bson.Find(ref code, "code"u8) ? (int?)BsonValue.CopyOf(code).WholeNumber ?? 0 : 0;
        reply.Reset();
        reply.BeginDocument();
        var reader = new BsonReader(done);
        while (reader.Read())
            reply.WriteElement(reader);
        ErrorLabels.Write(reply, failure.ErrorLabels ?? ErrorLabels.Of(number, inRetryableWrite));
        reply.WriteDocument("writeConcernError", error).End();
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
                Refuse(reply, e.Code, e.Message, e.Details, e.Labels);
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
    public void Refuse(BsonWriter reply, ErrorCode code, string message, Action<BsonWriter>? details = null, IReadOnlyList<string>? labels = null)
    {
        reply.Reset();
        reply.BeginDocument();
        details?.Invoke(reply);
        ErrorLabels.Write(reply, labels ?? []);
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
