using System.IO.Enumeration;

namespace Etl.Sources.Files;

/// <summary>The event files of a folder, in the order in which the file system names them.</summary>
internal static class FolderListing
{
    public const string IsLink = "symbolic links are not followed, since they may lead out of the inbox", IsNoFile = "not a regular file but a folder, pipe, socket or device";

    static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false, RecurseSubdirectories = false };

    /// <exception cref="UnavailableException">The folder is not there, or may not be listed.</exception>
    public static IEnumerable<FileEntry[]> Read(string folder, FileFormats formats, FolderTally tally, int chunk)
    {
        using var chunks = Asked(folder, () => Open(folder, formats, tally).Where(f => f.Name is not null).Chunk(chunk).GetEnumerator());
        while (Asked(folder, chunks.MoveNext))
            yield return chunks.Current;
    }

    /// <summary>Opens the folder.</summary>
    static FileSystemEnumerable<FileEntry> Open(string folder, FileFormats formats, FolderTally tally) =>
        new(folder, (ref FileSystemEntry entry) => Look(ref entry, tally), Everything)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => FileKind.Of(entry.FileName, formats) is not null,
        };

    static T Asked<T>(string folder, Func<T> ask)
    {
        try
        {
            return ask();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException($"Folder '{folder}' cannot be listed: {e.Message} Check that it is there and may be read.", e);
        }
    }

    static FileEntry Look(ref FileSystemEntry entry, FolderTally tally)
    {
        if (entry.IsDirectory || entry.Attributes.HasFlag(FileAttributes.ReparsePoint))
        {
            tally.AddSkipped(entry.FileName.ToString(), entry.Attributes.HasFlag(FileAttributes.ReparsePoint) ? IsLink : IsNoFile);
            return default;
        }
        return new FileEntry(entry.FileName.ToString(), entry.LastWriteTimeUtc.UtcTicks, entry.Length, 0);
    }
}
