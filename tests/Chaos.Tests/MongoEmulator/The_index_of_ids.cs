using Chaos.MongoEmulator.Queries;
using Chaos.MongoEmulator.Storage;
using Chaos.MongoEmulator.Values;
using Etl.Documents;
using static Chaos.Tests.MongoEmulator.Values;

namespace Chaos.Tests.MongoEmulator;

public sealed class The_index_of_ids
{
    static readonly ClusterClock Clock = new(TimeProvider.System, null);

    static Collection Collection() => new("db", "c", default, Clock);

    static IEnumerable<long> Ids(Scan scan) => FindPlan.All(scan).Select(d => IdKey.ValueOf(d).WholeNumber!.Value);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Holds_what_a_sorted_set_holds_through_random_inserts_and_removals(int seed)
    {
        var random = new Random(seed);
        var collection = Collection();
        SortedSet<long> model = [];
        for (int i = 0; i < 20_000; i++)
        {
            long id = random.Next(6000);
            byte[] document = random.Next(2) == 0 ? Doc(("_id", id)) : Doc(("_id", (double)id));
            if (random.Next(3) > 0)
            {
                if (model.Add(id))
                    collection.Insert(document);
                else
                    Assert.Throws<Chaos.MongoEmulator.Commands.CommandException>(() => collection.Insert(document));
            }
            else if (model.Remove(id))
            {
                Assert.True(collection.Ids.TryFind(BsonType.Int64, BsonValue.Of(id).Span, out var entry));
                collection.Remove(entry.Document);
            }
        }
        Assert.Equal(model.Count, collection.Records.Count);
        Assert.Equal(model, Ids(new IdScan(collection, IdRange.Whole)));
        Assert.Equal(model.Reverse(), Ids(new IdScan(collection, IdRange.Whole, forward: false)));
        Assert.Equal(model.Count, Ids(new NaturalScan(collection)).Count());
        Assert.Equal(Ids(new NaturalScan(collection)).Reverse(), Ids(new NaturalScan(collection, forward: false)));
        for (int i = 0; i < 200; i++)
        {
            long low = random.Next(6000), high = random.Next(6000);
            bool fromInclusive = random.Next(2) == 0, toInclusive = random.Next(2) == 0;
            var range = IdRange.Whole.From(BsonValue.Of(low), fromInclusive).To(BsonValue.Of(high), toInclusive);
            var expected = model.Where(v => (v > low || v == low && fromInclusive) && (v < high || v == high && toInclusive)).ToList();
            Assert.Equal(expected, Ids(new IdScan(collection, range)));
            Assert.Equal(Enumerable.Reverse(expected), Ids(new IdScan(collection, range, forward: false)));
        }
    }

    [Fact]
    public void Splits_a_full_leaf_wherever_the_new_id_falls()
    {
        for (int slot = 0; slot <= 256; slot++)
        {
            var collection = Collection();
            foreach (int i in Enumerable.Range(0, 300))
                collection.Insert(Doc(("_id", 2 * i))); // one leaf of 256, and a second
            collection.Insert(Doc(("_id", 2 * slot - 1)));
            Assert.Equal(Enumerable.Range(0, 300).Select(i => 2L * i).Append(2 * slot - 1).Order(), Ids(new IdScan(collection, IdRange.Whole)));
            Assert.True(collection.Ids.TryFind(BsonType.Int32, BsonValue.Of(2 * slot - 1).Span, out _));
        }
    }

    [Fact]
    public void Lets_a_scan_go_on_after_the_last_document_it_gave()
    {
        var collection = Collection();
        for (int i = 0; i < 2000; i += 2)
            collection.Insert(Doc(("_id", i)));
        var scan = new IdScan(collection, IdRange.Whole);
        Assert.Equal(Enumerable.Range(0, 500).Select(i => 2L * i), FindPlan.All(scan).Take(500).Select(d => IdKey.ValueOf(d).WholeNumber!.Value));
        collection.Insert(Doc(("_id", 5))); // behind
        collection.Insert(Doc(("_id", 1001))); // ahead
        Assert.True(collection.Ids.TryFind(BsonType.Int32, BsonValue.Of(998).Span, out var last));
        collection.Remove(last.Document);
        Assert.Equal([1000L, 1001L, 1002L], Ids(scan).Take(3));
    }

    [Fact]
    public void Narrows_a_query_on_the_id()
    {
        var range = IdRange.Of(FilterParser.Parse(Doc(("_id", Doc(("$gt", 5), ("$lte", 9))), ("a", 1))));
        Assert.Equal((5, false, 9, true), (range.Lower.WholeNumber, range.LowerInclusive, range.Upper.WholeNumber, range.UpperInclusive));
        Assert.True(IdRange.Of(FilterParser.Parse(Doc(("_id", null)))).IsWhole);
        Assert.True(IdRange.Of(FilterParser.Parse(Doc(("_id", Doc(("$ne", 5)))))).IsWhole);
        Assert.True(IdRange.Of(FilterParser.Parse(Doc(("$or", new object?[] { Doc(("_id", 5)), Doc(("a", 1)) })))).IsWhole);
    }
}
