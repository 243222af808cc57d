using Etl.Loading;

namespace Quality.Scheduling;

/// <summary>How one step of a chain went.</summary>
/// <param name="Verdict">Null: it was stopped, or not come to. Nothing is known of it, so nothing is told of it either.</param>
/// <param name="Reason">The verdict in one sentence.</param>
/// <param name="Run">Of the journal; null: it has none, or did not come to it.</param>
internal sealed record StepResult(string Step, DateTimeOffset Started, DateTimeOffset Ended, Verdict? Verdict, string Reason, long? Run = null)
{
    public TimeSpan Took => Ended - Started;

    public string Word => Verdict?.Word() ?? "not run";
}
