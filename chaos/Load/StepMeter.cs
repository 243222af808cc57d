namespace Chaos.Load;

/// <summary>Measures one step, from any thread.</summary>
/// <param name="measuredFrom">What was meant to begin before it belongs to the warm-up.</param>
sealed class StepMeter(string workload, string step, TimeSpan measuredFrom)
{
    /// <summary>Reasons told apart, and the characters kept of each: a message may name the document, and there may be a million.</summary>
    const int MostReasons = 20, LongestReason = 300;

    const string Others = "other reasons";

    readonly Lock gate = new();
    readonly Histogram latency = new();
    readonly Timeline timeline = new();
    readonly Dictionary<string, long> reasons = [];
    long failed, documents;

    public void Succeed(TimeSpan began, TimeSpan ended)
    {
        if (began < measuredFrom)
            return;
        lock (gate)
        {
            latency.Record(ended - began);
            timeline.Record(ended - measuredFrom, ended - began);
        }
    }

    public void Fail(TimeSpan began, TimeSpan ended, string reason)
    {
        if (began < measuredFrom)
            return;
        reason = reason.Length <= LongestReason ? reason : reason[..LongestReason] + "…";
        lock (gate)
        {
            failed++;
            timeline.Fail(ended - measuredFrom);
            if (reasons.Count >= MostReasons && !reasons.ContainsKey(reason))
                reason = Others;
            reasons[reason] = reasons.GetValueOrDefault(reason) + 1;
        }
    }

    public void Count(TimeSpan began, TimeSpan at, long more)
    {
        if (began < measuredFrom)
            return;
        lock (gate)
        {
            documents += more;
            timeline.Count(at - measuredFrom, more);
        }
    }

    /// <param name="took">What rates are over.</param>
    public StepResult Result(TimeSpan took)
    {
        lock (gate)
            return new StepResult(workload, step, latency.Count, failed, documents, took, LatencyFigures.Of(latency),
                [.. reasons.OrderByDescending(r => r.Value).ThenBy(r => r.Key, StringComparer.Ordinal).Select(r => new FailureReason(r.Key, r.Value))], timeline.Width, timeline.Points());
    }
}
