namespace Etl.Sources.Files;

/// <summary>The new files of a folder, listed once and sorted by (Modified, Name).</summary>
internal sealed class ListingFeed(DatasetFolder folder, int held = FileOrder.DefaultHeld) : IFileFeed
{
    /// <summary>Files looked up at a time.</summary>
    const int ListingChunk = 8192;

    /// <summary>Files handed out at a time.</summary>
    const int Chunk = 1024;

    readonly FileOrder order = new(held);
    IEnumerator<FileEntry[]>? chunks;

    /// <summary>How long it took to list the folder.</summary>
    public TimeSpan Took { get; private set; }

    public async Task<IReadOnlyList<FileEntry>?> NextAsync(bool mayWait, CancellationToken cancellation)
    {
        chunks ??= await Task.Run(() => ListAsync(cancellation), cancellation);
        return chunks.MoveNext() ? chunks.Current : null;
    }

    async Task<IEnumerator<FileEntry[]>> ListAsync(CancellationToken cancellation)
    {
        long began = folder.Options.Time.GetTimestamp();
        folder.Tally.Clear();
        foreach (var listed in FolderListing.Read(folder.Path, folder.Formats, folder.Tally, ListingChunk))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var file in await folder.NewAsync(listed, cancellation))
                order.Add(file);
        }
        Took = folder.Options.Time.GetElapsedTime(began);
        return order.InOrder().Chunk(Chunk).GetEnumerator();
    }

    public ValueTask DisposeAsync()
    {
        chunks?.Dispose();
        order.Dispose();
        return ValueTask.CompletedTask;
    }
}
