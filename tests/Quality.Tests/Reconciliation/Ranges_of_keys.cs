using System.Buffers.Binary;
using Etl.Contracts;
using Etl.Flattening;
using FsCheck;
using FsCheck.Fluent;
using Quality.Reconciliation;
using Tests.Shared;

namespace Quality.Tests.Reconciliation;

/// <summary>Both sides must put a row into the same range: the source by counting documents, the warehouse by looking its key up.</summary>
public sealed class Ranges_of_keys
{
    static Dataset DatasetOf(string type)
    {
        string file = Path.Combine(Scratch.Folder("contract"), ContractReader.FileName);
        File.WriteAllText(file, $$"""
            { apiVersion: v3.1.0, kind: DataContract, id: u, name: p, version: 1.0.0, status: active, servers: [{ server: s, type: custom, customProperties: [{ property: kind, value: mongodb }, { property: database, value: p }] }],
              schema: [{ name: things, logicalType: object, properties: [{ name: _id, logicalType: {{type}}, primaryKey: true }, { name: a, logicalType: integer }] }] }
            """);
        return ContractReader.Read(file).Datasets[0];
    }

    static byte[] Row(object key) => [.. Field(key), .. new byte[] { 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1 }];

    static byte[] Field(object key)
    {
        byte[] value = key is string text ? System.Text.Encoding.UTF8.GetBytes(text) : new byte[8];
        if (key is long number)
            BinaryPrimitives.WriteInt64BigEndian(value, number);
        byte[] field = new byte[4 + value.Length];
        BinaryPrimitives.WriteInt32BigEndian(field, value.Length);
        value.CopyTo(field, 4);
        return field;
    }

    static void Agree(string type, IReadOnlyList<object> keys, IReadOnlyList<object> others, int perRange)
    {
        var dataset = DatasetOf(type);
        RangeSums inSource = new(), inWarehouse = new();
        var ranges = new KeyRanges(dataset, [inSource], perRange);
        foreach (var (i, key) in keys.Index())
        {
            ranges.Next(Row(key));
            inSource.Add(ranges.Current, new Hash128(0, (ulong)i));
        }
        ranges.Complete();
        foreach (var (i, key) in keys.Index().OrderBy(k => k.Item.GetHashCode()))
            inWarehouse.Add(ranges.Of(Field(key)), new Hash128(0, (ulong)i));
        Assert.Empty(inSource.DifferingFrom(inWarehouse, ranges.Count, 1_000));
        Assert.InRange(ranges.Count, 1, KeyRanges.Most);
        Assert.True(ranges.Count >= Math.Min(KeyRanges.Most / 2, keys.Count / (perRange * 2)));
        foreach (object other in others)
        {
            int range = ranges.Of(Field(other));
            inWarehouse.Add(range, new Hash128(0, 77));
            Assert.True(range == 0 || Field(other).Length > 0 && Ordered(ranges.Ends[range - 1], Field(other), other));
            Assert.True(range == ranges.Ends.Count || !Ordered(ranges.Ends[range], Field(other), other));
            var found = Assert.Single(inSource.DifferingFrom(inWarehouse, ranges.Count, 1_000_000));
            Assert.Equal((range, range + 1), (found.From, found.To));
            inWarehouse = new RangeSums();
            foreach (var (i, key) in keys.Index())
                inWarehouse.Add(ranges.Of(Field(key)), new Hash128(0, (ulong)i));
        }
        Assert.Equal(ranges.Ends.Count, ranges.Of([0xFF, 0xFF, 0xFF, 0xFF]));
    }

    /// <summary>Whether an end is not above the key.</summary>
    static bool Ordered(byte[] end, byte[] field, object key) => key is long number
        ? BinaryPrimitives.ReadInt64BigEndian(end.AsSpan(4)) <= number : end.AsSpan(4).SequenceCompareTo(field.AsSpan(4)) <= 0;

    [Fact]
    public void Hold_the_same_rows_on_both_sides_for_any_numbers()
    {
        var numbers = Gen.Choose(-300, 300).Select(n => (long)n * 5_000_000_000).ListOf();
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(numbers.ToArbitrary(), numbers.Select(o => o.Take(3).ToList()).ToArbitrary(), Gen.Choose(1, 5).ToArbitrary(),
            (keys, others, perRange) => Agree("integer", [.. keys.Distinct().Order().Cast<object>()], [.. others.Cast<object>()], perRange)));
    }

    [Fact]
    public void Hold_the_same_rows_on_both_sides_for_any_texts()
    {
        var texts = Gen.Choose(0, 4).SelectMany(n => Gen.Elements('a', 'B', 'ä', '\u007f', '€', '0').ListOf(n)).Select(c => string.Concat(c)).ListOf();
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(texts.ToArbitrary(), texts.Select(o => o.Take(3).ToList()).ToArbitrary(), Gen.Choose(1, 5).ToArbitrary(),
            (keys, others, perRange) => Agree("string", [.. keys.Distinct().OrderBy(Field, Comparer<byte[]>.Create((x, y) => x.AsSpan(4).SequenceCompareTo(y.AsSpan(4)))).Cast<object>()], [.. others.Cast<object>()], perRange)));
    }

    [Theory]
    [InlineData(KeyRanges.Most)]
    [InlineData(KeyRanges.Most + 1)]
    [InlineData(50_000)]
    public void Become_larger_where_there_are_too_many(int documents) =>
        Agree("integer", [.. Enumerable.Range(0, documents).Select(i => (object)(long)i)], [-1L, 17L, (long)documents], 1);

    [Fact]
    public void Never_part_the_rows_of_a_document()
    {
        var sums = new RangeSums();
        var ranges = new KeyRanges(DatasetOf("integer"), [sums], 1);
        foreach (long key in (long[])[1, 1, 1, 2, 2, 3])
        {
            ranges.Next(Row(key));
            sums.Add(ranges.Current, new Hash128(0, (ulong)key));
            Assert.Equal(ranges.Current, ranges.Of(Field(key)));
        }
        Assert.Equal((3, 3L), (ranges.Count, sums.CountOf(0, 1)));
    }

    [Fact]
    public void Are_one_where_the_source_keeps_no_order()
    {
        var sums = new RangeSums();
        var ranges = new KeyRanges(DatasetOf("integer"), [sums], 1);
        foreach (long key in (long[])[1, 2, 5, 4, 9])
        {
            ranges.Next(Row(key));
            sums.Add(ranges.Current, new Hash128(0, (ulong)key));
        }
        ranges.Complete();
        Assert.Equal(1, ranges.Count);
        Assert.Equal(5, sums.CountOf(0, 1));
    }
}
