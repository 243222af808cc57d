using System.Collections.Concurrent;
using Etl.Contracts;
using Etl.Documents;
using Microsoft.Win32.SafeHandles;

namespace Etl.Sources.Files;

/// <summary>
/// Event files in the folders of an inbox, which are never moved, changed or deleted. A document's position is its file's path in the inbox,
/// with the line behind <c>#</c> where a file has many: <c>cards/4f1c….json</c>, <c>cards/2024.ndjson#12</c>.
/// </summary>
/// <remarks>Where an incoming document has an <c>_id</c> of its own, that is kept as <c>_source_id</c>.</remarks>
public sealed class FilesSource : IDocumentSource
{
    readonly FilesOptions options;
    readonly ConcurrentDictionary<string, DatasetFolder> folders = new();
    readonly ConcurrentDictionary<string, FollowingFeed> watched = new();
    readonly Func<string, (SafeFileHandle?, FileProblem)> open;

    /// <exception cref="UsageException">The inbox is not named.</exception>
    public FilesSource(FilesOptions options) : this(options, RegularFile.Open)
    {
    }

    internal FilesSource(FilesOptions options, Func<string, (SafeFileHandle?, FileProblem)> open)
    {
        if (string.IsNullOrWhiteSpace(options.Inbox))
            throw new UsageException($"No inbox is named{(options.Variable is { } variable ? $": set {variable} to the folder that has a folder for each dataset" : "")}.");
        this.options = options is { Follows: true, Memory: null } ? options with { Memory = new FileMemory() } : options;
        this.open = open;
    }

    public SourceEffort Effort => new(0, 0, 0, [.. folders.Values.OrderBy(f => f.Name, StringComparer.Ordinal).SelectMany(f => f.Tally.Remarks)])
    {
        Pending = folders.Values.Sum(f => f.Tally.Pending),
    };

    public bool ReadsNewOnly => options is { Memory: not null, ReadsAll: false };

    public Task<SourceDescription> DescribeAsync(CancellationToken cancellation)
    {
        string inbox = Path.GetFullPath(options.Inbox);
        return Directory.Exists(inbox) ? Task.FromResult(new SourceDescription($"files in {inbox}", null))
            : throw new UnavailableException($"Inbox '{inbox}' {(File.Exists(inbox) ? "is a file, not a folder" : "does not exist, or may not be looked into")}. Create it, or name another{(options.Variable is { } variable ? $" by {variable}" : "")}.");
    }

    public Task<IReadOnlyList<MissingDataset>> FindMissingAsync(IReadOnlyList<Dataset> datasets, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<MissingDataset>>([.. datasets.Select(d => (Dataset: d, Problem: Problem(FolderOf(d)))).Where(d => d.Problem is not null).Select(d => new MissingDataset(d.Dataset, d.Problem!))]);

    static string? Problem(DatasetFolder folder)
    {
        var found = new DirectoryInfo(folder.Path);
        if (found.LinkTarget is { } target)
            return $"Folder '{folder.Path}' is a symbolic link to '{target}', and links are not followed out of the inbox. Name the folder above the real one as inbox.";
        if (found.Exists)
            return null;
        string[] others = found.Parent is { Exists: true } inbox ? [.. inbox.EnumerateDirectories().Select(d => d.Name)] : [];
        return File.Exists(folder.Path) ? $"'{folder.Path}' is a file, not a folder of files." : $"Folder '{folder.Path}' does not exist.{Names.DidYouMean(folder.Name, others)}";
    }

    /// <summary>Nobody knows without listing the folder, which is to be done once.</summary>
    public Task<long?> EstimateAsync(Dataset dataset, CancellationToken cancellation) => Task.FromResult<long?>(null);

    public Task<IReadOnlyList<byte[]>> SplitAsync(Dataset dataset, int parts, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<byte[]>>([]);

    /// <param name="after">Not asked: which files are durable, the memory knows file by file. Without a memory every file is read.</param>
    public IDocumentScan Scan(Dataset dataset, ScanRange range, byte[]? after)
    {
        var folder = FolderOf(dataset);
        if (watched.TryGetValue(dataset.Name, out var feed))
            return new FilesScan(new FileOpener(folder, open), new NowFeed(feed), feed.HandedOut);
        var handedOut = new HandedOut();
        return new FilesScan(new FileOpener(folder, open), options.Follows ? new FollowingFeed(folder, handedOut, new FolderWatch(folder)) : new ListingFeed(folder), handedOut);
    }

    public IDocumentScan Pick(Dataset dataset, IReadOnlyList<byte[]> positions)
    {
        var folder = new DatasetFolder(options with { ReadsAll = true }, dataset); // what it leaves out is nobody's remark
        return new PickScan(new FilesScan(new FileOpener(folder, open), new PickedFeed(folder, PickScan.FilesOf(folder, positions)), new HandedOut()), positions);
    }

    public byte[] PositionOf(Dataset dataset, ReadOnlySpan<byte> document) => Bson.Only(document, "_id"u8);

    DatasetFolder FolderOf(Dataset dataset) => folders.GetOrAdd(dataset.Name, _ => new DatasetFolder(options, dataset));

    public bool CanFollow => true;

    /// <summary>From the first call on a scan gives what came since the last one, without listing the folder each time.</summary>
    public async Task WaitForNewsAsync(IReadOnlyList<Dataset> datasets, TimeSpan longest, CancellationToken cancellation)
    {
        var feeds = datasets.Select(FolderOf).Select(f => watched.GetOrAdd(f.Dataset.Name, _ => new FollowingFeed(f, new HandedOut(), new FolderWatch(f)))).ToList();
        if (longest <= TimeSpan.Zero)
            return;
        await FirstOf.WaitAsync(feeds.Select(f => (Func<CancellationToken, Task>)(token => f.WaitAsync(longest, token))), cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var feed in watched.Values)
            await feed.DisposeAsync();
    }
}
