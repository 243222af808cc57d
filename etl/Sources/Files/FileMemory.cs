using System.Collections.Concurrent;
using Etl.Contracts;
using Etl.Flattening;

namespace Etl.Sources.Files;

/// <summary>Remembers files for as long as the process lives: 48 bytes each.</summary>
public sealed class FileMemory : IFileMemory
{
    readonly ConcurrentDictionary<string, ConcurrentDictionary<Hash128, SeenFile>> folders = new();

    public Task<IReadOnlyList<SeenFile?>> RecallAsync(Dataset dataset, IReadOnlyList<Hash128> names, CancellationToken cancellation)
    {
        var known = Of(dataset);
        return Task.FromResult<IReadOnlyList<SeenFile?>>([.. names.Select(n => known.TryGetValue(n, out var file) ? file : (SeenFile?)null)]);
    }

    public Task KeepAsync(Dataset dataset, IReadOnlyList<SeenFile> files, CancellationToken cancellation)
    {
        var known = Of(dataset);
        foreach (var file in files)
            known[file.Name] = file;
        return Task.CompletedTask;
    }

    ConcurrentDictionary<Hash128, SeenFile> Of(Dataset dataset) => folders.GetOrAdd(dataset.Name, static _ => new());
}
