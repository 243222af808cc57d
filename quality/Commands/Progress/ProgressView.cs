using Etl.Loading;
using Quality.Reconciliation;

namespace Quality.Commands.Progress;

/// <summary>Keeps the pace of everything that a command reads; told from several threads where several workers load.</summary>
internal abstract class ProgressView(TimeProvider time) : IProgress<SyncProgress>, IProgress<ReconcileProgress>
{
    readonly Lock gate = new();
    readonly Dictionary<string, Pace> paces = [];
    long last = time.GetTimestamp();

    public void Report(SyncProgress value) => Advance(value.Dataset, "documents", value.Documents, value.Expected);

    public void Report(ReconcileProgress value) => Advance(value.Stage, value.Unit, value.Count, value.Expected);

    void Advance(string name, string unit, long count, long? expected)
    {
        lock (gate)
        {
            // Something begins, as far as can be seen from here, when what was told before it had come.
            if (!paces.TryGetValue(name, out var pace) || count < pace.Count)
                paces[name] = pace = new Pace(unit, time, last); // of a name that comes twice, the second begins anew
            pace.Advance(count, expected);
            last = time.GetTimestamp();
            Show(name, pace);
        }
    }

    /// <summary>Called by one thread at a time.</summary>
    protected abstract void Show(string name, Pace pace);
}
