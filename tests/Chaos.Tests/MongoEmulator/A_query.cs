using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Queries;
using Etl.Documents;
using static Chaos.Tests.MongoEmulator.Values;

namespace Chaos.Tests.MongoEmulator;

public sealed class A_query
{
    static bool Matches(byte[] query, byte[] document) => FilterParser.Parse(query).Matches(document);

    static bool Is(object? field, object? condition) => Matches(Doc(("a", condition)), Doc(("a", field)));

    static byte[] Op(string name, object? value) => Doc((name, value));

    [Fact]
    public void Compares_within_one_class_of_type_only()
    {
        Assert.True(Is(5, Op("$gt", 4.5)));
        Assert.True(Is(5L, Op("$lte", Decimal128.Parse("5.0"))));
        Assert.False(Is("5", Op("$gt", 4)));
        Assert.False(Is(null, Op("$lt", 4)));
        Assert.True(Is("b", Op("$gte", "a")));
        Assert.True(Is("b", Op("$gt", V(w => w.WriteRaw(BsonType.MinKey, "v", [])))));
        Assert.False(Is(double.NaN, Op("$lt", 4)));
        Assert.True(Is(double.NaN, double.NaN));
        Assert.True(Is(double.NaN, Op("$gte", double.NaN)));
    }

    [Fact]
    public void For_null_matches_null_and_nothing()
    {
        Assert.True(Matches(Doc(("a", null)), Doc(("b", 1))));
        Assert.True(Is(null, null));
        Assert.False(Is(0, null));
        Assert.True(Matches(Doc(("a.b", null)), Doc(("a", 4))));
        Assert.True(Matches(Doc(("a.b", null)), Doc(("a", Doc()))));
        Assert.False(Matches(Doc(("a.b", null)), Doc(("a", Array.Empty<object?>()))));
        Assert.True(Matches(Doc(("a.b", null)), Doc(("a", new object?[] { Doc(("b", 1)), Doc() }))));
        Assert.True(Matches(Doc(("a", Op("$in", new object?[] { 1, null }))), Doc()));
        Assert.False(Matches(Doc(("a", Op("$nin", new object?[] { 1, null }))), Doc()));
        Assert.True(Matches(Doc(("a", Op("$lte", null))), Doc()));
    }

    [Fact]
    public void Tests_the_elements_of_an_array_and_the_array()
    {
        object?[] array = [1, new object?[] { 7 }, "x"];
        Assert.True(Is(array, 1));
        Assert.True(Is(array, "x"));
        Assert.True(Is(array, new object?[] { 7 }));
        Assert.False(Is(array, 7));
        Assert.True(Is(array, array));
        Assert.False(Is(array, Op("$ne", "x")));
        Assert.True(Is(array, Op("$ne", "y")));
        Assert.True(Is(array, Op("$in", new object?[] { "y", "x" })));
        Assert.True(Matches(Doc(("a.2", "x")), Doc(("a", array))));
        Assert.False(Matches(Doc(("a.0", "x")), Doc(("a", array))));
    }

    [Fact]
    public void Walks_documents_inside_arrays()
    {
        byte[] document = Doc(("a", new object?[] { Doc(("b", 1), ("c", new object?[] { 5, 6 })), Doc(("b", 2)) }));
        Assert.True(Matches(Doc(("a.b", 2)), document));
        Assert.True(Matches(Doc(("a.c", 6)), document));
        Assert.True(Matches(Doc(("a.0.b", 1)), document));
        Assert.False(Matches(Doc(("a.1.b", 1)), document));
        Assert.True(Matches(Doc(("a.b", Op("$gt", 1)), ("a.c", Op("$exists", true))), document));
        Assert.True(Matches(Doc(("a.z", Op("$exists", false))), document));
        Assert.False(Matches(Doc(("a.b", Op("$exists", false))), document));
    }

    [Fact]
    public void Joins_its_clauses()
    {
        byte[] document = Doc(("a", 1), ("b", 2));
        Assert.True(Matches(Doc(("a", 1), ("b", 2)), document));
        Assert.False(Matches(Doc(("a", 1), ("b", 3)), document));
        Assert.True(Matches(Doc(("$or", new object?[] { Doc(("a", 9)), Doc(("b", 2)) })), document));
        Assert.False(Matches(Doc(("$and", new object?[] { Doc(("a", 1)), Doc(("b", 9)) })), document));
        Assert.True(Matches(Doc(("$nor", new object?[] { Doc(("a", 9)), Doc(("b", 9)) })), document));
        Assert.True(Matches(Doc(("a", Op("$not", Op("$gt", 1)))), document));
        Assert.True(Matches(Doc(("a", Doc(("$gte", 1), ("$lt", 2)))), document));
        Assert.True(Matches(Doc(), document));
        Assert.True(Matches(Doc(("a", Doc(("x", 1)))), Doc(("a", Doc(("x", 1.0))))));
        Assert.False(Matches(Doc(("a", Doc(("x", 1)))), Doc(("a", Doc(("x", 1), ("y", 1))))));
    }

    [Theory]
    [InlineData("$frobnicate", "unknown operator: $frobnicate")]
    [InlineData("$elemMatch", "unknown operator: $elemMatch")]
    [InlineData("$regex", "unknown operator: $regex")]
    public void Refuses_an_operator_it_does_not_know(string name, string message)
    {
        var e = Assert.Throws<CommandException>(() => Matches(Doc(("a", Op(name, 1))), Doc()));
        Assert.Equal((ErrorCode.BadValue, message), (e.Code, e.Message));
        e = Assert.Throws<CommandException>(() => Matches(Doc((name, 1)), Doc()));
        Assert.StartsWith($"unknown top level operator: {name}.", e.Message);
    }

    [Theory]
    [InlineData("$in")]
    [InlineData("$and")]
    [InlineData("$or")]
    public void Refuses_operators_without_their_array(string name) =>
        Assert.Equal(ErrorCode.BadValue, Assert.Throws<CommandException>(() => Matches(name == "$in" ? Doc(("a", Op(name, 1))) : Doc((name, 1)), Doc())).Code);
}
