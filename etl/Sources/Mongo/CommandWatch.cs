using Etl.Documents;

namespace Etl.Sources.Mongo;

/// <summary>
/// What the driver reports while a call of ours runs on this thread: failures that it overcomes without a word, the server
/// that failed, and how many documents a reply holds.
/// </summary>
/// <remarks>
/// The driver takes a batch that it cannot walk to its end for one that ends there: documents behind a wrong length would be lost
/// without an error. So they are counted as they arrive, and again as they are handed out.
/// </remarks>
internal sealed class CommandWatch(long socketTimeoutMilliseconds)
{
    [ThreadStatic]
    static CommandWatch? current;

    /// <summary>The driver's clocks do not agree to the last microsecond.</summary>
    readonly long timeOutMicroseconds = socketTimeoutMilliseconds * 950;

    int failures, timedOut;
    long arrived;

    public static CommandWatch? Current => current;

    /// <summary>Whether replies are those of a cursor.</summary>
    public bool CountsDocuments { get; init; }

    /// <summary>Documents handed out.</summary>
    public long Taken { get; set; }

    /// <summary>Why the last reply cannot be trusted.</summary>
    public string? Broken { get; private set; }

    /// <summary>The server that failed last: <c>host:port</c>.</summary>
    public string? Host { get; private set; }

    /// <summary>Listens on this thread until the returned value is disposed.</summary>
    public Listening Listen()
    {
        current = this;
        return default;
    }

    public void Failed(uint domain, uint code, long microseconds, string? host)
    {
        Host = host;
        if (!MongoException.Passes(domain, code))
            return;
        failures++;
        if (MongoException.IsTimeOutCode(domain, code) || domain == MongoException.StreamDomain && microseconds >= timeOutMicroseconds)
            timedOut++;
    }

    public void Arrived(ReadOnlySpan<byte> reply)
    {
        if (Taken != arrived)
            Broken = Short();
        try
        {
            var reader = new BsonReader(reply);
            if (!Bson.Find(ref reader, "cursor"u8))
                return;
            for (var cursor = reader.Nested(); cursor.Read();)
                if (cursor.Type == BsonType.Array)
                    for (var batch = cursor.Nested(); batch.Read();)
                        arrived++;
        }
        catch (BsonException e)
        {
            Broken = e.Message;
        }
    }

    /// <summary>At the end of a cursor: every document that arrived must have been handed out.</summary>
    public void End() => Broken ??= Taken == arrived ? null : Short();

    string Short() => $"Of {arrived} documents that the server sent the driver found {Taken}.";

    /// <summary>Adds to the books what was seen since the last time.</summary>
    /// <param name="failure">What came out of the driver, if something did: a server that is not found fails without a command.</param>
    public void Book(EffortCounter effort, MongoException? failure)
    {
        bool unseen = failure is { IsPassing: true } && failures == 0;
        if (failures > 0 || unseen)
            effort.Failed(failures + (unseen ? 1 : 0), timedOut + (unseen && failure!.IsTimeOut ? 1 : 0));
        (failures, timedOut) = (0, 0);
    }

    public readonly ref struct Listening
    {
        public void Dispose() => current = null;
    }
}
