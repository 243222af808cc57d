using Chaos.MongoEmulator.Sessions;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Commands;

/// <summary>The fields that any command may carry: who sends it, how long it may take, what it must have seen and how safe it must be.</summary>
sealed record CommonArguments(string? Session, long? TransactionNumber, TimeLimit Limit)
{
    /// <exception cref="CommandException">A concern or a number that this server cannot keep.</exception>
    public static CommonArguments Take(Arguments arguments, Command command, TimeProvider time)
    {
        arguments.Accept("$db", "$clusterTime", "$readPreference", "comment", "apiVersion", "apiStrict", "apiDeprecationErrors");
        string? session = arguments.Document("lsid") is { } lsid ? SessionTable.Read(lsid) : null;
        var limit = MaxTime(arguments.Take("maxTimeMS"), time);
        Concerns(arguments);
        if (arguments.Take("startTransaction").IsTrue || arguments.Take("autocommit") is { IsMissing: false })
            throw new CommandException(ErrorCode.OperationNotSupportedInTransaction, "this emulator has no multi-document transactions");
        var number = arguments.Number("txnNumber");
        if (number != null && session == null)
            throw new CommandException(ErrorCode.InvalidOptions, "Transaction number requires a session ID to also be specified");
        if (number < 0)
            throw new CommandException(ErrorCode.InvalidOptions, "Transaction number cannot be negative");
        return number == null || command.IsRetryableWrite
            ? new(session, number, limit)
            : throw new CommandException(ErrorCode.IllegalOperation, $"txnNumber may only be provided for commands that support retryable writes, which {arguments.Name} is not");
    }

    static TimeLimit MaxTime(BsonValue value, TimeProvider time)
    {
        if (value.IsMissing)
            return TimeLimit.None;
        if (!value.IsNumber)
            throw new CommandException(ErrorCode.BadValue, "maxTimeMS must be a number");
        if (value.WholeNumber is not { } milliseconds)
            throw new CommandException(ErrorCode.BadValue, "maxTimeMS has non-integral value");
        if (milliseconds is < 0 or > int.MaxValue)
            throw new CommandException(ErrorCode.BadValue, $"{milliseconds} value for maxTimeMS is out of range [0, {int.MaxValue}]");
        return milliseconds == 0 ? TimeLimit.None : new TimeLimit(time, TimeSpan.FromMilliseconds(milliseconds));
    }

    static void Concerns(Arguments arguments)
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
    }
}
