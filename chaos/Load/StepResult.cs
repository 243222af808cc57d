namespace Chaos.Load;

/// <summary>What one step did under load.</summary>
/// <param name="Operations">That ended well; latency is theirs alone.</param>
/// <param name="Latency">Of open phases from when an operation was meant to begin, not from when its turn came; null where none ended well.</param>
/// <param name="Took">From the end of the warm-up to the end of the last operation of its workload.</param>
/// <param name="SlotWidth">How long each point of the series is.</param>
public sealed record StepResult(
    string Workload, string Step, long Operations, long Failed, long Documents, TimeSpan Took, LatencyFigures? Latency,
    IReadOnlyList<FailureReason> Reasons, TimeSpan SlotWidth, IReadOnlyList<SeriesPoint> Series)
{
    /// <summary>Well ended, per second.</summary>
    public double Throughput => Took > TimeSpan.Zero ? Operations / Took.TotalSeconds : 0;

    public double DocumentsPerSecond => Took > TimeSpan.Zero ? Documents / Took.TotalSeconds : 0;

    /// <summary>0 to 1; null where nothing ended at all.</summary>
    public double? FailedShare => Operations + Failed == 0 ? null : (double)Failed / (Operations + Failed);
}
