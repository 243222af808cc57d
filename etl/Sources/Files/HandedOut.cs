using Etl.Flattening;

namespace Etl.Sources.Files;

/// <summary>Files that were handed out and are not yet durable: a scan that follows must not hand them out again.</summary>
internal sealed class HandedOut
{
    readonly Dictionary<Hash128, SeenFile> files = [];

    /// <summary>Files that are being read: what they hold is in no batch yet.</summary>
    readonly HashSet<SeenFile> named = [];

    public void Name(IEnumerable<FileEntry> some)
    {
        lock (files)
            named.UnionWith(some.Select(f => f.Seen));
    }

    /// <summary>They were read: what they held is handed out, or they are pending or gone.</summary>
    public void Unname(IEnumerable<FileEntry> some)
    {
        lock (files)
            named.ExceptWith(some.Select(f => f.Seen));
    }

    public void Add(IEnumerable<SeenFile> some)
    {
        lock (files)
            foreach (var file in some)
                files[file.Name] = file;
    }

    public void Remove(IEnumerable<SeenFile> some)
    {
        lock (files)
            foreach (var file in some)
                if (files.TryGetValue(file.Name, out var last) && last == file)
                    files.Remove(file.Name);
    }

    public bool Has(in FileEntry file)
    {
        lock (files)
            return named.Contains(file.Seen) || files.TryGetValue(file.Hash, out var known) && known == file.Seen;
    }
}
