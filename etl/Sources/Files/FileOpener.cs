using Microsoft.Win32.SafeHandles;

namespace Etl.Sources.Files;

/// <summary>Opens the files of a folder; whatever gives no bytes is refused or noted here.</summary>
/// <param name="open">Opens a path.</param>
internal sealed class FileOpener(DatasetFolder folder, Func<string, (SafeFileHandle? Handle, FileProblem Problem)> open)
{
    public DatasetFolder Folder => folder;

    /// <returns>Null: nothing to read; what there is to say has been said.</returns>
    /// <exception cref="UnavailableException">The disk fails, or the system is out of handles.</exception>
    public SafeFileHandle? Open(in FileEntry file, FileResults results)
    {
        var (handle, problem) = open(folder.PathOf(file.Name));
        switch (problem)
        {
            case FileProblem.Vanished when file.Name.Contains('\uFFFD'):
                Refuse(file.Name, results, "The name is not UTF-8, so the file cannot be opened by it. Rename it, then sync again.");
                break;
            case FileProblem.Vanished:
                folder.Tally.AddVanished(file.Name);
                break;
            case FileProblem.Denied:
                Refuse(file.Name, results, "The file may not be read by this user. Change its permissions, then sync again.");
                break;
            case FileProblem.Link:
                folder.Tally.AddSkipped(file.Name, FolderListing.IsLink);
                break;
            case FileProblem.NotAFile:
                folder.Tally.AddSkipped(file.Name, FolderListing.IsNoFile);
                break;
        }
        return handle;
    }

    /// <summary>Without bytes, and not remembered as read: new permissions do not change a file's time.</summary>
    void Refuse(string name, FileResults results, string reason) =>
        results.AddRefused([], folder.KindOf(name).MediaType, FileDocument.Position(folder.PositionOf(name)), reason);

    /// <summary>A file is broken: it is refused where it has stood still, else it is pending.</summary>
    /// <param name="handle">Open still: the file may have been changed since it was listed.</param>
    /// <returns>Whether it is refused.</returns>
    public bool IsRefused(in FileEntry file, SafeFileHandle handle, FileResults results)
    {
        bool asListed = File.GetLastWriteTimeUtc(handle).Ticks == file.Modified && RandomAccess.GetLength(handle) == file.Size;
        if (asListed && folder.IsDone(file))
            return true;
        folder.Tally.AddPending(file.Name);
        if (asListed && file.PendingSince == 0)
            results.Pending.Add(file.Seen with { PendingSince = folder.Options.Time.GetUtcNow().UtcTicks });
        return false;
    }

    /// <summary>All that a file holds has been added.</summary>
    public void Complete(in FileEntry file, FileResults results)
    {
        results.Complete(file.Seen);
        folder.Tally.RemovePending(file.Name);
    }

    public UnavailableException Unreadable(string name, IOException e) =>
        new($"File '{folder.PathOf(name)}' cannot be read: {e.Message} What was read before it is kept; run again when this is mended.", e);
}
