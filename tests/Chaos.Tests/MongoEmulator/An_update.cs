using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Updates;
using Chaos.MongoEmulator.Values;
using Etl.Documents;
using static Chaos.Tests.MongoEmulator.Values;

namespace Chaos.Tests.MongoEmulator;

public sealed class An_update
{
    static string After(byte[] update, params (string, object?)[] fields) =>
        Show(UpdateParser.Parse(BsonValue.Of(update)).Apply(Doc([("_id", 1), .. fields])));

    static byte[] Op(string name, params (string, object?)[] fields) => Doc((name, Doc(fields)));

    static ErrorCode Refused(Action act) => Assert.Throws<CommandException>(act).Code;

    [Fact]
    public void Sets_and_unsets_fields_at_any_depth()
    {
        Assert.Equal("{ _id: 1, a: 2, b: { c: 3 } }", After(Op("$set", ("b.c", 3), ("a", 2)), ("a", 1)));
        Assert.Equal("{ _id: 1, a: [ 1, 9, 3 ] }", After(Op("$set", ("a.1", 9)), ("a", new object?[] { 1, 2, 3 })));
        Assert.Equal("{ _id: 1, a: [ 1, null, null, 9 ] }", After(Op("$set", ("a.3", 9)), ("a", new object?[] { 1 })));
        Assert.Equal("{ _id: 1, a: { d: 1 } }", After(Op("$unset", ("a.c", ""), ("x.y", "")), ("a", Doc(("c", 1), ("d", 1)))));
        Assert.Equal("{ _id: 1, a: [ 1, null ] }", After(Op("$unset", ("a.1", "")), ("a", new object?[] { 1, 2 })));
        Assert.Equal(ErrorCode.PathNotViable, Refused(() => After(Op("$set", ("a.b", 1)), ("a", 5))));
    }

    [Fact]
    public void Adds_new_fields_in_the_order_of_their_names() =>
        Assert.Equal("{ _id: 1, z: 1, a: 1, b: 1, c: 1 }", After(Doc(("$set", Doc(("c", 1), ("a", 1))), ("$inc", Doc(("b", 1)))), ("z", 1)));

    [Fact]
    public void Increments_into_the_wider_type()
    {
        static BsonType TypeAfter(object by, object before) =>
            new FieldPath("n").Evaluate(UpdateParser.Parse(BsonValue.Of(Op("$inc", ("n", by)))).Apply(Doc(("_id", 1), ("n", before)))).Type;
        Assert.Equal(BsonType.Int32, TypeAfter(1, 1));
        Assert.Equal(BsonType.Int64, TypeAfter(1, int.MaxValue));
        Assert.Equal(BsonType.Int64, TypeAfter(1L, 1));
        Assert.Equal(BsonType.Double, TypeAfter(1.5, 1L));
        Assert.Equal(BsonType.Decimal128, TypeAfter(Decimal128.Parse("0.10"), 1.5));
        Assert.Equal("{ _id: 1, n: 1.60 }", After(Op("$inc", ("n", Decimal128.Parse("0.10"))), ("n", 1.5)));
        Assert.Equal("{ _id: 1, n: 5 }", After(Op("$inc", ("n", 5))));
        Assert.Equal(ErrorCode.TypeMismatch, Refused(() => After(Op("$inc", ("n", "1")))));
        Assert.Equal(ErrorCode.TypeMismatch, Refused(() => After(Op("$inc", ("n", 1)), ("n", "1"))));
        Assert.Equal(ErrorCode.BadValue, Refused(() => After(Op("$inc", ("n", 1)), ("n", long.MaxValue))));
    }

