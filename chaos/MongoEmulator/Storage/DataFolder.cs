using Etl;

namespace Chaos.MongoEmulator.Storage;

/// <summary>A folder of logs, owned by one process while its lock file is held; the system releases it when the process dies.</summary>
sealed class DataFolder : IDisposable
{
    /// <summary>What .NET gives as the error's number where another process holds the lock.</summary>
    const int EAgainOnLinux = 11, EAgainOnMac = 35, SharingViolation = unchecked((int)0x80070020);

    readonly FileStream held;

    /// <exception cref="UnavailableException">Another process owns it, or it cannot be written.</exception>
    public DataFolder(string path)
    {
        Path = path;
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException($"The data folder {path} cannot be made: {e.Message} Choose another with --data.", e);
        }
        try
        {
            held = new FileStream(System.IO.Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult is EAgainOnLinux or EAgainOnMac or SharingViolation)
        {
            throw new DataFolderInUseException(path, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException($"The data folder {path} cannot be written: {e.Message} Choose another with --data.", e);
        }
        foreach (string left in Directory.GetFiles(path, "*.tmp"))
            File.Delete(left);
    }

    public string Path { get; }

    public IEnumerable<string> Logs => Directory.GetFiles(Path, "*.log").Order(StringComparer.Ordinal);

    public void Dispose() => held.Dispose();
}
