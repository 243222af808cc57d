namespace Tests.Shared;

/// <summary>Folders for one run of tests: they lie in one folder, which goes when the test process ends.</summary>
static class Scratch
{
    static int made;

    static readonly Lazy<string> Root = new(() =>
    {
        var root = Directory.CreateTempSubdirectory("quality-tests-");
        Open(root);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Remove(root);
        return root.FullName;
    });

    /// <summary>A new, empty folder that everybody may enter: PostgreSQL, another user when the tests run as root, may keep its data in it.</summary>
    public static string Folder(string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Root.Value, $"{name}-{Interlocked.Increment(ref made)}"));
        Open(folder);
        return folder.FullName;
    }

    static void Open(DirectoryInfo folder)
    {
        if (!OperatingSystem.IsWindows())
            folder.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
    }

    /// <summary>A server that a test left behind may still write there; what cannot go is left to the system's own cleaning, and said.</summary>
    static void Remove(DirectoryInfo root)
    {
        try
        {
            root.Delete(recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"The tests' folder {root.FullName} could not be removed: {e.Message}");
        }
    }
}
