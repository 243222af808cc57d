using Etl.Documents;

namespace Chaos.MongoEmulator.Commands;

/// <summary>One command of the server. It takes its arguments, calls <see cref="Arguments.Done"/>, acts, and writes its fields of the reply.</summary>
abstract class Command(params string[] names)
{
    public IReadOnlyList<string> Names => names;

    /// <summary>Whether a driver may send it again with the same transaction number, and must then get the first answer.</summary>
    public virtual bool IsRetryableWrite => false;

    /// <summary>Whether it is for users alone, where there are users.</summary>
    public virtual bool NeedsLogin => true;

    /// <summary>For commands that wait (a tailing getMore); the others override <see cref="Run"/>.</summary>
    public virtual ValueTask RunAsync(Request request, BsonWriter reply, CancellationToken ct)
    {
        Run(request, reply);
        return ValueTask.CompletedTask;
    }

    protected virtual void Run(Request request, BsonWriter reply) => throw new NotSupportedException();
}
