using Quality.Tests.Commands;

namespace Quality.Tests.Scheduling;

public sealed class A_schedule_that_cannot_be_meant
{
    static readonly string Community = Path.Combine(AppContext.BaseDirectory, "Pipelines", "community", "contract.yaml");

    [Theory]
    [InlineData("--cron '61 * * * *'", "--cron: '61 * * * *' is no cron expression")]
    [InlineData("--cron '0 0 30 2 *'", "the time of cron expression '0 0 30 2 *' never comes")]
    [InlineData("--metrics-port 70000", "--metrics-port must be from 0 to 65535, not 70000.")]
    [InlineData("--days 0", "--days must be from 1 to 3660, not 0.")]
    [InlineData("--pipeline comunity", "Did you mean 'community'?")]
    public async Task Is_refused_before_anything_is_started(string arguments, string message)
    {
        string[] parts = arguments.Split(' ', 2);
        Assert.Contains(message, (await QualityProcess.RunAsync("schedule", "--warehouse", "Host=127.0.0.1;Port=1", parts[0], parts[1].Trim('\''))).Refused(64));
    }

    [Fact]
    public async Task Is_refused_with_the_contract_that_has_it()
    {
        string folder = QualityProcess.NewFolder();
        string contract = await File.ReadAllTextAsync(Community, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "contract.yaml"), contract.Replace("  - { property: warehouseSchema,", "  - { property: schedule, value: 'every night' }\n  - { property: warehouseSchema,"), TestContext.Current.CancellationToken);
        foreach (string[] command in (string[][])[["contract", "check", folder], ["schedule", "--pipeline", folder, "--warehouse", "Host=127.0.0.1;Port=1"]])
            Assert.Contains("customProperty 'schedule' of the contract of 'community': 'every night' is no cron expression", (await QualityProcess.RunAsync(command)).Refused(64));
    }

    [Fact]
    public async Task Tells_that_the_warehouse_is_not_there() =>
        Assert.Contains("127.0.0.1:1", (await QualityProcess.RunAsync("schedule", "--pipeline", "community", "--warehouse", "Host=127.0.0.1;Port=1;Database=d")).Refused(2));
}
