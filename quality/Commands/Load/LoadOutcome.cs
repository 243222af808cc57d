using Chaos.Load;
using Etl.Loading;

namespace Quality.Commands.Load;

/// <summary>What a scenario showed.</summary>
/// <param name="Reason">The verdict in one sentence.</param>
/// <param name="Rate">Writes a second that were meant; 0 where it writes nothing.</param>
/// <param name="PeakMemory">Bytes of this process, which holds embedded servers too.</param>
internal sealed record LoadOutcome(
    LoadScenario Scenario, DateTimeOffset StartedAt, TimeSpan Took, int Rate, Verdict Verdict, string Reason, long PeakMemory,
    IReadOnlyList<ThresholdResult> Thresholds, IReadOnlyList<StepResult> Steps);
