namespace Quality.Tests.Commands;

public sealed class Embedded_servers
{
    [Fact]
    public async Task Meet_in_the_current_folder_and_are_shared_by_commands_that_run_at_once()
    {
        string folder = QualityProcess.NewFolder();
        Task<QualityProcess.Outcome> Run(params string[] arguments) => QualityProcess.RunAsync(folder, null, arguments);
        try
        {
            Assert.Equal(0, (await Run("generate", "community", "--days", "3")).ExitCode);
            Assert.Equal(0, (await Run("sync", "community")).ExitCode);
            var both = await Task.WhenAll(Run("reconcile", "community", "--json"), Run("reconcile", "community", "--json"));
            Assert.All(both, o => Assert.True(o.ExitCode == 0, o.Errors));
            Assert.All(both, o => Assert.Contains("emulator", o.Json.GetProperty("source").GetString()));
            await new Sandbox.EmbeddedFolder(folder).AssertStoppedAsync(); // by the last to leave
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Each empties the servers first, which the other is using.</summary>
    [Fact]
    public async Task Of_the_demo_are_for_one_demo_at_a_time()
    {
        string folder = QualityProcess.NewFolder();
        await using (var first = QualityProcess.Start(folder, null, "demo"))
        {
            await first.SaysAsync("Generated");
            Assert.Contains("Another demo is running in", (await QualityProcess.RunAsync(folder, environment: null, "demo")).Refused(2));
            first.Signal(QualityProcess.Interrupt);
            Assert.Equal(130, (await first.EndAsync()).ExitCode);
        }
        Directory.Delete(folder, recursive: true);
    }
}
