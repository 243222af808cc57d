using Etl.Loading;

namespace Quality.Scheduling.Alerts;

/// <summary>What somebody who was woken at night should type first.</summary>
internal static class AlertAdvice
{
    /// <param name="pipeline">As it is typed.</param>
    public static string For(string pipeline, string step, Verdict verdict) => (step, verdict) switch
    {
        (Steps.Sync, Verdict.Mismatched) => $"quality quarantine list {pipeline} shows what was refused; then quality run {pipeline}",
        (Steps.Marts, _) => $"Mend the mart's SQL or the data that it speaks of, then quality run {pipeline}",
        (Steps.Reconcile, Verdict.Mismatched) => $"quality report shows the differences; quality reconcile {pipeline} --repair writes them anew from the source",
        (Steps.Report, _) => "See that the report's folder can be written, then quality report",
        (Steps.Schedule, _) => $"Look at what the processes of quality schedule said last, mend it, then quality run {pipeline}",
        _ => $"See that source and warehouse can be reached, then quality run {pipeline}",
    };
}
