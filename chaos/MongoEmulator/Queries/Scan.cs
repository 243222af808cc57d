using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Storage;
using Chaos.MongoEmulator.Values;

namespace Chaos.MongoEmulator.Queries;

/// <summary>Gives documents one by one. Between two calls the lock may be let go and the collection changed: a scan then goes on after the last document it gave.</summary>
abstract class Scan
{
    /// <returns>Null at the end.</returns>
    public abstract byte[]? Next();
}

/// <summary>Insertion order, or its reverse.</summary>
sealed class NaturalScan(Collection collection, bool forward = true) : Scan
{
    long record = forward ? 0 : collection.Records.End;

    public override byte[]? Next() => forward ? collection.Records.Next(ref record) : collection.Records.Previous(ref record);
}

/// <summary>A stretch of the _id index, up or down.</summary>
sealed class IdScan(Collection collection, IdRange range, bool forward = true) : Scan
{
    (int Leaf, int Slot) position;
    long version = -1;
    byte[]? last;

    public override byte[]? Next()
    {
        var index = collection.Ids;
        if (version != index.Version)
        {
            position = Start(index);
            version = index.Version;
        }
        if (!(forward ? index.TryNext(ref position, out var entry) : index.TryPrevious(ref position, out entry)))
            return null;
        if (forward ? !range.Upper.IsMissing : !range.Lower.IsMissing)
        {
            var id = IdKey.Of(entry.Document, out var type);
            if (!(forward ? range.Reaches(type, id) : range.ReachesDown(type, id)))
                return null;
        }
        return last = entry.Document;
    }

    (int Leaf, int Slot) Start(IdIndex index)
    {
        if (last != null)
            return index.Seek(IdKey.ValueOf(last), inclusive: !forward);
        if (forward)
            return range.Lower.IsMissing ? (0, 0) : index.Seek(range.Lower, range.LowerInclusive);
        return range.Upper.IsMissing ? index.End : index.Seek(range.Upper, !range.UpperInclusive);
    }
}

/// <summary>Single ids, each looked up.</summary>
sealed class PointScan(Collection collection, IReadOnlyList<BsonValue> points, bool forward = true) : Scan
{
    int at;

    public override byte[]? Next()
    {
        while (at < points.Count)
        {
            var point = points[forward ? at : points.Count - 1 - at];
            bool repeated = at > 0 && BsonOrder.Compare(point, points[forward ? at - 1 : points.Count - at]) == 0;
            at++;
            if (!repeated && collection.Ids.TryFind(point.Type, point.Span, out var entry))
                return entry.Document;
        }
        return null;
    }
}

/// <summary>Documents already gathered: sorted, aggregated, or listed.</summary>
sealed class ListScan(IReadOnlyList<byte[]> documents) : Scan
{
    int at;

    public override byte[]? Next() => at < documents.Count ? documents[at++] : null;
}

/// <summary>Only what a filter matches.</summary>
sealed class FilteredScan(Scan source, Filter filter) : Scan
{
    public override byte[]? Next()
    {
        while (source.Next() is { } document)
            if (filter.Matches(document))
                return document;
        return null;
    }
}

/// <summary>Leaves out the first, and ends after so many.</summary>
sealed class LimitedScan(Scan source, long skip, long limit) : Scan
{
    long toSkip = skip, left = limit;

    public override byte[]? Next()
    {
        if (left == 0)
            return null;
        for (; toSkip > 0; toSkip--)
            if (source.Next() == null)
                return null;
        left--;
        return source.Next();
    }
}

/// <summary>Ends with MaxTimeMSExpired when the time allowed is over.</summary>
sealed class TimedScan(Scan source, TimeLimit limit) : Scan
{
    const int Between = 128;

    int untilCheck;

    public override byte[]? Next()
    {
        if (untilCheck-- == 0)
        {
            limit.Check();
            untilCheck = Between;
        }
        return source.Next();
    }
}
