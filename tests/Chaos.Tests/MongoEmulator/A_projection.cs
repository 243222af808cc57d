using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Queries;
using static Chaos.Tests.MongoEmulator.Values;

namespace Chaos.Tests.MongoEmulator;

public sealed class A_projection
{
    static readonly byte[] Document = Doc(("_id", 1), ("a", Doc(("b", 1), ("c", 2))), ("d", new object?[] { Doc(("b", 1), ("c", 2)), 5, new object?[] { Doc(("b", 3)) } }), ("e", 7));

    static string Projected(params (string, object?)[] fields) => Projection.Parse(Doc(fields)) is { } projection ? Show(projection.Apply(Document).ToArray()) : Show(Document);

    [Fact]
    public void Keeps_what_it_names()
    {
        Assert.Equal("{ _id: 1, e: 7 }", Projected(("e", 1)));
        Assert.Equal("{ e: 7 }", Projected(("e", true), ("_id", 0)));
        Assert.Equal("{ _id: 1, a: { b: 1 }, d: [ { b: 1 }, [ { b: 3 } ] ] }", Projected(("d.b", 1), ("a.b", 1), ("e.x", 1)));
        Assert.Equal("{ _id: 1 }", Projected(("_id", 1)));
    }

    [Fact]
    public void Leaves_out_what_it_names()
    {
        Assert.Equal("{ _id: 1, a: { c: 2 }, d: [ { c: 2 }, 5, [ {} ] ], e: 7 }", Projected(("a.b", 0), ("d.b", 0), ("e.x", 0)));
        Assert.Equal("{ a: { b: 1, c: 2 }, e: 7 }", Projected(("_id", 0), ("d", 0)));
        Assert.Equal(Show(Document), Projected());
    }

    [Fact]
    public void Refuses_a_mixture_and_expressions()
    {
        Assert.Equal(ErrorCode.ExclusionInInclusion, Assert.Throws<CommandException>(() => Projected(("a", 1), ("e", 0))).Code);
        Assert.Equal(ErrorCode.InclusionInExclusion, Assert.Throws<CommandException>(() => Projected(("a", 0), ("e", 1))).Code);
        Assert.Equal(ErrorCode.BadValue, Assert.Throws<CommandException>(() => Projected(("a", Doc(("$slice", 1))))).Code);
        Assert.Equal(ErrorCode.BadValue, Assert.Throws<CommandException>(() => Projected(("a", 1), ("a.b", 1))).Code);
        Assert.Equal(ErrorCode.BadValue, Assert.Throws<CommandException>(() => Projected(("a.b", 1), ("a", 1))).Code);
    }
}
