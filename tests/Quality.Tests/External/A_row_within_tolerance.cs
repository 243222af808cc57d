using System.Globalization;
using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using FsCheck;
using FsCheck.Fluent;
using Quality.External;
using Tests.Shared;

namespace Quality.Tests.External;

/// <summary>Two rows are equal exactly if they are within the mapping's tolerances, and those that are not never have one hash.</summary>
public sealed class A_row_within_tolerance
{
    const int Cases = 3_000;
    const string Tolerance = "0.05";
    const long Second = 1_000;

    static readonly Table Mapped = Read();

    static Table Read()
    {
        string file = Path.Combine(Scratch.Folder("tolerance"), ContractReader.FileName);
        File.WriteAllText(file, $$"""
            apiVersion: v3.1.0
            kind: DataContract
            id: urn:test
            name: test
            version: 1.0.0
            status: active
            servers: [{ server: s, type: custom, customProperties: [{ property: kind, value: mongodb }, { property: database, value: d }] }]
            customProperties: [{ property: external, value: true }]
            schema:
              - name: things
                properties:
                  - { name: _id, logicalType: integer, primaryKey: true }
                  - { name: n, logicalType: number, customProperties: [{ property: tolerance, value: {{Tolerance}} }] }
                  - { name: d, logicalType: number, physicalType: double, customProperties: [{ property: tolerance, value: {{Tolerance}} }] }
                  - { name: i, logicalType: integer, customProperties: [{ property: tolerance, value: 3 }] }
                  - { name: t, logicalType: timestamp, customProperties: [{ property: precision, value: s }] }
                  - { name: s, logicalType: string, customProperties: [{ property: trim, value: true }, { property: nullWords, value: ["", "n/a"] }] }
            """);
        return ContractReader.Read(file).Tables.Single();
    }

    static byte[] Row(Action<BsonWriter> write)
    {
        var flattener = new Flattener(Mapped.Dataset);
        Assert.Null(flattener.Flatten(Bson.Make(w => write(w.Write("_id", 1)))));
        return flattener.Row(0).ToArray();
    }

    static void Holds(byte[] left, byte[] right, bool equal)
    {
        var form = new RowForm(Mapped);
        Assert.Equal(equal, form.Equal(left, right));
        Assert.Equal(equal, form.Equal(right, left));
        if (!equal)
            Assert.NotEqual(form.Hash(left), form.Hash(right));
        Assert.Equal(form.Key(left), form.Key(right));
    }

    static void ForPairs(int range, Action<int, int> judge) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Cases), Prop.ForAll(
            (from a in Gen.Choose(-range, range) from apart in Gen.Choose(-20, 20) select (a, b: a + apart)).ToArbitrary(), pair => judge(pair.a, pair.b)));

    [Fact]
    public void Has_decimals_that_differ_by_no_more() => ForPairs(1_000, (a, b) => Holds(
        Row(w => w.Write("n", Decimal128.Parse((a / 100m).ToString(CultureInfo.InvariantCulture)))), Row(w => w.Write("n", Decimal128.Parse((b / 100m).ToString(CultureInfo.InvariantCulture)))), Math.Abs(a - b) <= 5));

    [Fact]
    public void Has_doubles_that_differ_by_no_more() => ForPairs(1_000, (a, b) => Holds(Row(w => w.Write("d", a / 100.0)), Row(w => w.Write("d", b / 100.0)), Math.Abs(a - b) <= 5));

    [Fact]
    public void Has_whole_numbers_that_differ_by_no_more() => ForPairs(100, (a, b) => Holds(Row(w => w.Write("i", a)), Row(w => w.Write("i", b)), Math.Abs(a - b) <= 3));

    [Fact]
    public void Has_times_that_differ_by_less_than_its_precision() => ForPairs(10_000, (a, b) =>
        Holds(Row(w => w.WriteDateTime("t", a * 100L)), Row(w => w.WriteDateTime("t", b * 100L)), Math.Abs(a - b) * 100L < Second));

    [Fact]
    public void Is_equal_to_no_row_without_the_value()
    {
        foreach (var write in (Action<BsonWriter>[])[w => w.Write("n", 0), w => w.Write("d", 0.0), w => w.Write("i", 0), w => w.WriteDateTime("t", 0)])
            Holds(Row(write), Row(_ => { }), equal: false);
    }

    [Fact]
    public void Compares_exactly_what_has_no_distance()
    {
        Holds(Row(w => w.Write("d", double.NaN)), Row(w => w.Write("d", double.NaN)), equal: true);
        Holds(Row(w => w.Write("d", double.NaN)), Row(w => w.Write("d", 1.0)), equal: false);
        Holds(Row(w => w.Write("d", double.PositiveInfinity)), Row(w => w.Write("d", double.NegativeInfinity)), equal: false);
        Holds(Row(w => w.Write("d", 1e300)), Row(w => w.Write("d", 1e301)), equal: false);
        Holds(Row(w => w.Write("n", Decimal128.Parse("1E+30"))), Row(w => w.Write("n", Decimal128.Parse("1.000000000000000000000000000000E+30"))), equal: true);
    }

    [Theory]
    [InlineData(" x ", "x")]
    [InlineData("\t N/A", null)]
    [InlineData("  ", null)]
    [InlineData("kept", "kept")]
    public void Has_texts_cleaned_as_the_source_has_them(string warehouse, string? expected)
    {
        var form = new RowForm(Mapped);
        byte[] field = System.Text.Encoding.UTF8.GetBytes(warehouse);
        byte[] found = [.. Row(_ => { })[..^4], .. BitConverter.GetBytes(field.Length).Reverse(), .. field];
        Assert.Equal(Row(w => _ = expected is null ? w : w.Write("s", expected)), form.Cleaned(found).ToArray());
        Assert.Equal(Row(w => w.Write("s", warehouse)), form.Cleaned(found).ToArray());
    }
}
