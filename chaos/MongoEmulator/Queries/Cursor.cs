using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Storage;
using Etl.Documents;

namespace Chaos.MongoEmulator.Queries;

/// <summary>A query under way: what is left of its scan. One getMore at a time.</summary>
sealed class Cursor(string @namespace, Collection? collection, Scan scan, Projection? projection)
{
    /// <summary>A reply may hold a little more than the largest document.</summary>
    const int MaxBatchBytes = Bson.MaxDocumentSize;

    byte[]? pending;

    public string Namespace => @namespace;
    public long Id { get; set; }
    /// <summary>Of the command that opened it; it ends with that session, and only that session may go on with it.</summary>
    public string? Session { get; init; }

    public bool KeepAlive { get; init; }

    /// <summary>Of all the commands of this cursor together.</summary>
    public TimeLimit Limit { get; init; } = TimeLimit.None;
    public DateTimeOffset LastUsed { get; set; }
    public bool Exhausted { get; private set; }

    /// <summary>Writes the next batch as an open array's elements, and looks whether more follow.</summary>
    /// <param name="size">Documents at most; 0 for none.</param>
    /// <exception cref="CommandException">QueryPlanKilled: the collection was dropped meanwhile.</exception>
    public void Fill(BsonWriter reply, long size)
    {
        if (size == 0)
            return;
        lock (this)
        {
            collection?.Lock.EnterReadLock();
            try
            {
                if (collection?.Dropped == true)
                    throw new CommandException(ErrorCode.QueryPlanKilled, $"collection dropped. UUID {collection.Uuid}");
                Write(reply, size);
            }
            finally
            {
                collection?.Lock.ExitReadLock();
            }
        }
    }

    void Write(BsonWriter reply, long size)
    {
        int start = reply.Written.Length;
        var document = pending ?? scan.Next();
        pending = null;
        for (; document != null && size > 0; size--)
        {
            var bytes = projection == null ? document : projection.Apply(document);
            int used = reply.Written.Length - start;
            if (used > 0 && used + bytes.Length > MaxBatchBytes)
                break;
            reply.WriteDocument(default, bytes);
            document = scan.Next();
        }
        pending = document;
        Exhausted = document == null;
    }
}
