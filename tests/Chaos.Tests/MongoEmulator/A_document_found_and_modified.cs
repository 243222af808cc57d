using static Chaos.Tests.MongoEmulator.Values;

namespace Chaos.Tests.MongoEmulator;

public sealed class A_document_found_and_modified : ServerTest
{
    protected override Task FillAsync() => Client.RunAsync(Doc(("insert", "c"), ("documents", new object?[] { Doc(("_id", 1), ("n", 5)), Doc(("_id", 2), ("n", 9)) }), ("$db", "test")));

    async Task<(string? Value, string? Report)> Modify(params (string, object?)[] more)
    {
        byte[] reply = await Client.RunAsync(Doc([("findAndModify", "c"), .. more, ("$db", "test")]));
        return (Field(reply, "value"), Field(reply, "lastErrorObject") ?? Field(reply, "code"));
    }

    [Fact]
    public async Task Is_given_as_it_was_or_as_it_became()
    {
        byte[] raise = Doc(("$inc", Doc(("n", 1))));
        Assert.Equal(("{ _id: 1, n: 5 }", "{ n: 1, updatedExisting: true }"), await Modify(("query", Doc(("n", 5))), ("update", raise)));
        Assert.Equal(("{ n: 7 }", "{ n: 1, updatedExisting: true }"), await Modify(("query", Doc(("n", 6))), ("update", raise), ("new", true), ("fields", Doc(("n", 1), ("_id", 0)))));
        Assert.Equal(("null", "{ n: 0, updatedExisting: false }"), await Modify(("query", Doc(("n", 99))), ("update", raise)));
    }

    [Fact]
    public async Task Is_the_first_in_the_order_asked_for() =>
        Assert.Equal(("{ _id: 2, n: 9 }", "{ n: 1 }"), await Modify(("sort", Doc(("n", -1))), ("remove", true)));

    [Fact]
    public async Task Is_made_when_it_is_not_there()
    {
        Assert.Equal(("null", "{ n: 1, updatedExisting: false, upserted: 7 }"), await Modify(("query", Doc(("_id", 7))), ("update", Doc(("$set", Doc(("n", 1))))), ("upsert", true)));
        Assert.Equal(("{ _id: 8, n: 2 }", "{ n: 1, updatedExisting: false, upserted: 8 }"), await Modify(("query", Doc(("_id", 8))), ("update", Doc(("n", 2))), ("upsert", true), ("new", true)));
    }

    [Fact]
    public async Task Is_not_both_changed_and_removed()
    {
        Assert.Equal((null, "9"), await Modify(("remove", true), ("update", Doc(("n", 1)))));
        Assert.Equal((null, "9"), await Modify());
        Assert.Equal((null, "9"), await Modify(("remove", true), ("new", true)));
    }
}
