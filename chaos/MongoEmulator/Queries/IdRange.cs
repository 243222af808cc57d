using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Queries;

/// <summary>A stretch of the _id index, in the order of all types; a missing bound is open.</summary>
sealed record IdRange
{
    public static readonly IdRange Whole = new();

    public BsonValue Lower { get; init; }
    public bool LowerInclusive { get; init; } = true;
    public BsonValue Upper { get; init; }
    public bool UpperInclusive { get; init; } = true;

    /// <summary>Single ids in order, instead of a stretch.</summary>
    public IReadOnlyList<BsonValue>? Points { get; init; }

    public bool IsWhole => Lower.IsMissing && Upper.IsMissing && Points == null;

    /// <summary>The smallest stretch this can tell that holds every document the filter matches.</summary>
    public static IdRange Of(Filter filter)
    {
        var range = Whole;
        foreach (var part in filter is AllOf all ? all.Parts : [filter])
            range = part switch
            {
                FieldFilter { Path.Text: "_id", Test: ComparisonTest test } => range.And(test),
                FieldFilter { Path.Text: "_id", Test: InTest test } when !test.HasPatterns && test.Values.All(IsPlain) => range with { Points = test.Values },
                AllOf nested => range.And(Of(nested)),
                _ => range,
            };
        return range;
    }

    /// <summary>Null matches undefined, MinKey and MaxKey reach over all types, an array cannot be an _id but may match one: those are left to the filter.</summary>
    static bool IsPlain(BsonValue value) => value.Type is not (BsonType.Null or BsonType.Undefined or BsonType.MinKey or BsonType.MaxKey or BsonType.Array);

    IdRange And(IdRange other)
    {
        var range = this;
        if (!other.Lower.IsMissing)
            range = range.From(other.Lower, other.LowerInclusive);
        if (!other.Upper.IsMissing)
            range = range.To(other.Upper, other.UpperInclusive);
        return other.Points == null ? range : range with { Points = other.Points };
    }

    IdRange And(ComparisonTest test)
    {
        var value = test.Constant;
        if (!IsPlain(value))
            return this;
        return test.Comparison switch
        {
            Comparison.Equal => From(value, true).To(value, true),
            Comparison.Greater => From(value, false),
            Comparison.GreaterOrEqual => From(value, true),
            Comparison.Less => To(value, false),
            _ => To(value, true),
        };
    }

    public IdRange From(BsonValue value, bool inclusive)
    {
        int order = Lower.IsMissing ? 1 : BsonOrder.Compare(value, Lower);
        return order > 0 || order == 0 && !inclusive ? this with { Lower = value, LowerInclusive = inclusive } : this;
    }

    public IdRange To(BsonValue value, bool inclusive)
    {
        int order = Upper.IsMissing ? -1 : BsonOrder.Compare(value, Upper);
        return order < 0 || order == 0 && !inclusive ? this with { Upper = value, UpperInclusive = inclusive } : this;
    }

    public bool Reaches(BsonType type, ReadOnlySpan<byte> id)
    {
        if (Upper.IsMissing)
            return true;
        int order = BsonOrder.Compare(type, id, Upper.Type, Upper.Span);
        return order < 0 || order == 0 && UpperInclusive;
    }

    public bool ReachesDown(BsonType type, ReadOnlySpan<byte> id)
    {
        if (Lower.IsMissing)
            return true;
        int order = BsonOrder.Compare(type, id, Lower.Type, Lower.Span);
        return order > 0 || order == 0 && LowerInclusive;
    }
}
