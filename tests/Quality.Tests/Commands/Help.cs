namespace Quality.Tests.Commands;

public sealed class Help
{
    [Theory]
    [InlineData("sync")]
    [InlineData("reconcile")]
    [InlineData("load")]
    [InlineData("report")]
    [InlineData("quarantine list")]
    public async Task Never_shows_what_the_environment_holds(string verb)
    {
        var environment = new Dictionary<string, string>
        {
            ["QUALITY_MONGO"] = "mongodb://reader:canary-1@h/",
            ["QUALITY_WAREHOUSE"] = "Host=h;Username=u;Password=canary-2",
        };
        var outcome = await QualityProcess.RunAsync(QualityProcess.NewFolder(), environment, [.. verb.Split(' '), "--help"]);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("--warehouse", outcome.Output);
        Assert.DoesNotContain("canary", outcome.Output);
    }

    [Theory]
    [InlineData("sync")]
    [InlineData("reconcile")]
    [InlineData("run")]
    [InlineData("schedule")]
    [InlineData("load")]
    [InlineData("demo")]
    [InlineData("generate")]
    [InlineData("mongo")]
    [InlineData("report")]
    [InlineData("contract check")]
    [InlineData("init")]
    [InlineData("quarantine show")]
    public async Task Knows_the_common_options_everywhere(string verb)
    {
        var outcome = await QualityProcess.RunAsync([.. verb.Split(' '), "--help"]);
        Assert.All((string[])["--mongo", "--warehouse", "--seed", "--json"], option => Assert.Contains(option, outcome.Output));
    }
}
