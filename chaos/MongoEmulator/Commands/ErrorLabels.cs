using Etl.Documents;

namespace Chaos.MongoEmulator.Commands;

/// <summary>The labels by which a server tells drivers what an error permits.</summary>
static class ErrorLabels
{
    public const string RetryableWrite = "RetryableWriteError";

    /// <summary>Codes of a server that is leaving or cannot be reached: the same write may be sent again (mongod's category RetriableError).</summary>
    static readonly HashSet<int> Retryable = [6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436];

    /// <summary>What a server adds by itself: a retryable write says when it may be retried.</summary>
    public static IReadOnlyList<string> Of(int code, bool inRetryableWrite) =>
        inRetryableWrite && Retryable.Contains(code) ? [RetryableWrite] : [];

    public static void Write(BsonWriter reply, IReadOnlyList<string> labels)
    {
        if (labels.Count == 0)
            return;
        reply.BeginArray("errorLabels");
        foreach (string label in labels)
            reply.Write(label);
        reply.End();
    }
}
