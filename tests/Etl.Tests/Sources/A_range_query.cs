using Etl.Documents;
using Etl.Sources;
using Etl.Sources.Mongo;

namespace Etl.Tests.Sources;

public sealed class A_range_query
{
    static readonly byte[] One = Bson.Make(w => w.Write("_id", 1)), Two = Bson.Make(w => w.Write("_id", "two")), Nothing = Bson.Make(_ => { });

    static (string Filter, string Options) Of(CollectionKind kind, ScanRange range, byte[]? after = null, IReadOnlyList<byte[]>? picked = null, bool majority = false)
    {
        var (filter, options) = new RangeQuery(range, picked).Build(kind, after, majority);
        return (ExtendedJson.ToString(filter, relaxed: true), ExtendedJson.ToString(options, relaxed: true));
    }

    [Fact]
    public void Of_a_whole_collection_is_a_walk_by_id() => Assert.Equal(
        ("{}", """{"sort":{"_id":1},"batchSize":1000}"""), Of(CollectionKind.Collection, ScanRange.Whole));

    [Fact]
    public void Of_a_part_is_bounded_on_the_index_and_never_by_comparing() => Assert.Equal(
        ("{}", """{"sort":{"_id":1},"batchSize":1000,"hint":{"_id":1},"min":{"_id":1},"max":{"_id":"two"}}"""), Of(CollectionKind.Collection, new ScanRange(One, Two)));

    [Fact]
    public void Goes_on_behind_the_last_document() => Assert.Equal(
        ("{}", """{"sort":{"_id":1},"batchSize":1000,"hint":{"_id":1},"min":{"_id":"two"}}"""), Of(CollectionKind.Collection, new ScanRange(One, null), after: Two));

    [Fact]
    public void Behind_a_document_without_an_id_begins_anew() =>
        Assert.Equal(Of(CollectionKind.Collection, ScanRange.Whole), Of(CollectionKind.Collection, ScanRange.Whole, after: Nothing));

    [Fact]
    public void Asks_for_what_a_majority_has() => Assert.Contains(
        "\"readConcern\":{\"level\":\"majority\"}", Of(CollectionKind.Collection, ScanRange.Whole, majority: true).Options);

    /// <summary>Expressions compare across types, queries do not: {$gte: 1} would see numbers alone.</summary>
    [Fact]
    public void Of_a_view_compares_across_types_because_it_has_no_index() => Assert.Equal(
        ("""{"$expr":{"$and":[{"$gte":["$_id",{"$literal":"two"}]}]}}""", """{"sort":{"_id":1},"batchSize":1000,"allowDiskUse":true}"""),
        Of(CollectionKind.View, ScanRange.Whole, after: Two));

    [Fact]
    public void Of_a_whole_view_is_not_filtered() => Assert.Equal("{}", Of(CollectionKind.View, ScanRange.Whole).Filter);

    /// <summary>Its index sorts text as people do; where ids are no text, that makes no difference.</summary>
    [Fact]
    public void Of_a_collection_with_a_collation_asks_for_the_order_of_bytes()
    {
        Assert.Equal(("""{"$expr":{"$and":[{"$gte":["$_id",{"$literal":"two"}]}]}}""", """{"sort":{"_id":1},"batchSize":1000,"collation":{"locale":"simple"},"allowDiskUse":true}"""),
            Of(CollectionKind.Collated, ScanRange.Whole, after: Two));
        var (filter, options) = new RangeQuery(new ScanRange(One, Two), null, HasTextIds: false).Build(CollectionKind.Collated, null, majority: false);
        Assert.Equal(Of(CollectionKind.Collection, new ScanRange(One, Two)), (ExtendedJson.ToString(filter, relaxed: true), ExtendedJson.ToString(options, relaxed: true)));
    }

    [Fact]
    public void Of_chosen_keys_goes_on_as_any_other()
    {
        Assert.Equal("""{"_id":{"$in":[1,"two"]}}""", Of(CollectionKind.Collection, ScanRange.Whole, picked: [One, Two]).Filter);
        Assert.Equal("""{"_id":{"$in":[1,"two"]},"$expr":{"$and":[{"$gte":["$_id",{"$literal":1}]}]}}""",
            Of(CollectionKind.View, ScanRange.Whole, after: One, picked: [One, Two]).Filter);
    }
}
