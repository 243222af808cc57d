using Etl.Documents;

namespace Chaos.MongoEmulator.Commands;

/// <summary>The statements of one write command, done one after the other; an ordered batch ends at its first failure.</summary>
sealed class WriteBatch
{
    readonly List<(int Index, CommandException Error)> errors = [];

    /// <exception cref="CommandException">InvalidLength: none, or too many.</exception>
    public static void CheckSize(int count)
    {
        if (count is 0 or > HelloCommand.MaxWriteBatchSize)
            throw new CommandException(ErrorCode.InvalidLength, $"Write batch sizes must be between 1 and {HelloCommand.MaxWriteBatchSize}. Got {count} operations.");
    }

    public void Run(int count, bool ordered, Action<int> statement)
    {
        for (int i = 0; i < count; i++)
            try
            {
                statement(i);
            }
            catch (CommandException e) when (e.Code != ErrorCode.MaxTimeMSExpired) // that one ends the whole command
            {
                errors.Add((i, e));
                if (ordered)
                    return;
            }
    }

    public void WriteErrors(BsonWriter reply)
    {
        if (errors.Count == 0)
            return;
        reply.BeginArray("writeErrors");
        foreach (var (index, error) in errors)
        {
            reply.BeginDocument().Write("index", index).Write("code", (int)error.Code);
            error.Details?.Invoke(reply);
            reply.Write("errmsg", error.Message).End();
        }
        reply.End();
    }
}
