using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Queries;
using Chaos.MongoEmulator.Values;
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
    [InlineData("$elemmatch", "unknown operator: $elemmatch")]
    [InlineData("$foo", "unknown operator: $foo")]
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

    static BsonValue Regex(string pattern, string options = "") => V(w => w.WriteRegex("v", pattern, options));

    [Fact]
    public void Matches_text_by_a_regular_expression()
    {
        Assert.True(Is("Alpha", Regex("^al", "i")));
        Assert.False(Is("Alpha", Regex("^al")));
        Assert.True(Is("Alpha", Doc(("$regex", "PHA$"), ("$options", "i"))));
        Assert.True(Is("Alpha", Doc(("$options", "i"), ("$regex", "PHA$"))));
        Assert.True(Is("Alpha", Op("$regex", Regex("pha"))));
        Assert.True(Is("a\nb", Op("$regex", Regex("^b", "m"))));
        Assert.True(Is("a\nb", Regex("a.b", "s")));
        Assert.True(Is("ab", Regex("a  b # comment", "x")));
        Assert.True(Is(new object?[] { 1, "xay" }, Regex("a")));
        Assert.False(Is(5, Regex("5")));
        Assert.True(Is(Regex("a", "im"), Regex("a", "mi")));
        Assert.False(Is(Regex("a"), Regex("a", "i")));
        Assert.True(Is("abc", Op("$in", new object?[] { 1, Regex("^a") })));
        Assert.False(Is("abc", Op("$nin", new object?[] { Regex("^a") })));
        Assert.False(Is("abc", Op("$not", Regex("^a"))));
        Assert.True(Is("xyz", Op("$not", Op("$regex", "^a"))));
        Assert.True(Is(Regex("a"), Op("$eq", Regex("a"))));
        Assert.False(Is("a", Op("$eq", Regex("a"))));
    }

    [Theory] // what PCRE, mongod's engine, and .NET's read differently
    [InlineData(@"^\d$", "٣", false)]
    [InlineData(@"^\w$", "ä", false)]
    [InlineData(@"^\W$", "ä", true)]
    [InlineData(@"^.$", "\U0001F600", true)]
    [InlineData(@"^..$", "\U0001F600", false)]
    [InlineData(@"^[^a]$", "\U0001F600", true)]
    [InlineData(@"\bb", "äb", true)]
    [InlineData(@"^[a-c-[b]]$", "b]", true)]
    [InlineData(@"^[[:alpha:]]+$", "abc", true)]
    [InlineData(@"^[\d\w]+$", "a1_", true)]
    [InlineData(@"^[]a]$", "]", true)]
    [InlineData(@"^\v$", "\n", true)]
    public void Reads_a_regular_expression_as_PCRE_does(string pattern, string text, bool matches) => Assert.Equal(matches, Is(text, Regex(pattern)));

    [Fact]
    public void Asks_of_one_element_all_that_elemMatch_says()
    {
        object?[] numbers = [1, 5, 9], documents = [Doc(("k", "a"), ("n", 1)), Doc(("k", "b"), ("n", 2))];
        Assert.True(Is(numbers, Op("$elemMatch", Doc(("$gt", 4), ("$lt", 6)))));
        Assert.False(Is(numbers, Op("$elemMatch", Doc(("$gt", 5), ("$lt", 9)))));
        Assert.True(Is(numbers, Doc(("$gt", 5), ("$lt", 9)))); // any two elements will do without it
        Assert.True(Is(documents, Op("$elemMatch", Doc(("k", "a"), ("n", 1)))));
        Assert.False(Is(documents, Op("$elemMatch", Doc(("k", "a"), ("n", 2)))));
        Assert.True(Is(documents, Op("$elemMatch", Doc(("$or", new object?[] { Doc(("k", "z")), Doc(("n", 2)) })))));
        Assert.False(Is(5, Op("$elemMatch", Op("$gt", 4))));
        Assert.False(Is(numbers, Op("$elemMatch", Doc())));
        Assert.True(Is(documents, Op("$elemMatch", Doc())));
        Assert.True(Is(new object?[] { numbers }, Op("$elemMatch", Op("$size", 3))));
        Assert.True(Is(numbers, Op("$elemMatch", Op("$not", Op("$gt", 4)))));
        Assert.True(Is(numbers, Op("$elemMatch", Doc(("$ne", 1), ("$nin", new object?[] { 5 })))));
        Assert.True(Is(documents, Op("$not", Op("$elemMatch", Doc(("k", "c"))))));
    }

    [Fact]
    public void Counts_and_covers_arrays()
    {
        object?[] array = ["a", "b", new object?[] { 1, 2, 3 }];
        Assert.True(Is(array, Op("$size", 3)));
        Assert.True(Is(array, Op("$size", 3.0)));
        Assert.False(Is(new object?[] { array }, Op("$size", 3)));
        Assert.False(Is("abc", Op("$size", 3)));
        Assert.True(Is(array, Op("$all", new object?[] { "b", "a" })));
        Assert.False(Is(array, Op("$all", new object?[] { "b", "c" })));
        Assert.True(Is("b", Op("$all", new object?[] { "b" })));
        Assert.True(Is(array, Op("$all", new object?[] { Regex("^b") })));
        Assert.False(Is(array, Op("$all", Array.Empty<object?>())));
        Assert.True(Is(new object?[] { 3, 8 }, Op("$all", new object?[] { Op("$elemMatch", Op("$gt", 7)), Op("$elemMatch", Op("$lt", 4)) })));
    }

    [Fact]
    public void Knows_types_by_number_and_by_name()
    {
        Assert.True(Is(5L, Op("$type", "long")));
        Assert.True(Is(5L, Op("$type", 18)));
        Assert.True(Is(Decimal128.Parse("5"), Op("$type", "number")));
        Assert.False(Is("5", Op("$type", "number")));
        Assert.True(Is("5", Op("$type", new object?[] { "number", 2 })));
        Assert.True(Is(new object?[] { 1, "x" }, Op("$type", "string")));
        Assert.True(Is(new object?[] { 1, "x" }, Op("$type", "array")));
        Assert.True(Is(null, Op("$type", 10)));
        Assert.False(Matches(Doc(("a", Op("$type", "null"))), Doc()));
        Assert.True(Is(V(w => w.WriteRaw(BsonType.MinKey, "v", [])), Op("$type", -1)));
    }

    [Fact]
    public void Divides_the_whole_part_of_a_number()
    {
        object?[] FourOne = [4, 1];
        Assert.True(Is(9, Op("$mod", FourOne)));
        Assert.True(Is(9.99, Op("$mod", FourOne)));
        Assert.True(Is(Decimal128.Parse("9.5"), Op("$mod", FourOne)));
        Assert.True(Is(-9L, Op("$mod", new object?[] { 4.7, -1 })));
        Assert.False(Is("9", Op("$mod", FourOne)));
        Assert.False(Is(double.NaN, Op("$mod", new object?[] { 1, 0 })));
        Assert.False(Is(1e300, Op("$mod", new object?[] { 1, 0 })));
        Assert.True(Is(long.MinValue, Op("$mod", new object?[] { -1, 0 })));
    }

    public static TheoryData<string, byte[]> Misused => new()
    {
        { "Expected a non-negative number", Op("$size", -1) },
        { "Expected an integer", Op("$size", "3") },
        { "malformed mod, not enough elements", Op("$mod", new object?[] { 1 }) },
        { "divisor cannot be 0", Op("$mod", new object?[] { 0, 1 }) },
        { "Unknown type name alias: flaot", Op("$type", "flaot") },
        { "Invalid numerical type code: 99", Op("$type", 99) },
        { "$elemMatch needs an Object", Op("$elemMatch", 1) },
        { "$all needs an array", Op("$all", 1) },
        { "no $ expressions in $all", Op("$all", new object?[] { 1, Op("$gt", 1) }) },
        { "$options needs a $regex", Op("$options", "i") },
        { "invalid flag in regex options: q", Doc(("$regex", "a"), ("$options", "q")) },
        { "Regular expression is invalid", Op("$regex", "(a") },
        { "does not match regular expressions with", Op("$regex", @"[\D]") },
        { "Can't have RegEx as arg to predicate", Op("$gt", Regex("a")) },
        { "Can't have regex as arg to $ne.", Op("$ne", Regex("a")) },
        { "this emulator does not know the operator $bitsAllSet", Op("$bitsAllSet", 1) },
    };

    [Theory, MemberData(nameof(Misused))]
    public void Refuses_what_an_operator_cannot_take(string message, byte[] condition) =>
        Assert.Contains(message, Assert.Throws<CommandException>(() => Matches(Doc(("a", condition)), Doc())).Message);

    [Fact]
    public void Gives_up_on_a_regular_expression_without_end() =>
        Assert.Equal((ErrorCode)51156, Assert.Throws<CommandException>(() => Is(new string('a', 40) + "!", Regex("^(a+)+$"))).Code);
}
