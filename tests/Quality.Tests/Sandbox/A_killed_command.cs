using Quality.Tests.Commands;
using Tests.Shared;

namespace Quality.Tests.Sandbox;

/// <summary>kill -9 of whoever started the embedded server, at each of its stages: the next command finds its way, and tidies up.</summary>
[Trait("Category", "Long")]
public sealed class A_killed_command
{
    [Fact]
    public async Task While_initdb_runs_leaves_nothing_that_the_next_one_minds()
    {
        Postgres.Required();
        using var folder = EmbeddedFolder.New();
        await KillAsync(folder, () => folder.Making().Any(m => Directory.Exists(Path.Combine(m, "base")) && Directory.EnumerateDirectories(Path.Combine(m, "base")).Count() > 1), "initdb copying databases");

        await folder.ReportAsync(); // at once: the killed one's initdb is still writing

        await EmbeddedFolder.UntilAsync(() => !Directory.EnumerateFileSystemEntries("/proc").Any(p => CommandLine(p).Contains(folder.Path, StringComparison.Ordinal)), "the orphaned initdb ends");
        await folder.ReportAsync();
        await folder.AssertTidyAsync();
    }

    [Fact]
    public async Task While_the_server_starts_leaves_one_that_the_next_one_takes_over_and_stops()
    {
        Postgres.Required();
        using var folder = await EmbeddedFolder.UsedAsync();
        await KillAsync(folder, () => folder.Postmaster() is not null, "a postmaster, ready or not");

        await folder.ReportAsync();

        await folder.AssertTidyAsync();
    }

    [Fact]
    public async Task While_it_uses_the_server_leaves_one_that_the_next_one_takes_over_and_stops()
    {
        Postgres.Required();
        using var folder = await EmbeddedFolder.UsedAsync();
        await KillAsync(folder, () => folder.Postmaster(ready: true) is not null, "a server that is ready");
        Assert.NotEmpty(folder.Servers());

        await folder.ReportAsync();

        await folder.AssertTidyAsync();
    }

    [Fact]
    public async Task Together_with_its_server_leaves_a_stale_pid_file_that_the_next_one_sees_through()
    {
        Postgres.Required();
        using var folder = await EmbeddedFolder.UsedAsync();
        await KillAsync(folder, () => folder.Postmaster(ready: true) is not null, "a server that is ready");
        using (var postmaster = System.Diagnostics.Process.GetProcessById(folder.Postmaster()!.Value))
        {
            postmaster.Kill();
            await postmaster.WaitForExitAsync();
        }
        Assert.NotNull(folder.Postmaster());

        await folder.ReportAsync();

        await folder.AssertTidyAsync();
    }

    [Fact]
    public async Task Does_not_take_the_server_from_another_that_uses_it()
    {
        Postgres.Required();
        using var folder = await EmbeddedFolder.UsedAsync();
        await using var starter = folder.StartReport();
        await EmbeddedFolder.UntilAsync(() => folder.Postmaster(ready: true) is not null, "a server that is ready");
        starter.Signal(QualityProcess.Stop);
        await using var other = folder.StartReport();
        starter.Signal(QualityProcess.Kill);

        var outcome = await other.EndAsync();

        Assert.True(outcome.Errors.Contains("Open ", StringComparison.Ordinal), outcome.Errors);
        await folder.AssertTidyAsync();
    }

    static async Task KillAsync(EmbeddedFolder folder, Func<bool> when, string what)
    {
        await using var command = folder.StartReport();
        await EmbeddedFolder.UntilAsync(when, what);
        command.Signal(QualityProcess.Kill);
        Assert.Equal(128 + QualityProcess.Kill, (await command.EndAsync()).ExitCode);
    }

    static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // gone, or no process
        }
    }
}
