using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Storage;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Queries;

/// <summary>How to walk a collection for a query: over the _id index where filter, sort, hint or bounds allow it, else in insertion order.</summary>
sealed record FindPlan(Filter Filter)
{
    public SortOrder Sort { get; init; } = new();
    public BsonValue Hint { get; init; }
    public ReadOnlyMemory<byte>? Min { get; init; }
    public ReadOnlyMemory<byte>? Max { get; init; }
    public long Skip { get; init; }

    /// <summary>0 for no limit.</summary>
    public long Limit { get; init; }

    /// <summary>Call with the collection locked; the scan may then be used in several holds of the lock.</summary>
    /// <param name="limit">Checked while the scan goes, however little of it the filter lets through.</param>
    /// <exception cref="CommandException">A hint or bounds that fit no index.</exception>
    public Scan Open(Collection collection, TimeLimit? limit = null)
    {
        var hinted = CheckHint(collection, out int? naturalHint);
        bool idHinted = hinted?.Name == IndexSpec.IdName;
        var range = Bounded(idHinted);
        int? natural = Sort.Natural ?? naturalHint;
        Scan scan;
        bool sorted = Sort.IsNone || Sort.Natural != null;
        if (Sort.ById is { } direction)
            (scan, sorted) = (Walk(collection, range, direction > 0), true);
        else if (natural is { } n)
            scan = new NaturalScan(collection, n > 0);
        else if (hinted != null && !idHinted)
            (scan, sorted) = (ByIndex(collection, hinted, sort: Sort.IsNone), Sort.IsNone);
        else if (idHinted || !range.IsWhole)
            scan = Walk(collection, range, true);
        else if (collection.TryFindUnique(Filter, out byte[]? only))
            scan = new ListScan(only == null ? [] : [only]);
        else
            scan = new NaturalScan(collection);
        if (limit is { IsNone: false })
            scan = new TimedScan(scan, limit);
        if (Filter is not AllOf { Parts.Count: 0 })
            scan = new FilteredScan(scan, Filter);
        if (!sorted)
            scan = new ListScan(Sort.Sort(All(scan)));
        return Skip > 0 || Limit > 0 ? new LimitedScan(scan, Skip, Limit > 0 ? Limit : long.MaxValue) : scan;
    }

    /// <summary>What mongod finds in the index it is told to use, in the order of that index.</summary>
    static ListScan ByIndex(Collection collection, IndexSpec hinted, bool sort)
    {
        var index = collection.Secondary(hinted.Name)!;
        var held = All(new NaturalScan(collection)).Where(index.Has);
        return new ListScan(sort ? SortOrder.Of(hinted.Key).Sort(held) : [.. held]);
    }

    static Scan Walk(Collection collection, IdRange range, bool forward) => range.Points != null
        ? new PointScan(collection, [.. range.Points.Where(p => range.Reaches(p.Type, p.Span) && range.ReachesDown(p.Type, p.Span))], forward)
        : new IdScan(collection, range, forward);

    public static IEnumerable<byte[]> All(Scan scan)
    {
        while (scan.Next() is { } document)
            yield return document;
    }

    /// <returns>The index that the hint names; null where there is no hint, or one to use none.</returns>
    IndexSpec? CheckHint(Collection collection, out int? natural)
    {
        natural = null;
        if (Hint.IsMissing || Hint.Type == BsonType.Document && Hint.Bytes.Length == BsonReader.SmallestDocument)
            return null;
        if (Hint.Type == BsonType.Document)
        {
            var reader = new BsonReader(Hint.Span);
            reader.Read();
            if (reader.Name == "$natural")
            {
                natural = (int?)BsonValue.CopyOf(reader).WholeNumber ?? 1;
                return null;
            }
        }
        return collection.Indexes.FirstOrDefault(i => Hint.Type == BsonType.String ? i.Name == Hint.Text : Hint.Type == BsonType.Document && i.SameKey(Hint.Span))
            ?? throw new CommandException(ErrorCode.BadValue, $"error processing query: ns={collection.Namespace}: hint provided does not correspond to an existing index");
    }

    IdRange Bounded(bool idHinted)
    {
        var range = IdRange.Of(Filter);
        if (Min == null && Max == null)
            return range;
        if (Hint.IsMissing)
            throw new CommandException(ErrorCode.MinMaxNeedsHint, "When using min()/max() a hint of which index to use must be provided");
        if (!idHinted)
            throw new CommandException(ErrorCode.BadValue, "this emulator knows min and max on the index {_id: 1} only");
        var (lower, upper) = (Bound(Min), Bound(Max));
        if (!lower.IsMissing && !upper.IsMissing && BsonOrder.Compare(lower, upper) >= 0)
            throw new CommandException(ErrorCode.MinNotBelowMax, "The value provided for min() does not come before the value provided for max() in the hinted index");
        if (!lower.IsMissing)
            range = range.From(lower, inclusive: true);
        return upper.IsMissing ? range : range.To(upper, inclusive: false);
    }

    static BsonValue Bound(ReadOnlyMemory<byte>? bound)
    {
        if (bound is not { } document)
            return BsonValue.Missing;
        var reader = new BsonReader(document.Span);
        if (!reader.Read() || reader.Name != "_id")
            throw new CommandException(ErrorCode.MinMaxKeyMismatch, "The index chosen is not compatible with min/max");
        var value = BsonValue.CopyOf(reader);
        return reader.Read()
            ? throw new CommandException(ErrorCode.MinMaxKeyMismatch, "The index chosen is not compatible with min/max")
            : value;
    }
}
