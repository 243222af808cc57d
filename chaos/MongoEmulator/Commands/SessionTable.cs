namespace Chaos.MongoEmulator.Commands;

/// <summary>The last retryable write of each session, with its answer: a write sent again is answered again, and not done again.</summary>
sealed class SessionTable(TimeProvider time)
{
    static readonly TimeSpan Timeout = TimeSpan.FromMinutes(30);

    sealed record Entry(long Transaction, byte[] Reply, DateTimeOffset Used);

    readonly Dictionary<string, Entry> sessions = [];
    readonly Lock gate = new();
    DateTimeOffset swept;

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
        var now = time.GetUtcNow();
        lock (gate)
        {
            if (now - swept > Timeout)
            {
                foreach (var (id, entry) in sessions)
                    if (now - entry.Used > Timeout)
                        sessions.Remove(id);
                swept = now;
            }
            sessions[session] = new(transaction, reply, now);
        }
    }

    public void End(string session)
    {
        lock (gate)
            sessions.Remove(session);
    }
}
