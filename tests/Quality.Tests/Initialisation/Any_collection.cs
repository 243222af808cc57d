using FsCheck;
using FsCheck.Fluent;
using Tests.Shared;

namespace Quality.Tests.Initialisation;

/// <summary>Whatever stands in a collection, the contract that init writes can be read back, loads every document, and reconciles at once.</summary>
public sealed class Any_collection
{
    const int Few = 5, More = 40, Many = 200;

    [Fact]
    public Task Is_loaded_and_reconciled_by_the_contract_that_init_writes() => HoldsAsync(Few, "init_few");

    [Fact, Trait("Category", "Long")]
    public async Task Is_described_by_the_standard() => OdcsSchema.AreValid(await HoldsAsync(More, "init_more"));

    [Fact, Trait("Category", "Soak")]
    public async Task Of_200_is_loaded_and_reconciled_and_described_by_the_standard()
    {
        var contracts = await HoldsAsync(Many, "init_many");
        Assert.True(contracts.Count >= Many);
        OdcsSchema.AreValid(contracts);
    }

    /// <returns>The files of the contracts.</returns>
    static async Task<IReadOnlyList<string>> HoldsAsync(int cases, string database)
    {
        var files = new List<string>();
        await using var collection = await InitialisedCollection.StartAsync(database);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(cases), Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => Task.Run(async () =>
        {
            var outcome = await collection.RunAsync(AnyCollection.Documents(seed));
            files.Add(outcome.File);
            outcome.IsGreen();
        }).GetAwaiter().GetResult()));
        return files;
    }
}
