namespace Etl.Flattening;

/// <summary>Counts warnings, of accepted documents only; allocates for each new rule and path alone.</summary>
internal sealed class WarningCounter
{
    readonly List<(string Rule, string Path)> pending = [];
    readonly Dictionary<(string Rule, string Path), long> counts = [];

    /// <summary>Documents that were accepted with at least one.</summary>
    public long Documents { get; private set; }

    public void Note(string rule, string path) => pending.Add((rule, path));

    /// <summary>The document at hand was accepted.</summary>
    public void Accept()
    {
        if (pending.Count == 0)
            return;
        Documents++;
        foreach (var warning in pending)
            System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, warning, out _)++;
        pending.Clear();
    }

    /// <summary>The document at hand was refused, and is explained elsewhere.</summary>
    public void Discard() => pending.Clear();

    public IReadOnlyList<WarningCount> Take()
    {
        if (counts.Count == 0)
            return [];
        WarningCount[] taken = [.. counts.Select(c => new WarningCount(c.Key.Rule, c.Key.Path, c.Value)).OrderByDescending(c => c.Count)];
        counts.Clear();
        return taken;
    }
}
