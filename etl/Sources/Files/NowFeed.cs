namespace Etl.Sources.Files;

/// <summary>What a following feed has now; what comes later is for the next scan.</summary>
internal sealed class NowFeed(FollowingFeed following) : IFileFeed
{
    public async Task<IReadOnlyList<FileEntry>?> NextAsync(bool mayWait, CancellationToken cancellation) =>
        await following.NextAsync(mayWait: false, cancellation) is { Count: > 0 } files ? files : null;

    /// <summary>The feed goes on.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
