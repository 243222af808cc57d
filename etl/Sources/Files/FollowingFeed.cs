namespace Etl.Sources.Files;

/// <summary>The new files of a folder, then those that come: as the watch tells, and by listing again now and then, since a watch loses some.</summary>
internal sealed class FollowingFeed : IFileFeed
{
    /// <summary>Of a long listing so many times its length is waited until the next.</summary>
    const int Rest = 10;

    readonly DatasetFolder folder;
    readonly HandedOut handedOut;
    readonly IFolderWatch watch;
    ListingFeed? listing;
    TimeSpan pause; // until the next listing, from the end of the last
    long listed;

    /// <param name="watch">Has begun already: what comes before the first listing is told.</param>
    public FollowingFeed(DatasetFolder folder, HandedOut handedOut, IFolderWatch watch)
    {
        (this.folder, this.handedOut, this.watch) = (folder, handedOut, watch);
        listing = new ListingFeed(folder);
    }

    public HandedOut HandedOut => handedOut;

    /// <summary>Returns when the watch has told of something, or the time is over.</summary>
    public Task WaitAsync(TimeSpan longest, CancellationToken cancellation) => watch.WaitAsync(longest, cancellation);

    TimeProvider Time => folder.Options.Time;

    public async Task<IReadOnlyList<FileEntry>?> NextAsync(bool mayWait, CancellationToken cancellation)
    {
        while (true)
        {
            if (await NowAsync(cancellation) is { Count: > 0 } files)
                return files;
            if (listing is not null)
                continue;
            if (!mayWait)
                return [];
            var left = pause - Time.GetElapsedTime(listed);
            if (left > TimeSpan.Zero)
                await watch.WaitAsync(left, cancellation);
        }
    }

    /// <returns>Empty: nothing, or nothing new.</returns>
    async Task<IReadOnlyList<FileEntry>> NowAsync(CancellationToken cancellation)
    {
        if (listing is null)
        {
            var told = watch.Take();
            if (told is not null && Time.GetElapsedTime(listed) < pause)
                return New(await folder.NewAsync([.. told.Select(folder.Find).OfType<FileEntry>().Order()], cancellation));
            listing = new ListingFeed(folder); // names told until now are in it
        }
        if (await listing.NextAsync(mayWait: false, cancellation) is { } files)
            return New(files);
        pause = TimeSpan.FromTicks(Math.Max(folder.Options.ListingPause.Ticks, listing.Took.Ticks * Rest));
        await listing.DisposeAsync();
        (listing, listed) = (null, Time.GetTimestamp());
        return [];
    }

    IReadOnlyList<FileEntry> New(IReadOnlyList<FileEntry> files) => [.. files.Where(f => !handedOut.Has(f))];

    public async ValueTask DisposeAsync()
    {
        watch.Dispose();
        if (listing is not null)
            await listing.DisposeAsync();
    }
}
