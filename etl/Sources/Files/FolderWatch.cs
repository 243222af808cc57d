using System.Threading.Channels;

namespace Etl.Sources.Files;

/// <summary>Names of files that were made, changed or renamed, as the system tells. It may lose some: then the folder must be listed.</summary>
internal sealed class FolderWatch : IFolderWatch
{
    /// <summary>Names kept, at most; a listing is cheaper than more.</summary>
    const int MostNames = 50_000;
    const int SystemBuffer = 64 * 1024;

    /// <summary>A file that is being written is told of many times.</summary>
    static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(50);

    readonly DatasetFolder folder;
    readonly FileSystemWatcher? watcher;
    readonly Channel<bool> signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    readonly HashSet<string> names = new(StringComparer.Ordinal);
    readonly Lock gate = new();
    bool lost;

    public FolderWatch(DatasetFolder folder)
    {
        this.folder = folder;
        try
        {
            watcher = new FileSystemWatcher(folder.Path)
            {
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Size | NotifyFilters.CreationTime,
                InternalBufferSize = SystemBuffer,
            };
            watcher.Created += (_, e) => Note(e.Name);
            watcher.Changed += (_, e) => Note(e.Name);
            watcher.Renamed += (_, e) => Note(e.Name);
            watcher.Error += (_, _) => Lose();
            watcher.EnableRaisingEvents = true;
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            // No handles for watching are left, or the file system cannot be watched; listing still finds everything.
            folder.Tally.Remark($"cannot be watched ({e.Message.Split('\n')[0]}), so it is listed every {folder.Options.ListingPause.TotalSeconds:0.#} s.");
        }
    }

    void Note(string? name)
    {
        if (name is null || FileKind.Of(name, folder.Formats) is null)
            return;
        lock (gate)
            if (names.Count < MostNames)
                names.Add(name);
            else
                lost = true;
        signal.Writer.TryWrite(true);
    }

    void Lose()
    {
        lock (gate)
            lost = true;
        signal.Writer.TryWrite(true);
    }

    public IReadOnlyList<string>? Take()
    {
        lock (gate)
        {
            bool list = lost;
            string[] told = [.. names];
            names.Clear();
            lost = false;
            return list ? null : told;
        }
    }

    public async Task WaitAsync(TimeSpan most, CancellationToken cancellation)
    {
        using var enough = new CancellationTokenSource(most, folder.Options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(enough.Token, cancellation);
        try
        {
            await signal.Reader.ReadAsync(either.Token);
            await Task.Delay(Gathering, folder.Options.Time, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // the time is over
        }
    }

    public void Dispose() => watcher?.Dispose();
}
