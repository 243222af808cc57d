using Etl.Contracts;
using Etl.Documents;

namespace Etl.Sources.Files;

/// <summary>A dataset's folder, and what is known of its files.</summary>
internal sealed class DatasetFolder(FilesOptions options, Dataset dataset)
{
    public FilesOptions Options => options;

    public Dataset Dataset => dataset;

    /// <summary>In the inbox.</summary>
    public string Name => dataset.SourceName;

    public string Path { get; } = System.IO.Path.GetFullPath(System.IO.Path.Combine(options.Inbox, dataset.SourceName));

    public FileFormats Formats => options.FormatsOf(dataset.Name);

    public FolderTally Tally { get; } = new(dataset.SourceName);

    public string PathOf(string file) => System.IO.Path.Join(Path, file);

    /// <summary>What stands before a file's name in its position.</summary>
    public string PositionOf(string file) => $"{Name}/{file}";

    /// <summary>The file that a position, or a document with its position in front, leads to; null: it leads elsewhere.</summary>
    public string? FileOf(ReadOnlySpan<byte> document)
    {
        var reader = new BsonReader(document);
        if (!reader.Read() || reader.Type != BsonType.String || !reader.String.StartsWith(Name + "/", StringComparison.Ordinal))
            return null;
        string name = reader.String[(Name.Length + 1)..];
        if (name.LastIndexOf('#') is > 0 and var mark && FileKind.Of(name.AsSpan(0, mark), Formats) is { IsLines: true })
            name = name[..mark];
        return FileKind.Of(name, Formats) is not null && name.AsSpan().IndexOfAny('/', '\\', '\0') < 0 ? name : null;
    }

    /// <summary>The kind of a file that is known to be an event file.</summary>
    public FileKind KindOf(string file) => FileKind.Of(file, Formats) ?? default;

    /// <summary>A file by its name; null: it is gone, or no file.</summary>
    public FileEntry? Find(string file)
    {
        var found = new FileInfo(PathOf(file));
        return found.Exists && !found.Attributes.HasFlag(FileAttributes.ReparsePoint) ? new FileEntry(file, found.LastWriteTimeUtc.Ticks, found.Length, 0) : null;
    }

    /// <summary>Leaves out files that were read as they stand, and says of the others since when they are pending.</summary>
    public async Task<IReadOnlyList<FileEntry>> NewAsync(IReadOnlyList<FileEntry> files, CancellationToken cancellation)
    {
        if (options.Memory is null || files.Count == 0)
            return files;
        var known = await options.Memory.RecallAsync(dataset, [.. files.Select(f => f.Hash)], cancellation);
        var left = new List<FileEntry>();
        for (int i = 0; i < files.Count; i++)
        {
            var file = files[i];
            if (known[i] is not { } seen || seen.Modified != file.Modified || seen.Size != file.Size)
                left.Add(file);
            else if (seen.IsPending)
                left.Add(file with { PendingSince = seen.PendingSince });
            else if (options.ReadsAll)
                left.Add(file with { WasRead = true });
        }
        return left;
    }

    /// <summary>Whether a broken file is broken for good, as far as anyone can tell.</summary>
    public bool IsDone(in FileEntry file)
    {
        if (options is { ReadsAll: true, Memory: not null })
            return file.WasRead;
        var now = options.Time.GetUtcNow().UtcTicks;
        // A time in the future says nothing; then it counts since when we have known the file as it stands.
        return now - file.Modified >= options.StandStill.Ticks || file.PendingSince != 0 && now - file.PendingSince >= options.StandStill.Ticks;
    }
}
