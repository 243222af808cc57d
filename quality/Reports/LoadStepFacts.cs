namespace Quality.Reports;

/// <param name="Operations">That ended well.</param>
/// <param name="Seconds">What rates are over.</param>
/// <param name="Latency">Null where nothing ended well.</param>
/// <param name="SlotSeconds">How long each point of <paramref name="Series"/> is.</param>
public sealed record LoadStepFacts(
    string Workload, string Step, long Operations, long Failed, long Documents, double Seconds, LoadLatency? Latency,
    IReadOnlyList<LoadFailure> Reasons, double SlotSeconds, IReadOnlyList<LoadPoint> Series);
