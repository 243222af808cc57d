namespace Etl.Sources.Files;

/// <summary>What the last scan of a folder left out, and why; any thread may count.</summary>
internal sealed class FolderTally(string folder)
{
    readonly Lock gate = new();
    readonly SortedDictionary<string, (long Count, string First)> skipped = new(StringComparer.Ordinal);
    readonly HashSet<string> remarks = [];
    readonly HashSet<string> pending = new(StringComparer.Ordinal); // a scan that follows meets the same file many times
    (long Count, string First) vanished;

    /// <summary>Files that are there and not complete yet: neither read nor lost.</summary>
    public long Pending
    {
        get
        {
            lock (gate)
                return pending.Count;
        }
    }

    public IReadOnlyList<string> Remarks
    {
        get
        {
            lock (gate)
                return [.. remarks.Order(StringComparer.Ordinal),
                    .. pending.Count == 0 ? Array.Empty<string>() : [$"{Files((pending.Count, pending.Min(StringComparer.Ordinal)!))} pending: broken or half-written, and changed a moment ago or not yet seen by a sync. The next sync looks again."],
                    .. vanished.Count == 0 ? Array.Empty<string>() : [$"{Files(vanished)} gone before being read."],
                    .. skipped.Select(s => $"{Files(s.Value)} skipped: {s.Key}.")];
        }
    }

    string Files((long Count, string First) of) =>
        of.Count == 1 ? $"Folder '{folder}': '{of.First}' is" : $"Folder '{folder}': {of.Count:N0} files, '{of.First}' among them, are";

    /// <summary>A new scan begins, or a new listing of one that follows.</summary>
    public void Clear()
    {
        lock (gate)
        {
            skipped.Clear();
            pending.Clear();
            vanished = default;
        }
    }

    public void AddPending(string name)
    {
        lock (gate)
            pending.Add(name);
    }

    /// <summary>What a file holds has been read.</summary>
    public void RemovePending(string name)
    {
        lock (gate)
            pending.Remove(name);
    }

    public void AddVanished(string name)
    {
        lock (gate)
            vanished = Add(vanished, name);
    }

    public void AddSkipped(string name, string reason)
    {
        lock (gate)
            skipped[reason] = Add(skipped.GetValueOrDefault(reason), name);
    }

    public void Remark(string text)
    {
        lock (gate)
            remarks.Add($"Folder '{folder}': {text}");
    }

    static (long, string) Add((long Count, string First) to, string name) => (to.Count + 1, to.First ?? name);
}
