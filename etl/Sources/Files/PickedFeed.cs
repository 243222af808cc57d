namespace Etl.Sources.Files;

/// <summary>The files of a given list that are there, whether or not they were read before.</summary>
internal sealed class PickedFeed(DatasetFolder folder, IReadOnlyCollection<string> names) : IFileFeed
{
    const int Chunk = 1024;

    readonly IEnumerator<string[]> chunks = names.Order(StringComparer.Ordinal).Chunk(Chunk).GetEnumerator();

    public async Task<IReadOnlyList<FileEntry>?> NextAsync(bool mayWait, CancellationToken cancellation)
    {
        while (chunks.MoveNext())
            if (await folder.NewAsync([.. chunks.Current.Select(folder.Find).OfType<FileEntry>()], cancellation) is { Count: > 0 } files)
                return files;
        return null;
    }

    public ValueTask DisposeAsync()
    {
        chunks.Dispose();
        return ValueTask.CompletedTask;
    }
}
