using Etl;
using Etl.Contracts;

namespace Quality.Commands.Load;

/// <summary>A load that can be asked for by name.</summary>
/// <param name="Lasts">Unless the command says otherwise.</param>
/// <param name="Writes">Whether documents are written into the source.</param>
/// <param name="Steps">What thresholds can be about.</param>
internal sealed record LoadScenario(string Name, TimeSpan Lasts, bool Writes, IReadOnlyList<string> Steps)
{
    public const string Insert = "insert", Update = "update", Delete = "delete", Sync = "sync", Reconcile = "reconcile";

    static readonly TimeSpan Short = TimeSpan.FromSeconds(30), Long = TimeSpan.FromMinutes(10);

    public static readonly LoadScenario Snapshot = new("snapshot", Short, false, [Sync]);
    public static readonly LoadScenario SyncUnderWrites = new("sync-under-writes", Short, true, [Insert, Update, Delete, Sync]);
    public static readonly LoadScenario ReconcileUnderLoad = new("reconcile-under-load", Short, true, [Insert, Reconcile]);
    public static readonly LoadScenario Spike = new("spike", Short, true, [Insert, Update, Delete, Sync]);
    public static readonly LoadScenario Soak = new("soak", Long, true, [Insert, Update, Delete, Sync]);

    public static readonly IReadOnlyList<LoadScenario> All = [Snapshot, SyncUnderWrites, ReconcileUnderLoad, Spike, Soak];

    /// <summary>Those named, in the order of <see cref="All"/>; of none all but the long one.</summary>
    /// <exception cref="UsageException">There is none of that name.</exception>
    public static IReadOnlyList<LoadScenario> Select(IReadOnlyList<string>? names)
    {
        foreach (string name in names ?? [])
            if (All.All(s => s.Name != name))
                throw new UsageException($"There is no scenario '{name}'.{Names.DidYouMean(name, [.. All.Select(s => s.Name)])} There are: {string.Join(", ", All.Select(s => s.Name))}.");
        return [.. names is null or [] ? All.Where(s => s != Soak) : All.Where(s => names.Contains(s.Name))];
    }
}
