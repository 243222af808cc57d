using System.Diagnostics;
using Chaos.Generation;
using Chaos.MongoEmulator;
using Etl.Sources.Mongo;
using Quality.Tests.Commands;
using Tests.Shared;

namespace Quality.Tests.Sandbox;

/// <summary>A disk of a few megabytes, full in the midst of it: told with the folder and the free space, and nothing is lost.</summary>
[Trait("Category", "Long")]
public sealed class A_full_disk : IDisposable
{
    readonly string path = QualityProcess.NewFolder();

    EmbeddedFolder Folder => new(path);

    [Fact]
    public async Task Is_named_when_a_new_cluster_does_not_fit_and_is_left_without_half_of_one()
    {
        Mount(20);

        string said = (await Folder.RunReportAsync()).Refused(2);

        Assert.Contains($"initdb failed in '{path}/.quality'", said);
        Assert.Matches(@"The disk of '\S+' has \d+\.\d MB free of 21 MB\. Free disk space", said);
        Assert.Equal(["postgres.lock"], Directory.EnumerateFileSystemEntries(Path.Combine(path, ".quality")).Select(e => Path.GetFileName(e)));
    }

    [Fact]
    public async Task Is_named_when_the_server_cannot_start_and_costs_nothing_once_there_is_space()
    {
        Mount(100);
        await Folder.ReportAsync();
        string filler = Path.Combine(path, "filler");
        Fill(filler);

        string said = (await Folder.RunReportAsync()).Refused(2);

        Assert.Contains("No space left", said);
        Assert.Matches(@"The disk of '\S+/\.quality/postgres' has 0\.0 MB free of 105 MB\. Free disk space there and try again; nothing is lost\.", said);
        File.Delete(filler);
        await Folder.ReportAsync();
        await Folder.AssertTidyAsync();
    }

    [Theory]
    [InlineData("sync community")]
    [InlineData("generate community --days 1")]
    [InlineData("mongo --port 0 --data .quality/mongo")]
    public async Task Is_named_when_the_emulator_has_no_space(string command)
    {
        Mount(2);
        Fill(Path.Combine(path, "filler"));
        string said = (await QualityProcess.RunAsync(path, null, command.Split(' '))).Refused(2);
        Assert.Contains("No space left", said);
        Assert.Contains(".quality/mongo", said);
    }

    [Fact]
    public async Task In_the_midst_of_a_sync_is_named_and_the_sync_goes_on_when_there_is_space()
    {
        Mount(80);
        await using var mongo = MongoServer.Start(new MongoServerOptions());
        using (var connection = MongoConnection.Open(mongo.Uri))
            await CommunityGenerator.ForMongo(connection, new CommunityOptions { Days = 30, SignUpsPerDay = 400 }).GenerateDaysAsync();
        string[] sync = ["sync", "community", "--mongo", mongo.Uri];

        var stopped = await QualityProcess.RunAsync(path, null, sync);

        Assert.True(stopped.ExitCode == 2, $"{stopped.ExitCode}: {stopped.Errors}");
        Assert.Matches("No space left|wrote only|recovery mode|lost in the midst", stopped.Errors);
        Assert.DoesNotContain("   at ", stopped.Errors);
        Command("mount", "-o", "remount,size=1000m", path);
        var completed = await QualityProcess.RunAsync(path, null, sync);
        Assert.True(completed.ExitCode == 0, completed.Errors);
        var judged = await QualityProcess.RunAsync(path, null, ["reconcile", "community", "--mongo", mongo.Uri]);
        Assert.True(judged.ExitCode == 0, judged.Errors);
    }

    void Mount(int megabytes)
    {
        Postgres.Required();
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "only root mounts a small disk");
        using var mount = Process.Start(new ProcessStartInfo("mount", ["-t", "tmpfs", "-o", $"size={megabytes}m,mode=755", "tmpfs", path]) { RedirectStandardError = true })!;
        string refusal = mount.StandardError.ReadToEnd();
        mount.WaitForExit();
        Assert.SkipUnless(mount.ExitCode == 0, $"a container without the right to mount: {refusal}");
    }

    static void Fill(string file)
    {
        using var stream = File.Create(file);
        byte[] page = new byte[4096];
        try
        {
            while (true)
            {
                stream.Write(page);
                stream.Flush();
            }
        }
        catch (IOException)
        {
            // Full: as wanted.
        }
    }

    static void Command(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    public void Dispose()
    {
        if (new DriveInfo(path).DriveFormat == "tmpfs" && File.ReadLines("/proc/mounts").Any(m => m.Split(' ')[1] == path))
            Command("umount", path);
        Directory.Delete(path, recursive: true);
    }
}
