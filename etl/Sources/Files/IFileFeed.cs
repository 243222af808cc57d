namespace Etl.Sources.Files;

/// <summary>Tells which files are to be read next, in order.</summary>
internal interface IFileFeed : IAsyncDisposable
{
    /// <param name="mayWait">Whether to wait where there is nothing now and may be something later.</param>
    /// <returns>Empty: nothing now; null: no more, ever.</returns>
    Task<IReadOnlyList<FileEntry>?> NextAsync(bool mayWait, CancellationToken cancellation);
}
