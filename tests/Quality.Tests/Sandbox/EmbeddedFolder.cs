using System.Diagnostics;
using System.Globalization;
using Quality.Tests.Commands;

namespace Quality.Tests.Sandbox;

/// <summary>A folder in which commands run, each a process, with the embedded PostgreSQL that they keep in its `.quality`.</summary>
sealed class EmbeddedFolder(string path) : IDisposable
{
    static readonly Lazy<Task<string>> Template = new(async () =>
    {
        string place = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "quality-tests", "used-cluster");
        if (Directory.Exists(place))
            Directory.Delete(place, recursive: true);
        var folder = new EmbeddedFolder(Directory.CreateDirectory(place).FullName);
        await folder.ReportAsync();
        return folder.Path;
    });

    public string Path => path;

    string Quality => System.IO.Path.Combine(path, ".quality");

    /// <summary>The server's data, which lies elsewhere where its user cannot reach the folder.</summary>
    public string Data => System.IO.Path.Combine(Quality, "postgres.path") is var record && File.Exists(record) ? File.ReadAllText(record).Trim() : System.IO.Path.Combine(Quality, "postgres");

    public static EmbeddedFolder New() => new(QualityProcess.NewFolder());

    /// <summary>With a cluster that was used and stopped; initdb is slow, so it is made once and copied.</summary>
    public static async Task<EmbeddedFolder> UsedAsync()
    {
        var folder = New();
        using var copy = Process.Start("cp", ["-a", System.IO.Path.Combine(await Template.Value, ".quality"), folder.Path]);
        await copy.WaitForExitAsync();
        Assert.Equal(0, copy.ExitCode);
        return folder;
    }

    /// <summary>The shortest command that uses the server: on a journal without runs it says unknown.</summary>
    public QualityProcess StartReport() => QualityProcess.Start(path, null, "report", "--out", "report");

    public async Task<QualityProcess.Outcome> RunReportAsync()
    {
        await using var report = StartReport();
        return await report.EndAsync();
    }

    /// <summary>Uses the server and asserts that it could be used.</summary>
    public async Task ReportAsync()
    {
        var outcome = await RunReportAsync();
        Assert.True(outcome.ExitCode == 2 && outcome.Errors.Contains("Open ", StringComparison.Ordinal), $"{outcome.ExitCode}: {outcome.Errors}");
    }

    /// <summary>The postmaster's process, if it has begun; ready or not.</summary>
    public int? Postmaster(bool ready = false)
    {
        try
        {
            string[] lines = File.ReadAllLines(System.IO.Path.Combine(Data, "postmaster.pid"));
            bool isReady = lines.Length > 7 && lines[7].Trim() == "ready";
            return lines.Length > 0 && (isReady || !ready) && int.TryParse(lines[0], CultureInfo.InvariantCulture, out int id) ? id : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    public async Task AssertStoppedAsync()
    {
        Assert.True(File.Exists(System.IO.Path.Combine(Data, "PG_VERSION")), $"no cluster in {Data}");
        Assert.Null(Postmaster());
        // A postmaster removes its pid file, which is what pg_ctl waits for, a moment before it is gone.
        await UntilAsync(() => Servers().Count == 0, $"no process of PostgreSQL in {Data}");
    }

    /// <summary>Folders in which initdb makes a cluster, or was making one.</summary>
    public IEnumerable<string> Making() => Directory.Exists(Quality) ? Directory.EnumerateDirectories(Quality, "*.making*") : [];

    /// <summary>Nothing of a server runs, and nothing half made lies about.</summary>
    public async Task AssertTidyAsync()
    {
        await AssertStoppedAsync();
        Assert.Equal(["postgres", "postgres.lock", "postgres.users"], Directory.EnumerateFileSystemEntries(Quality).Select(e => System.IO.Path.GetFileName(e)).Order());
    }

    /// <summary>Whether a process is one of the server's users, and through with starting it: it holds the users' lock and not the gate.</summary>
    public bool IsUsedBy(int process)
    {
        var held = Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Select(file => new FileInfo(file).LinkTarget).ToHashSet();
        return held.Contains(System.IO.Path.Combine(Quality, "postgres.users")) && !held.Contains(System.IO.Path.Combine(Quality, "postgres.lock"));
    }

    /// <summary>Processes whose working folder is the data folder: the postmaster and its children.</summary>
    public IReadOnlyList<string> Servers() => [.. Directory.EnumerateDirectories("/proc").Where(process =>
    {
        try
        {
            return Directory.ResolveLinkTarget(System.IO.Path.Combine(process, "cwd"), false)?.FullName.StartsWith(Data, StringComparison.Ordinal) == true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // gone, or another user's
        }
    })];

    /// <summary>Waits, looking often: what is waited for may last milliseconds.</summary>
    public static async Task UntilAsync(Func<bool> holds, string what)
    {
        long began = Stopwatch.GetTimestamp();
        while (!holds())
        {
            Assert.True(Stopwatch.GetElapsedTime(began).TotalSeconds < 60, $"Never: {what}");
            await Task.Delay(1);
        }
    }

    /// <summary>A cluster is 40 MB: too much to be left lying about by each test.</summary>
    public void Dispose()
    {
        if (File.Exists(System.IO.Path.Combine(Quality, "postgres.path")))
            Directory.Delete(System.IO.Path.GetDirectoryName(Data)!, recursive: true);
        Directory.Delete(path, recursive: true);
    }
}
