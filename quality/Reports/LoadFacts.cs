namespace Quality.Reports;

/// <summary>What a pipeline bore under one load.</summary>
/// <param name="Rate">Writes a second that were meant; 0 where nothing was written.</param>
/// <param name="Reason">The verdict in one sentence.</param>
/// <param name="PeakMemory">Bytes of the process that put the load on, embedded servers and all.</param>
public sealed record LoadFacts(
    long Run, string Scenario, long Seed, int Rate, DateTimeOffset Started, double Seconds, Verdict Verdict, string Reason, long PeakMemory,
    IReadOnlyList<LoadThreshold> Thresholds, IReadOnlyList<LoadStepFacts> Steps);
