using Chaos.Load;
using Etl.Loading;
using Quality.Reconciliation;

namespace Quality.Commands.Load;

/// <summary>Tells a step of documents while a sync or a reconciliation goes on, of which each says how far it is.</summary>
internal sealed class DocumentCount(StepContext step) : IProgress<SyncProgress>, IProgress<ReconcileProgress>
{
    readonly Lock gate = new();
    readonly Dictionary<string, long> known = [];

    public void Report(SyncProgress value) => Reached(value.Dataset, value.Documents);

    public void Report(ReconcileProgress value)
    {
        if (value.Unit == ReconcileOptions.Documents)
            Reached(value.Stage, value.Count);
    }

    /// <param name="documents">In all so far; a dataset that is read again begins anew.</param>
    public void Reached(string stage, long documents)
    {
        long more;
        lock (gate)
        {
            more = documents - known.GetValueOrDefault(stage);
            known[stage] = documents;
        }
        if (more > 0)
            step.Done(more);
    }
}
