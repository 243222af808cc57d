using System.Diagnostics.Metrics;
using Etl.Loading;
using Quality.Reconciliation;

namespace Quality.Scheduling.Metrics;

/// <summary>What this process did, as counters; and how the pipelines stand by the journal, as gauges, which any process may be asked for.</summary>
internal sealed class ChainMeter : IDisposable
{
    public const string Name = "Quality";

    static readonly double[] DurationBounds = [0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400];

    readonly Meter meter;
    readonly TimeProvider time;
    readonly Counter<long> chains, steps, rows, documents, compared, alerts;
    readonly Histogram<double> durations;

    /// <summary>By pipeline; replaced whole.</summary>
    volatile IReadOnlyDictionary<string, PipelineState> states = new Dictionary<string, PipelineState>();
    volatile bool reachable = true;

    public ChainMeter(TimeProvider time, string name = Name)
    {
        this.time = time;
        meter = new Meter(name);
        chains = meter.CreateCounter<long>("quality.chains", null, "Chains that ended in this process, by verdict.");
        steps = meter.CreateCounter<long>("quality.steps", null, "Steps of chains that ended in this process, by verdict.");
        durations = meter.CreateHistogram<double>("quality.step.duration", "s", "How long steps took.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = DurationBounds });
        documents = meter.CreateCounter<long>("quality.documents", null, "Documents read by syncs, by what became of them.");
        rows = meter.CreateCounter<long>("quality.rows", null, "Rows written by syncs, by what was done to them.");
        compared = meter.CreateCounter<long>("quality.rows.compared", null, "Rows of the warehouse that reconciliations looked at.");
        alerts = meter.CreateCounter<long>("quality.alerts", null, "Attempts to send an alert, by channel and result.");
        meter.CreateObservableGauge("quality.verdict", () => Each(s => s.Verdict is { } verdict ? [(verdict == Verdict.Reconciled ? 0.0 : verdict == Verdict.Mismatched ? 1 : 2, [])] : []), null,
            "Verdict of the latest chain, as exit codes have it: 0 reconciled, 1 mismatched, 2 unknown.");
        meter.CreateObservableGauge("quality.lag", () => Each(s => s.Reconciled is { } at ? [((time.GetUtcNow() - at).TotalSeconds, [])] : []), "s",
            "Age of the state that was last proved: seconds since the latest reconciled chain began.");
        meter.CreateObservableGauge("quality.freshness", () => Each(s => s.Synced is { } at ? [((time.GetUtcNow() - at).TotalSeconds, [])] : []), "s",
            "Age of what was last loaded: seconds since the latest sync that was right began.");
        meter.CreateObservableGauge("quality.differences", () => Each(s => s.Differences.Select(d => ((double)d.Count, (KeyValuePair<string, object?>[])[new("table", d.Table), new("kind", d.Kind)]))), null,
            "Rows that differ, by the latest chain's reconciliation.");
        meter.CreateObservableGauge("quality.warehouse.up", () => reachable ? 1 : 0, null, "1: the warehouse could be reached when it was looked at last.");
    }

    IEnumerable<Measurement<double>> Each(Func<PipelineState, IEnumerable<(double Value, KeyValuePair<string, object?>[] Tags)>> measure) =>
        states.SelectMany(s => measure(s.Value).Select(m => new Measurement<double>(m.Value, [new("pipeline", s.Key), .. m.Tags])));

    public void Stands(string pipeline, PipelineState state)
    {
        lock (meter)
            states = new Dictionary<string, PipelineState>(states) { [pipeline] = state };
    }

    public void Reaches(bool warehouse) => reachable = warehouse;

    public void Count(ChainResult chain) => chains.Add(1, new("pipeline", chain.Pipeline), new("verdict", chain.Verdict.Word()));

    public void Count(string pipeline, StepResult step)
    {
        if (step.Verdict is null)
            return;
        steps.Add(1, new("pipeline", pipeline), new("step", step.Step), new("verdict", step.Word));
        durations.Record(step.Took.TotalSeconds, new("pipeline", pipeline), new("step", step.Step));
    }

    public void Count(string pipeline, SyncResult synced)
    {
        foreach (var d in synced.Documents)
            foreach (var (outcome, count) in new[] { ("loaded", d.Loaded), ("unchanged", d.Unchanged), ("deleted", d.Deleted), ("quarantined", d.Quarantined), ("duplicate", d.Duplicate), ("superseded", d.Superseded), ("filtered", d.Filtered) })
                documents.Add(count, new("pipeline", pipeline), new("dataset", d.Dataset), new("outcome", outcome));
        foreach (var t in synced.Tables)
            foreach (var (change, count) in new[] { ("inserted", t.Inserted), ("updated", t.Updated), ("removed", t.Removed) })
                rows.Add(count, new("pipeline", pipeline), new("table", t.Table.QualifiedName), new("change", change));
    }

    public void Count(string pipeline, ReconcileResult result)
    {
        foreach (var t in result.Tables)
            compared.Add(t.Warehouse, new("pipeline", pipeline), new("table", t.Table.QualifiedName));
    }

    public void CountAlert(string channel, bool sent) => alerts.Add(1, new("channel", channel), new("result", sent ? "sent" : "failed"));

    public void Dispose() => meter.Dispose();
}
