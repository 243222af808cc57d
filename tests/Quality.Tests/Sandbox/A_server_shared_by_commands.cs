using Quality.Tests.Commands;
using Tests.Shared;

namespace Quality.Tests.Sandbox;

/// <summary>Processes that use the embedded PostgreSQL at once: one server, stopped by whoever leaves last.</summary>
[Trait("Category", "Long")]
public sealed class A_server_shared_by_commands
{
    [Fact]
    public async Task Outlives_the_second_while_the_first_still_uses_it()
    {
        Postgres.Required();
        using var folder = await EmbeddedFolder.UsedAsync();
        await using var first = await HeldAsync(folder);
        int server = folder.Postmaster()!.Value;

        await folder.ReportAsync();

        Assert.Equal(server, folder.Postmaster(ready: true));
        await LetEndAsync(first);
        await folder.AssertTidyAsync();
    }

    [Fact]
    public async Task Outlives_the_one_that_started_it_while_the_second_still_uses_it()
    {
        Postgres.Required();
        using var folder = await EmbeddedFolder.UsedAsync();
        await using var first = await HeldAsync(folder);
        int server = folder.Postmaster()!.Value;
        await using var second = await HeldAsync(folder);

        await LetEndAsync(first);

        Assert.Equal(server, folder.Postmaster(ready: true));
        await LetEndAsync(second);
        await folder.AssertTidyAsync();
    }

    [Fact]
    public async Task Is_one_for_five_that_come_at_once_to_a_folder_that_has_none()
    {
        Postgres.Required();
        using var folder = EmbeddedFolder.New();
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => folder.ReportAsync()));
        await folder.AssertTidyAsync();
    }

    /// <summary>A command that is stopped (not ended) in the midst of using the server.</summary>
    static async Task<QualityProcess> HeldAsync(EmbeddedFolder folder)
    {
        var command = folder.StartReport();
        await EmbeddedFolder.UntilAsync(() => folder.Postmaster(ready: true) is not null && folder.IsUsedBy(command.Id), "a command that uses the server");
        command.Signal(QualityProcess.Stop);
        Assert.False(command.HasEnded);
        return command;
    }

    static async Task LetEndAsync(QualityProcess command)
    {
        command.Signal(QualityProcess.Continue);
        var outcome = await command.EndAsync();
        Assert.True(outcome.Errors.Contains("Open ", StringComparison.Ordinal), outcome.Errors);
    }
}
