namespace Etl.Sources;

/// <summary>What it took to read a source: the failures that were overcome. All zero in a quiet hour.</summary>
/// <param name="Retries">Requests that failed for a reason that passes, and were sent again, by the source's driver or by us.</param>
/// <param name="Reopened">Scans that lost their cursor and went on behind the last document handed out.</param>
/// <param name="TimedOut">Failures, among all of them, that were time-outs.</param>
/// <param name="Remarks">What a reader of the figures should know: a view read as one range, a read concern that the server does not have.</param>
public sealed record SourceEffort(long Retries, long Reopened, long TimedOut, IReadOnlyList<string> Remarks)
{
    /// <summary>Documents that are there and not complete yet: left for a later run, and in nobody's books.</summary>
    public long Pending { get; init; }

    public static readonly SourceEffort None = new(0, 0, 0, []);
}
