using Chaos.MongoEmulator.Commands;
using Etl.Documents;

namespace Chaos.MongoEmulator.Sessions;

/// <summary>
/// The logical sessions that clients use, by the uuid of their lsid in hexadecimal. A session begins with its first command and ends when a client
/// ends it, or when nobody used it for thirty minutes; its cursors end with it. It remembers the answer to its last retryable write:
/// a write sent again is answered again, and not done again.
/// </summary>
sealed class SessionTable(TimeProvider time, Random random)
{
    public const int TimeoutMinutes = 30;
    static readonly TimeSpan Timeout = TimeSpan.FromMinutes(TimeoutMinutes), SweepInterval = TimeSpan.FromMinutes(1);

    sealed class Session
    {
        public DateTimeOffset Used;
        public long Transaction = -1;
        public byte[]? Reply;
        public readonly SemaphoreSlim Turn = new(1);
    }

    readonly Dictionary<string, Session> sessions = [];
    readonly Lock gate = new();
    DateTimeOffset swept = time.GetUtcNow();

    public int Count
    {
        get
        {
            lock (gate)
                return sessions.Count;
        }
    }

    /// <summary>Reads an lsid: <c>{id: uuid}</c>.</summary>
    /// <exception cref="CommandException">It is not one.</exception>
    public static string Read(ReadOnlyMemory<byte> lsid)
    {
        var fields = new Arguments(lsid, "OperationSessionInfo.lsid");
        var id = fields.Take("id");
        fields.Accept("uid").Done(); // whose it is; every user may do everything
        if (id.IsMissing)
            throw new CommandException(ErrorCode.MissingField, "BSON field 'OperationSessionInfo.lsid.id' is missing but a required field");
        return id.Type == BsonType.Binary && id.Bytes.Length == 5 + 16 && id.Span[4] == 4
            ? Convert.ToHexString(id.Span[5..])
            : throw new CommandException(ErrorCode.TypeMismatch, $"BSON field 'OperationSessionInfo.lsid.id' is the wrong type '{id.Type.Alias()}', expected type 'UUID'");
    }

    public byte[] Start()
    {
        byte[] id = new byte[16];
        lock (gate)
            random.NextBytes(id);
        (id[6], id[8]) = ((byte)(id[6] & 0x0F | 0x40), (byte)(id[8] & 0x3F | 0x80));
        Use(Convert.ToHexString(id));
        return id;
    }

    /// <summary>Marks a session as used, beginning it where need be.</summary>
    /// <returns>Sessions that have expired meanwhile: what belongs to them is to be closed.</returns>
    public IReadOnlyList<string> Use(string session)
    {
        var now = time.GetUtcNow();
        lock (gate)
        {
            var expired = Sweep(now);
            if (!sessions.TryGetValue(session, out var entry))
                sessions[session] = entry = new Session();
            entry.Used = now;
            return expired;
        }
    }

    IReadOnlyList<string> Sweep(DateTimeOffset now)
    {
        if (now - swept < SweepInterval)
            return [];
        swept = now;
        List<string> expired = [.. sessions.Where(s => now - s.Value.Used > Timeout).Select(s => s.Key)];
        foreach (string id in expired)
            sessions.Remove(id);
        return expired;
    }

    /// <summary>Waits for the session's turn: a write sent again while its first sending still runs must wait for that one's answer.</summary>
    public async ValueTask<Turn> TakeTurnAsync(string session, CancellationToken ct)
    {
        SemaphoreSlim turn;
        lock (gate)
            turn = sessions.TryGetValue(session, out var entry) ? entry.Turn : (sessions[session] = new Session { Used = time.GetUtcNow() }).Turn;
        await turn.WaitAsync(ct);
        return new Turn(turn);
    }

    /// <summary>Dispose to let the next one in.</summary>
    public readonly struct Turn(SemaphoreSlim? turn) : IDisposable
    {
        public void Dispose() => turn?.Release();
    }

    /// <returns>The answer given before, or null when the write is new.</returns>
    /// <exception cref="CommandException">TransactionTooOld: the session has gone on since.</exception>
    public byte[]? Replay(string session, long transaction)
    {
        lock (gate)
        {
            if (!sessions.TryGetValue(session, out var entry) || entry.Transaction < transaction)
                return null;
            return entry.Transaction == transaction
                ? entry.Reply
                : throw new CommandException(ErrorCode.TransactionTooOld, $"Retryable write with txnNumber {transaction} is prohibited on session {session} because a newer retryable write with txnNumber {entry.Transaction} has already started on this session.");
        }
    }

    public void Remember(string session, long transaction, byte[] reply)
    {
        lock (gate)
            if (sessions.TryGetValue(session, out var entry)) // else it was ended meanwhile
                (entry.Transaction, entry.Reply) = (transaction, reply);
    }

    public void End(string session)
    {
        lock (gate)
            sessions.Remove(session);
    }
}
