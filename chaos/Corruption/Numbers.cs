using System.Buffers.Binary;
using Etl.Contracts;
using Etl.Documents;

namespace Chaos.Corruption;

/// <summary>Numbers and dates that a bound forbids or a column cannot hold.</summary>
static class Numbers
{
    /// <summary>PostgreSQL's timestamps end before 294277-01-01 and begin on 4714-11-24 BC (datatype/timestamp.h); in milliseconds since 1970.</summary>
    const long FirstDate = -210_866_803_200_000, EndOfDates = 9_224_318_016_000_000;

    const long BeyondDouble = (1L << 53) + 1;
    const decimal LargestBound = 1e27m;
    const double LargestWithHalves = 1L << 51;

    static readonly (double About, BsonValue Value)[] Infinite =
    [
        (double.NaN, BsonValue.Of(double.NaN)), (double.PositiveInfinity, BsonValue.Of(double.PositiveInfinity)), (double.NegativeInfinity, BsonValue.Of(double.NegativeInfinity)),
        (double.NaN, BsonValue.Of(Decimal128.NaN)), (double.PositiveInfinity, BsonValue.Of(Decimal128.PositiveInfinity)), (double.NegativeInfinity, BsonValue.Of(Decimal128.NegativeInfinity)),
        (1e300, BsonValue.Of(1e300)), (-1e300, BsonValue.Of(-1e300)), (1e40, BsonValue.Of(Decimal128.Parse("1E+40"))), (-1e40, BsonValue.Of(Decimal128.Parse("-1E+40"))),
        (9223372036854775808.0, BsonValue.Of(9223372036854775808.0)), (9223372036854775808.0, BsonValue.Of(Decimal128.Parse("9223372036854775808"))),
    ];

    static readonly (double About, BsonValue Value)[] BeyondInt32 =
    [
        (2147483648.0, BsonValue.Of(2147483648L)), (-2147483649.0, BsonValue.Of(-2147483649L)), (2147483648.0, BsonValue.Of(2147483648.0)),
        (-2147483649.0, BsonValue.Of((Decimal128)(-2147483649m))), (9223372036854775807.0, BsonValue.Of(long.MaxValue)), (-9223372036854775808.0, BsonValue.Of(long.MinValue)),
    ];

    static bool IsWhole(Demands d) => d is { IsLoaded: true, IsValue: true, ColumnType: ColumnType.Integer or ColumnType.BigInt, Constraints.ValidValues: null };

    public static BsonValue? OutOfRange(Demands d, Random random)
    {
        if (!IsWhole(d))
            return null;
        var candidates = d.ColumnType == ColumnType.Integer ? Infinite.Concat(BeyondInt32) : Infinite;
        return random.PickFrom([.. candidates.Where(c => d.Accepts(c.Value.Type) && d.AllowsBounds(c.About)).Select(c => c.Value)]);
    }

    public static BsonValue? Fraction(Place place, Demands d, Random random)
    {
        if (!IsWhole(d))
            return null;
        double own = Math.Truncate(Read(place));
        double[] starts = [double.IsFinite(own) && Math.Abs(own) < LargestWithHalves ? own : 0, (double)decimal.Ceiling(d.Lowest ?? 0), (double)decimal.Floor(d.Highest ?? 0)];
        var halves = starts.SelectMany(s => new[] { s + 0.5, s - 0.5 }).Where(h => Math.Abs(h) < LargestWithHalves && d.AllowsBounds(h)).Take(1).ToList();
        return random.PickFrom([.. halves.SelectMany(h => new[] { BsonValue.Of(h), BsonValue.Of((Decimal128)(decimal)h) }).Where(v => d.Accepts(v.Type))]);
    }

    public static BsonValue? TooPrecise(Demands d, Random random)
    {
        if (d is not { IsLoaded: true, IsValue: true, ColumnType: ColumnType.Double, Constraints.ValidValues: null })
            return null;
        (double About, BsonValue Value)[] candidates =
        [
            (BeyondDouble, BsonValue.Of(BeyondDouble)), (-BeyondDouble, BsonValue.Of(-BeyondDouble)),
            (0.1, BsonValue.Of(Decimal128.Parse("0.1000000000000000000000001"))), (-0.1, BsonValue.Of(Decimal128.Parse("-0.1000000000000000000000001"))),
        ];
        return random.PickFrom([.. candidates.Where(c => d.Accepts(c.Value.Type) && d.AllowsBounds(c.About)).Select(c => c.Value)]);
    }

    public static BsonValue? DateOutOfRange(Demands d, Random random) => d is { IsLoaded: true, IsValue: true, ColumnType: ColumnType.Timestamp, Constraints.ValidValues: null }
        ? random.PickFrom([.. new[] { long.MinValue, FirstDate - 1, EndOfDates, long.MaxValue }.Where(d.AllowsBounds).Select(BsonValue.OfDate)])
        : null;

    public static BsonValue? Below(Demands d) => d.IsValue && d.Constraints.ValidValues is null
        ? d.Lowest is { } lowest && Math.Abs(lowest) < LargestBound ? Whole(d, decimal.Floor(lowest) - 1)
        : d.Constraints.Earliest is { } earliest ? Date(d, earliest.ToUnixTimeMilliseconds() - 1) : null
        : null;

    public static BsonValue? Above(Demands d) => d.IsValue && d.Constraints.ValidValues is null
        ? d.Highest is { } highest && Math.Abs(highest) < LargestBound ? Whole(d, decimal.Ceiling(highest) + 1)
        : d.Constraints.Latest is { } latest ? Date(d, latest.ToUnixTimeMilliseconds() + 1) : null
        : null;

    static BsonValue? Whole(Demands d, decimal number) => d.FitsWhole(number) ? d.Number(number) : null;

    static BsonValue? Date(Demands d, long at) => !d.IsLoaded || at is >= FirstDate and < EndOfDates ? BsonValue.OfDate(at) : null;

    static double Read(Place place) => place.Value.Length == 0 ? 0 : place.Type switch
    {
        BsonType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(place.Value.Span),
        BsonType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(place.Value.Span),
        BsonType.Double => BinaryPrimitives.ReadDoubleLittleEndian(place.Value.Span),
        _ => 0,
    };
}
