using Chaos.Generation;
using Chaos.MongoEmulator;
using Etl.Contracts;
using Etl.Loading;
using Quality.Sandbox;
using Tests.Shared;

namespace Robustness.Tests;

/// <summary>The whole harness, end to end, for several seeds: what was broken is found, all of it and nothing else, and mended.</summary>
public sealed class The_demonstration
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(20_261_122)]
    public async Task Finds_exactly_what_was_broken_and_mends_it(int seed)
    {
        await using var warehouse = new Warehouse(await Postgres.DatabaseAsync($"demonstration_{seed}"));
        await using var mongo = MongoServer.Start(new MongoServerOptions());
        var said = new List<string>();
        var outcome = await new Demonstration(Contract, mongo.Uri, warehouse, TimeProvider.System, said.Add)
            .RunAsync(new CommunityOptions { Seed = seed, Days = 20, SignUpsPerDay = 100 }, TestContext.Current.CancellationToken);

        Assert.Empty(outcome.Deviations);
        Assert.Equal(Verdict.Reconciled, outcome.Final.Verdict);
        Assert.Contains(said, line => line.Contains("mismatched. 3 rows missing, 5 changed, 7 unexpected, in community.users."));
        Assert.All(outcome.Final.Tables, table => Assert.True(table.Source > 0, $"{table.Table} compared nothing"));
    }

    internal static Contract Contract => ContractReader.Read(Path.Combine(AppContext.BaseDirectory, "Pipelines", "community"));
}