    [Fact]
    public void Pushes_and_pulls()
    {
        Assert.Equal("{ _id: 1, a: [ 1, 2 ] }", After(Op("$push", ("a", 2)), ("a", new object?[] { 1 })));
        Assert.Equal("{ _id: 1, a: [ [ 2 ] ] }", After(Op("$push", ("a", new object?[] { 2 }))));
        Assert.Equal("{ _id: 1, a: [ 1, 2, 3 ] }", After(Op("$push", ("a", Doc(("$each", new object?[] { 2, 3 })))), ("a", new object?[] { 1 })));
        Assert.Equal("{ _id: 1, a: [ 1, 3 ] }", After(Op("$pull", ("a", 2.0)), ("a", new object?[] { 1, 2, 3, 2 })));
        Assert.Equal("{ _id: 1, a: [ 1 ] }", After(Op("$pull", ("a", Doc(("$gte", 2)))), ("a", new object?[] { 1, 2, 3 })));
        Assert.Equal("{ _id: 1, a: [ { k: 2 } ] }", After(Op("$pull", ("a", Doc(("k", 1)))), ("a", new object?[] { Doc(("k", 1), ("x", 0)), Doc(("k", 2)) })));
        Assert.Equal("{ _id: 1 }", After(Op("$pull", ("a", 1))));
        Assert.Equal(ErrorCode.BadValue, Refused(() => After(Op("$push", ("a", 1)), ("a", 1))));
        Assert.Equal(ErrorCode.BadValue, Refused(() => After(Op("$pull", ("a", 1)), ("a", 1))));
        Assert.Equal(ErrorCode.BadValue, Refused(() => After(Op("$push", ("a", Doc(("$each", Array.Empty<object?>()), ("$sort", 1)))))));
    }

    [Fact]
    public void Replaces_all_but_the_id()
    {
        Assert.Equal("{ _id: 1, b: 2 }", After(Doc(("b", 2)), ("a", 1)));
        Assert.Equal("{ _id: 1, b: 2 }", After(Doc(("b", 2), ("_id", 1)), ("a", 1)));
        Assert.Equal(ErrorCode.ImmutableField, Refused(() => After(Doc(("_id", 2), ("b", 2)))));
        Assert.Equal(ErrorCode.ImmutableField, Refused(() => After(Op("$set", ("_id", 2)))));
        Assert.Equal(ErrorCode.ImmutableField, Refused(() => After(Op("$unset", ("_id", 1)))));
        Assert.Equal("{ _id: 1 }", After(Op("$set", ("_id", 1))));
    }

    [Fact]
    public void Refuses_what_it_does_not_know()
    {
        Assert.Equal(ErrorCode.FailedToParse, Refused(() => After(Op("$frobnicate", ("a", 1)))));
        Assert.Equal(ErrorCode.FailedToParse, Refused(() => After(Op("$rename", ("a", "b")))));
        Assert.Equal(ErrorCode.FailedToParse, Refused(() => After(Doc(("$set", Doc(("a", 1))), ("b", 1)))));
        Assert.Equal(ErrorCode.FailedToParse, Refused(() => After(Doc(("$set", 1)))));
        Assert.Equal(ErrorCode.BadValue, Refused(() => After(Op("$set", ("a.$", 1)))));
        Assert.Equal(ErrorCode.EmptyFieldName, Refused(() => After(Op("$set", ("a..b", 1)))));
        Assert.Equal(ErrorCode.ConflictingUpdateOperators, Refused(() => After(Doc(("$set", Doc(("a", 1))), ("$unset", Doc(("a.b", 1)))))));
    }

    [Fact]
    public void That_inserts_begins_with_what_its_query_wants_equal()
    {
        byte[] query = Doc(("a", 1), ("b.c", Doc(("$eq", 2))), ("d", Doc(("$gt", 3))), ("$and", new object?[] { Doc(("e", 4)) }));
        var update = UpdateParser.Parse(BsonValue.Of(Doc(("$set", Doc(("f", 5))), ("$setOnInsert", Doc(("g", 6))))));
        Assert.Equal("{ a: 1, b: { c: 2 }, e: 4, f: 5, g: 6 }", Show(update.Make(UpsertSeed.From(query, idOnly: false))));
    }
}
