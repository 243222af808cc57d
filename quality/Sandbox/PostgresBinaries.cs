using System.Globalization;
using Etl;

namespace Quality.Sandbox;

/// <summary>The folder that holds PostgreSQL's own programs: initdb, pg_ctl and postgres of one version.</summary>
public sealed record PostgresBinaries(string Folder)
{
    public const string FolderVariable = "QUALITY_POSTGRES_BIN";

    static readonly string[] Programs = ["initdb", "pg_ctl", "postgres"];
    static readonly string[] Roots = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", "/home/linuxbrew/.linuxbrew/opt"];

    internal string Initdb => Path.Combine(Folder, "initdb");
    internal string PgCtl => Path.Combine(Folder, "pg_ctl");

    /// <summary>How a user of this machine installs what was not found.</summary>
    public static string InstallCommand => OperatingSystem.IsMacOS()
        ? "brew install postgresql@17"
        : "apt-get install postgresql (`make setup` does it without starting a system cluster; by hand, write "
          + "`create_main_cluster = false` to /etc/postgresql-common/createcluster.conf first)";

    /// <summary>QUALITY_POSTGRES_BIN, then PATH, then where Debian and Homebrew put them, newest version first.</summary>
    /// <exception cref="UnavailableException">None has all three programs.</exception>
    public static PostgresBinaries Find() => Find(Environment.GetEnvironmentVariable, Roots);

    internal static PostgresBinaries Find(Func<string, string?> environment, IReadOnlyList<string> roots)
    {
        if (environment(FolderVariable) is { Length: > 0 } named)
            return From(named) ?? throw new UnavailableException(
                $"{FolderVariable} is '{named}', which does not hold {string.Join(", ", Programs)}: correct it, or unset it to have them looked for.");

        var path = (environment("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return path.Concat(roots.SelectMany(Versions)).Select(From).FirstOrDefault(found => found is not null)
            ?? throw new UnavailableException(
                $"PostgreSQL's programs ({string.Join(", ", Programs)}) are neither on PATH nor under {string.Join(", ", roots)}. "
                + $"Install them: {InstallCommand}; or set {FolderVariable}; or name a running server with --warehouse.");
    }

    static PostgresBinaries? From(string folder)
    {
        if (!Programs.All(program => IsProgram(Path.Combine(folder, program))))
            return null;
        // initdb looks for postgres beside itself, so links (as in /usr/local/bin) are followed to the real folder.
        var initdb = new FileInfo(Path.GetFullPath(Path.Combine(folder, "initdb")));
        return new(Path.GetDirectoryName(initdb.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? initdb.FullName)!);
    }

    /// <summary>A script is passed over: wrappers switch users or add options, and the real programs are elsewhere.</summary>
    static bool IsProgram(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return file.ReadByte() != '#' || file.ReadByte() != '!';
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    static IEnumerable<string> Versions(string root) => !Directory.Exists(root)
        ? []
        : Directory.EnumerateDirectories(root)
            .Where(folder => root.EndsWith("/postgresql", StringComparison.Ordinal) || Path.GetFileName(folder).StartsWith("postgresql", StringComparison.Ordinal))
            .OrderByDescending(Major)
            .Select(folder => Path.Combine(folder, "bin"));

    static int Major(string folder) =>
        int.TryParse(Path.GetFileName(folder).Split('@')[^1].Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : 0;
}
