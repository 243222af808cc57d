using Chaos.MongoEmulator.Commands;

namespace Chaos.MongoEmulator.Queries;

/// <summary>Open cursors by id. Those that nobody asked for ten minutes are closed, as in mongod.</summary>
sealed class CursorTable(TimeProvider time, Random random)
{
    static readonly TimeSpan IdleLimit = TimeSpan.FromMinutes(10);

    readonly Dictionary<long, Cursor> open = [];
    readonly Lock gate = new();

    public int Count
    {
        get
        {
            lock (gate)
                return open.Count;
        }
    }

    public void Add(Cursor cursor)
    {
        var now = time.GetUtcNow();
        lock (gate)
        {
            foreach (var (id, other) in open)
                if (IsIdle(other, now))
                    open.Remove(id);
            do
                cursor.Id = random.NextInt64(1, long.MaxValue);
            while (!open.TryAdd(cursor.Id, cursor));
            cursor.LastUsed = now;
        }
    }

    /// <exception cref="CommandException">CursorNotFound, Unauthorized when it belongs to another namespace, Location50736 to 50738 when to another session.</exception>
    public Cursor Find(long id, string @namespace, string? session)
    {
        lock (gate)
        {
            if (!open.TryGetValue(id, out var cursor) || IsIdle(cursor, time.GetUtcNow()))
                throw new CommandException(ErrorCode.CursorNotFound, $"cursor id {id} not found");
            if (cursor.Namespace != @namespace)
                throw new CommandException(ErrorCode.Unauthorized, $"Requested getMore on namespace '{@namespace}', but cursor belongs to a different namespace {cursor.Namespace}");
            if (cursor.Session != session)
                throw OtherSession(cursor, session);
            cursor.LastUsed = time.GetUtcNow();
            return cursor;
        }
    }

    static bool IsIdle(Cursor cursor, DateTimeOffset now) => !cursor.KeepAlive && now - cursor.LastUsed > IdleLimit;

    public bool Remove(long id)
    {
        lock (gate)
            return open.Remove(id);
    }

    /// <summary>Closes what a session has open.</summary>
    public void EndSession(string session)
    {
        lock (gate)
            foreach (var (id, cursor) in open)
                if (cursor.Session == session)
                    open.Remove(id);
    }

    static CommandException OtherSession(Cursor cursor, string? session)
    {
        var (code, tail) = (cursor.Session, session) switch
        {
            (null, _) => (50736, $"which was not created in a session, in session {session}"),
            (_, null) => (50737, $"which was created in session {cursor.Session}, without an lsid"),
            _ => (50738, $"which was created in session {cursor.Session}, in session {session}"),
        };
        return new((ErrorCode)code, $"Cannot run getMore on cursor {cursor.Id}, {tail}");
    }
}
