using Etl.Flattening;

namespace Etl.Sources.Files;

/// <summary>
/// Reads the files that a feed names, several at a time, and hands out what they hold in the feed's order. A file is remembered once the batch
/// with the last of it is durable, so what a run had not committed when it died is read again, and nothing else.
/// </summary>
internal sealed class FilesScan(FileOpener opener, IFileFeed feed, HandedOut handedOut) : IDocumentScan
{
    /// <summary>Files are read as long as they have so many bytes together, then handed out.</summary>
    const int PartBytes = 4 * 1024 * 1024;

    readonly DatasetFolder folder = opener.Folder;
    readonly bool remembers = opener.Folder.Options is { Memory: not null, ReadsAll: false };
    readonly FileReader[] readers = [.. Enumerable.Range(0, opener.Folder.Options.Readers).Select(_ => new FileReader(opener))];
    readonly Queue<(FileResults Results, IReadOnlyList<FileEntry> Files)> ready = new();
    readonly FileResults lines = new();
    readonly List<SeenFile> pending = [];
    readonly Queue<List<SeenFile>> uncommitted = new(); // the files that ended in each batch
    readonly HashSet<Hash128> left = []; // files with documents that nobody wanted
    readonly Lock gate = new();
    IReadOnlyList<FileEntry>? named = [];
    int next; // of the named ones
    LineFile? open;
    FileEntry[] lineFile = [];

    public async Task<bool> ReadAsync(DocumentBatch batch, CancellationToken cancellation)
    {
        batch.Clear();
        var complete = new List<SeenFile>();
        while (await FindAsync(mayWait: batch.Count == 0, cancellation))
        {
            var (results, files) = ready.Peek();
            int before = complete.Count;
            bool moved = results.MoveInto(batch, complete);
            if (remembers)
                handedOut.Add(complete.Skip(before));
            if (!moved)
                break;
            ready.Dequeue();
            pending.AddRange(results.Pending);
            handedOut.Unname(files);
        }
        if (remembers)
            await NoteAsync(folder.Options.Memory!, batch.Count > 0, complete, cancellation);
        return batch.Count > 0;
    }

    /// <summary>Keeps what need not wait for a commit, and puts the rest aside until then.</summary>
    async Task NoteAsync(IFileMemory memory, bool willCommit, List<SeenFile> complete, CancellationToken cancellation)
    {
        lock (gate)
            if (willCommit)
                uncommitted.Enqueue(complete);
            else if (uncommitted.Count > 0)
            {
                uncommitted.Last().AddRange(complete); // a file whose last lines were in a batch before, as now shows
                complete = [];
            }
            else
                Forget(complete);
        await memory.KeepAsync(folder.Dataset, willCommit ? pending : [.. pending, .. complete], cancellation);
        pending.Clear();
    }

    public async Task CommittedAsync(CancellationToken cancellation)
    {
        List<SeenFile>? durable;
        lock (gate)
        {
            if (!uncommitted.TryDequeue(out durable))
                return;
            Forget(durable);
        }
        await folder.Options.Memory!.KeepAsync(folder.Dataset, durable, cancellation);
        handedOut.Remove(durable);
    }

    public void Leave(ReadOnlySpan<byte> document)
    {
        if (folder.FileOf(document) is not { } name)
            return;
        lock (gate)
            left.Add(FileEntry.HashOf(name));
    }

    /// <summary>Takes out files that are to be read again. While following, they stay handed out: this scan has seen them.</summary>
    void Forget(List<SeenFile> complete) => complete.RemoveAll(f => left.Remove(f.Name));

    /// <summary>Makes sure that something is ready.</summary>
    /// <returns>False: there is nothing now; where waiting is allowed: nothing, ever.</returns>
    async Task<bool> FindAsync(bool mayWait, CancellationToken cancellation)
    {
        while (ready.Count == 0)
        {
            if (open is not null)
                await Task.Run(() => ReadLines(cancellation), cancellation);
            else if (named is not null && next < named.Count)
                await ReadFilesAsync(cancellation);
            else if (named is null)
                return false;
            else
            {
                (named, next) = (await feed.NextAsync(mayWait, cancellation), 0);
                if (named is { Count: 0 })
                    return false;
                if (remembers)
                    handedOut.Name(named ?? []);
            }
        }
        return true;
    }

    /// <summary>Reads the next named files: those of one document together, one of lines alone.</summary>
    async Task ReadFilesAsync(CancellationToken cancellation)
    {
        int from = next;
        for (long bytes = 0; next < named!.Count && (next == from || bytes + named[next].Size <= PartBytes) && !folder.KindOf(named[next].Name).IsLines; next++)
            bytes += named[next].Size;
        if (next == from)
        {
            lines.Clear();
            lineFile = [named[next]];
            open = LineFile.Open(opener, named[next++], lines);
            ready.Enqueue((lines, lineFile));
            return;
        }
        int count = next - from, share = (count + readers.Length - 1) / readers.Length;
        var used = readers.Take((count + share - 1) / share).ToArray();
        await Task.WhenAll(used.Select((reader, i) => Task.Run(() => Read(reader, from + i * share, Math.Min(next, from + (i + 1) * share), cancellation), CancellationToken.None)));
        cancellation.ThrowIfCancellationRequested();
        foreach (var (i, reader) in used.Index())
            ready.Enqueue((reader.Results, [.. named.Skip(from + i * share).Take(Math.Min(share, next - from - i * share))]));
    }

    void Read(FileReader reader, int from, int to, CancellationToken cancellation)
    {
        reader.Results.Clear();
        for (int i = from; i < to && !cancellation.IsCancellationRequested; i++)
            reader.Read(named![i]);
    }

    void ReadLines(CancellationToken cancellation)
    {
        lines.Clear();
        bool goesOn = open!.Read(lines, PartBytes, cancellation);
        ready.Enqueue((lines, lineFile));
        if (goesOn)
            return;
        open.Dispose();
        (open, lineFile) = (null, []);
    }

    public async ValueTask DisposeAsync()
    {
        open?.Dispose();
        await feed.DisposeAsync();
    }
}
