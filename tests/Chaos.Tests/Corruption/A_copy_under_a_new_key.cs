using System.Text.Json.Nodes;
using Chaos.Corruption;
using Chaos.Tests.Generation;

namespace Chaos.Tests.Corruption;

public sealed class A_copy_under_a_new_key
{
    [Fact]
    public async Task Has_new_keys_for_every_row_of_its_own_and_shares_the_business_key()
    {
        var dataset = Subjects.Dataset("users");
        var original = (await Subjects.DocumentsAsync(dataset)).First(d => Json.Of(d)["subscriptions"]!["invoices"]!.AsArray().Count > 0);
        var corrupted = new Corruptor(dataset, 5).Corrupt(CorruptionKind.DuplicateBusinessKey, original)!;
        var (before, after) = (Json.Of(original), Json.Of(corrupted.Document));

        Assert.True(corrupted.IsNew);
        Assert.Equal(("subscriptions.subscriptionID", CorruptionKind.UniqueCheck), (corrupted.Field, corrupted.ExpectedRule));
        Assert.Empty(Keys(before).Intersect(Keys(after)));
        Assert.Equal(Keys(before).Count, Keys(after).Distinct().Count());
        foreach (var document in new[] { before, after }) // apart from the keys they are the same
        {
            document.Remove("_id");
            document["subscriptions"]!.AsObject().Remove("_id");
            foreach (var invoice in document["subscriptions"]!["invoices"]!.AsArray())
                invoice!.AsObject().Remove("_id");
        }
        Assert.True(JsonNode.DeepEquals(before, after));
    }

    [Fact]
    public void Changes_the_other_fields_that_should_be_unique()
    {
        var dataset = Subjects.Dataset("orders");
        var (before, corrupted) = (Subjects.Order(1), new Corruptor(dataset, 5));
        var after = Json.Of(corrupted.Corrupt(CorruptionKind.DuplicateBusinessKey, before, dataset.Root.Children.Single(f => f.Name == "token"))!.Document);
        Assert.True(JsonNode.DeepEquals(Json.Of(before)["token"], after["token"]));
        Assert.NotEqual(Json.Of(before)["number"]!.ToString(), after["number"]!.ToString());
    }

    static List<string> Keys(JsonNode user) =>
    [
        user["_id"]!.ToString(), user["subscriptions"]!["_id"]!.ToString(),
        .. user["subscriptions"]!["invoices"]!.AsArray().Select(i => i!["_id"]!.ToString()),
    ];
}
