using Chaos.MongoEmulator.Values;
using Etl.Documents;
using FsCheck;
using FsCheck.Fluent;
using static Chaos.Tests.MongoEmulator.Values;

namespace Chaos.Tests.MongoEmulator;

public sealed class The_order_of_values
{
    /// <summary>Ascending, as https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/ has it; one line, one place.</summary>
    static readonly BsonValue[][] Ladder =
    [
        [V(w => w.WriteRaw(BsonType.MinKey, "v", []))],
        [V(w => w.WriteRaw(BsonType.Undefined, "v", [])), BsonValue.Missing],
        [V(w => w.WriteNull("v"))],
        [V(w => w.Write("v", double.NaN)), V(w => w.Write("v", Decimal128.NaN))],
        [V(w => w.Write("v", double.NegativeInfinity)), V(w => w.Write("v", Decimal128.NegativeInfinity))],
        [V(w => w.Write("v", Decimal128.Parse("-1E+400")))],
        [V(w => w.Write("v", double.MinValue))],
        [V(w => w.Write("v", -9223372036854775809.0 * 2))],
        [V(w => w.Write("v", long.MinValue)), V(w => w.Write("v", -9223372036854775808.0)), V(w => w.Write("v", Decimal128.Parse("-9223372036854775808")))],
        [V(w => w.Write("v", -1)), V(w => w.Write("v", -1L)), V(w => w.Write("v", -1.0)), V(w => w.Write("v", Decimal128.Parse("-1.000")))],
        [V(w => w.Write("v", -double.Epsilon))],
        [V(w => w.Write("v", 0)), V(w => w.Write("v", -0.0)), V(w => w.Write("v", 0L)), V(w => w.Write("v", Decimal128.Parse("-0E+10")))],
        [V(w => w.Write("v", Decimal128.Parse("1E-6000")))],
        [V(w => w.Write("v", double.Epsilon))],
        [V(w => w.Write("v", Decimal128.Parse("0.1")))],
        [V(w => w.Write("v", 0.1))], // 0.1000000000000000055511…
        [V(w => w.Write("v", 1)), V(w => w.Write("v", 1.0)), V(w => w.Write("v", Decimal128.Parse("1")))],
        [V(w => w.Write("v", 1.5)), V(w => w.Write("v", Decimal128.Parse("1.50")))],
        [V(w => w.Write("v", 9007199254740992L)), V(w => w.Write("v", 9007199254740992.0))],
        [V(w => w.Write("v", 9007199254740993L))], // no double is this
        [V(w => w.Write("v", 9007199254740994.0))],
        [V(w => w.Write("v", long.MaxValue)), V(w => w.Write("v", Decimal128.Parse("9223372036854775807")))],
        [V(w => w.Write("v", Decimal128.Parse("9223372036854775807.5")))],
        [V(w => w.Write("v", 9223372036854775808.0))],
        [V(w => w.Write("v", double.MaxValue))],
        [V(w => w.Write("v", Decimal128.Parse("1E+6000")))],
        [V(w => w.Write("v", double.PositiveInfinity)), V(w => w.Write("v", Decimal128.PositiveInfinity))],
        [V(w => w.Write("v", ""))],
        [V(w => w.Write("v", "A"))],
        [V(w => w.Write("v", "a")), V(w => w.WriteText(BsonType.Symbol, "v", "a"))],
        [V(w => w.Write("v", "a\0"))],
        [V(w => w.Write("v", "aa"))],
        [V(w => w.Write("v", "ä"))],
        [V(w => w.WriteDocument("v", Doc()))],
        [V(w => w.WriteDocument("v", Doc(("a", 1)))), V(w => w.WriteDocument("v", Doc(("a", 1.0))))],
        [V(w => w.WriteDocument("v", Doc(("a", 1), ("b", 1))))],
        [V(w => w.WriteDocument("v", Doc(("b", 0))))],
        [V(w => w.WriteDocument("v", Doc(("a", "x"))))], // the class of the type comes before the name
        [V(w => w.BeginArray("v").End())],
        [V(w => w.BeginArray("v").Write(default, 1).End())],
        [V(w => w.BeginArray("v").Write(default, 1).Write(default, 1).End())],
        [V(w => w.BeginArray("v").Write("a").End())],
        [V(w => w.WriteBinary("v", [9]))],
        [V(w => w.WriteBinary("v", [1, 1]))], // shorter first, then subtype, then bytes
        [V(w => w.WriteBinary("v", [1, 2]))],
        [V(w => w.WriteBinary("v", [0, 0], 4))],
        [V(w => w.WriteObjectId("v", new byte[12]))],
        [V(w => w.WriteObjectId("v", [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]))],
        [V(w => w.Write("v", false))],
        [V(w => w.Write("v", true))],
        [V(w => w.WriteDateTime("v", -1))],
        [V(w => w.WriteDateTime("v", 1))],
        [V(w => w.WriteTimestamp("v", 1))],
        [V(w => w.WriteTimestamp("v", ulong.MaxValue))],
        [V(w => w.WriteRegex("v", "a", ""))],
        [V(w => w.WriteRegex("v", "a", "i"))],
        [V(w => w.WriteText(BsonType.JavaScript, "v", "f()"))],
        [V(w => w.WriteRaw(BsonType.MaxKey, "v", []))],
    ];

    static readonly (BsonValue Value, int Place)[] Placed = [.. Ladder.SelectMany((rung, place) => rung.Select(v => (v, place)))];

