using System.Buffers.Binary;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Queries;

/// <summary>What a query asks of one value; the type is EndOfDocument where there is none.</summary>
abstract class ValueTest
{
    /// <summary>Whether it looks into an array at the end of the path, at each of its elements.</summary>
    public virtual bool OpensArrays => true;

    public abstract bool Matches(BsonType type, ReadOnlySpan<byte> value);
}

sealed class ExistsTest : ValueTest
{
    public override bool Matches(BsonType type, ReadOnlySpan<byte> value) => type != BsonType.EndOfDocument;
}

enum Comparison
{
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// <summary>
/// $eq $lt $lte $gt $gte. Only values of the same class of type compare (type bracketing), with mongod's exceptions:
/// null equals undefined and nothing; everything lies between MinKey and MaxKey; NaN equals NaN alone and is neither below nor above a number.
/// </summary>
sealed class ComparisonTest(Comparison comparison, BsonValue constant) : ValueTest
{
    const int NullAndNothing = 5; // the classes of null (5) and of nothing or undefined (0), added

    readonly BsonType constantType = constant.Type;
    readonly byte[] constantBytes = constant.Span.ToArray();
    readonly bool constantIsNaN = IsNaN(constant.Type, constant.Span);

    public Comparison Comparison => comparison;
    public BsonValue Constant => new(constantType, constantBytes);

    public override bool Matches(BsonType type, ReadOnlySpan<byte> value)
    {
        int @class = type.Class(), other = constantType.Class();
        if (@class != other)
        {
            if (@class + other == NullAndNothing && @class >= 0 && other >= 0)
                return comparison is Comparison.Equal or Comparison.LessOrEqual or Comparison.GreaterOrEqual;
            return comparison switch
            {
                Comparison.Less or Comparison.LessOrEqual => constantType == BsonType.MaxKey,
                Comparison.Greater or Comparison.GreaterOrEqual => constantType == BsonType.MinKey,
                _ => false,
            };
        }
        if (constantIsNaN || IsNaN(type, value))
            return constantIsNaN && IsNaN(type, value) && comparison is not (Comparison.Less or Comparison.Greater);
        int order = BsonOrder.Compare(type, value, constantType, constantBytes);
        return comparison switch
        {
            Comparison.Equal => order == 0,
            Comparison.Less => order < 0,
            Comparison.LessOrEqual => order <= 0,
            Comparison.Greater => order > 0,
            _ => order >= 0,
        };
    }

    static bool IsNaN(BsonType type, ReadOnlySpan<byte> value) => type switch
    {
        BsonType.Double => double.IsNaN(BinaryPrimitives.ReadDoubleLittleEndian(value)),
        BsonType.Decimal128 => new Decimal128(value).IsNaN,
        _ => false,
    };
}

/// <summary>$in: equal to one of many, found by halving, or matched by a regular expression.</summary>
sealed class InTest : ValueTest
{
    readonly BsonValue[] sorted;
    readonly RegexTest[] patterns;
    readonly bool hasNull;

    public InTest(IEnumerable<BsonValue> values, IEnumerable<RegexTest> patterns)
    {
        this.patterns = [.. patterns];
        sorted = [.. values];
        Array.Sort(sorted, static (a, b) => BsonOrder.Compare(a, b));
        hasNull = sorted.Any(v => v.Type == BsonType.Null);
    }

    public bool HasPatterns => patterns.Length > 0;

    /// <summary>In BSON order.</summary>
    public IReadOnlyList<BsonValue> Values => sorted;

    public override bool Matches(BsonType type, ReadOnlySpan<byte> value)
    {
        if (type is BsonType.EndOfDocument or BsonType.Undefined && hasNull)
            return true;
        if (type == BsonType.EndOfDocument)
            return false;
        int from = 0, to = sorted.Length;
        while (from < to)
        {
            int middle = (from + to) / 2;
            int order = BsonOrder.Compare(type, value, sorted[middle].Type, sorted[middle].Span);
            if (order == 0)
                return true;
            if (order < 0)
                to = middle;
            else
                from = middle + 1;
        }
        foreach (var pattern in patterns)
            if (pattern.Matches(type, value))
                return true;
        return false;
    }
}
