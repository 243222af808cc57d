using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Etl.Sources.Files;

/// <summary>
/// Opens what may be anything: a pipe that nobody writes to must not hold us up, a link must not lead elsewhere. What .NET opens, it opens
/// blocking and through links; so on Unix the system is asked itself.
/// </summary>
internal static partial class RegularFile
{
    const int NoPermission = 1, NoEntry = 2, NoDevice = 6, Denied = 13, NotADirectory = 20, LinkOnLinux = 40, LinkOnMac = 62;

    static readonly int Flags = OperatingSystem.IsLinux()
        ? 0x800 | 0x80000 | (RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x8000 : 0x20000) // O_NONBLOCK, O_CLOEXEC, O_NOFOLLOW
        : 0x4 | 0x1000000 | 0x100;

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    /// <returns>The file, or why there is none.</returns>
    /// <exception cref="UnavailableException">The system cannot open anything now, or the disk fails.</exception>
    public static (SafeFileHandle? Handle, FileProblem Problem) Open(string path) => OperatingSystem.IsWindows() ? OpenOnWindows(path) : OpenOnUnix(path);

    static (SafeFileHandle?, FileProblem) OpenOnUnix(string path)
    {
        int descriptor = Open(path, Flags);
        if (descriptor >= 0)
        {
            var handle = new SafeFileHandle(descriptor, ownsHandle: true);
            if (IsSeekable(handle) && !File.GetAttributes(handle).HasFlag(FileAttributes.Directory))
                return (handle, FileProblem.None);
            handle.Dispose();
            return (null, FileProblem.NotAFile);
        }
        int error = Marshal.GetLastPInvokeError();
        return error switch
        {
            NoEntry or NotADirectory => (null, FileProblem.Vanished),
            NoPermission or Denied => (null, FileProblem.Denied),
            NoDevice => (null, FileProblem.NotAFile), // a socket
            _ when error == (OperatingSystem.IsLinux() ? LinkOnLinux : LinkOnMac) => (null, FileProblem.Link),
            _ => throw new UnavailableException($"File '{path}' cannot be opened: {Marshal.GetPInvokeErrorMessage(error)}. What was read before it is kept; run again when this is mended."),
        };
    }

    static bool IsSeekable(SafeFileHandle handle)
    {
        try
        {
            return RandomAccess.GetLength(handle) >= 0;
        }
        catch (NotSupportedException) // how .NET says: a pipe, or another thing without a length
        {
            return false;
        }
    }

    static (SafeFileHandle?, FileProblem) OpenOnWindows(string path)
    {
        try
        {
            return (File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete), FileProblem.None);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, FileProblem.Vanished);
        }
        catch (UnauthorizedAccessException)
        {
            return (null, FileProblem.Denied);
        }
        catch (IOException e)
        {
            throw new UnavailableException($"File '{path}' cannot be opened: {e.Message} What was read before it is kept; run again when this is mended.", e);
        }
    }
}