    [Fact]
    public void Is_the_documented_one_for_every_pair()
    {
        foreach (var (a, i) in Placed)
            foreach (var (b, j) in Placed)
                Assert.True(Math.Sign(BsonOrder.Compare(a, b)) == i.CompareTo(j), $"{ShellText.Of(a)} ({a.Type}) and {ShellText.Of(b)} ({b.Type})");
    }

    [Fact]
    public void Agrees_with_the_hash_of_equal_values()
    {
        foreach (var (a, i) in Placed)
            foreach (var (b, j) in Placed)
                if (i == j && !a.IsMissing && !b.IsMissing)
                    Assert.Equal(BsonEquality.Instance.GetHashCode(a), BsonEquality.Instance.GetHashCode(b));
    }

    static readonly Gen<BsonValue> Numbers = Gen.OneOf(
        ArbMap.Default.GeneratorFor<int>().Select(i => V(w => w.Write("v", i))),
        ArbMap.Default.GeneratorFor<long>().Select(l => V(w => w.Write("v", l))),
        ArbMap.Default.GeneratorFor<double>().Select(d => V(w => w.Write("v", d))),
        ArbMap.Default.GeneratorFor<decimal>().Select(m => V(w => w.Write("v", (Decimal128)m))),
        ArbMap.Default.GeneratorFor<int>().Select(i => V(w => w.Write("v", i / 4.0))),
        ArbMap.Default.GeneratorFor<int>().Select(i => V(w => w.Write("v", (Decimal128)(i / 4m)))));

    static readonly Gen<BsonValue> Texts = Gen.Choose(0, 3).SelectMany(n => Gen.ArrayOf(Gen.Elements("a", "b", "\0", "ä", "\uFFFD", "\U0001F600"), n))
        .Select(parts => V(w => w.Write("v", string.Concat(parts))));

    static readonly Gen<BsonValue> Binaries = Gen.Choose(0, 3).SelectMany(n => Gen.ArrayOf(Gen.Choose(0, 255), n))
        .Select(bytes => V(w => w.WriteBinary("v", [.. bytes.Select(b => (byte)b)], (byte)(bytes.Length % 2 * 4))));

    static readonly Gen<BsonValue> Times = ArbMap.Default.GeneratorFor<long>().Select(t => t % 2 == 0 ? V(w => w.WriteDateTime("v", t)) : V(w => w.WriteTimestamp("v", (ulong)t)));

    static readonly Gen<BsonValue> Documents = Gen.Choose(0, 2).SelectMany(n => Gen.ArrayOf(Gen.OneOf(Numbers, Texts, Binaries), n))
        .SelectMany(values => Gen.ArrayOf(Gen.Elements("a", "b", "aa"), values.Length), (values, names) => V(w =>
        {
            w.BeginDocument("v");
            for (int i = 0; i < values.Length; i++)
                w.WriteRaw(values[i].Type, names[i], values[i].Span);
            w.End();
        }));

    static readonly Gen<BsonValue> Any = Gen.OneOf(
        Numbers,
        Texts,
        Binaries,
        Times,
        Documents,
        Gen.Elements(Placed.Select(p => p.Value).ToArray()),
        Gen.Choose(0, 3).SelectMany(n => Gen.ArrayOf(Gen.Elements(Placed.Select(p => p.Value).Where(v => !v.IsMissing).ToArray()), n))
            .Select(items => V(w =>
            {
                w.BeginArray("v");
                foreach (var item in items)
                    w.WriteRaw(item.Type, default, item.Span);
                w.End();
            })));

    [Fact]
    public void Is_total_over_values_of_all_types() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(5000), Prop.ForAll(
        Gen.ArrayOf(Any, 3).ToArbitrary(),
        v =>
        {
            int ab = Math.Sign(BsonOrder.Compare(v[0], v[1])), ba = Math.Sign(BsonOrder.Compare(v[1], v[0]));
            int bc = Math.Sign(BsonOrder.Compare(v[1], v[2])), ac = Math.Sign(BsonOrder.Compare(v[0], v[2]));
            bool transitive = !(ab <= 0 && bc <= 0) || ac <= 0;
            bool substitutes = !(ab == 0 && bc == 0) || ac == 0;
            return ab == -ba && transitive && substitutes && BsonOrder.Compare(v[0], v[0]) == 0;
        }));

    [Fact]
    public void Gives_equal_values_equal_hashes() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(5000), Prop.ForAll(
        Gen.ArrayOf(Any, 2).ToArbitrary(),
        v => BsonOrder.Compare(v[0], v[1]) != 0 || v.Any(x => x.IsMissing) || BsonEquality.Instance.GetHashCode(v[0]) == BsonEquality.Instance.GetHashCode(v[1])));

    [Fact]
    public void Of_numbers_is_that_of_their_exact_values() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(5000), Prop.ForAll(
        ArbMap.Default.ArbFor<int>(), ArbMap.Default.ArbFor<int>(),
        (a, b) =>
        {
            BsonValue[] left = [V(w => w.Write("v", a)), V(w => w.Write("v", (long)a)), V(w => w.Write("v", (double)a)), V(w => w.Write("v", (Decimal128)a))];
            BsonValue[] right = [V(w => w.Write("v", b)), V(w => w.Write("v", (long)b)), V(w => w.Write("v", (double)b)), V(w => w.Write("v", (Decimal128)b))];
            return left.All(x => right.All(y => Math.Sign(BsonOrder.Compare(x, y)) == a.CompareTo(b)));
        }));
}
