using System.Globalization;

namespace Quality.Sandbox;

/// <summary>
/// What to do about an embedded server that cannot be had, by what PostgreSQL says. Nothing is ever deleted for it: what looks damaged
/// may be all that somebody has.
/// </summary>
static class PostgresTrouble
{
    static readonly string[] DiskFull = ["No space left", "Disk quota exceeded", "wrote only"];
    static readonly string[] Idle = ["waiting for server", "pg_ctl: could not start server", "Examine the log output", "stopped waiting"];

    /// <param name="reason">The server's own words, in English.</param>
    internal static string Advice(string reason, PostgresCluster cluster)
    {
        if (DiskFull.Any(words => reason.Contains(words, StringComparison.Ordinal)))
            return $"{Space(cluster.Data)} Free disk space there and try again; nothing is lost.";
        if (reason.Contains("incompatible with server", StringComparison.Ordinal))
            return $"The folder was made by PostgreSQL {Version(cluster)}; the programs in {cluster.Binaries.Folder} are of another version. Set {PostgresBinaries.FolderVariable} to the folder of PostgreSQL {Version(cluster)}'s programs. {MoveAway(cluster.Data)}";
        if (reason.Contains("invalid permissions", StringComparison.Ordinal))
            return $"Run: chmod 700 '{cluster.Data}'. Nothing is lost.";
        if (reason.Contains("Permission denied", StringComparison.Ordinal) || reason.Contains("wrong ownership", StringComparison.Ordinal))
            return $"Everything in the folder must belong to the user that PostgreSQL runs as: chown -R {cluster.User.Id ?? Environment.UserName} '{cluster.Data}'. Nothing is lost.";
        return $"The whole log is {cluster.Log}. {MoveAway(cluster.Data)}";
    }

    internal static string MoveAway(string data) =>
        $"Nothing was deleted. To start anew: mv '{data}' '{data}.damaged'; then the next command makes it, empty, for `quality sync` to fill.";

    /// <summary>Free and whole space of the disk that a path lies on, as a sentence.</summary>
    internal static string Space(string path)
    {
        while (!Directory.Exists(path))
            path = Path.GetDirectoryName(path)!;
        var disk = new DriveInfo(path);
        return string.Create(CultureInfo.InvariantCulture, $"The disk of '{path}' has {disk.AvailableFreeSpace / 1e6:N1} MB free of {disk.TotalSize / 1e6:N0} MB.");
    }

    /// <summary>pg_ctl says why first, and last that it was in vain.</summary>
    internal static string Cause(ForeignCommand started) =>
        (started.Output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .FirstOrDefault(line => !Idle.Any(words => line.Contains(words, StringComparison.Ordinal))) ?? started.LastLine).TrimEnd('.');

    static string Version(PostgresCluster cluster) => File.ReadAllText(Path.Combine(cluster.Data, "PG_VERSION")).Trim();
}
