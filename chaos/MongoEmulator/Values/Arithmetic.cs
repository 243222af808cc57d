using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Etl.Documents;

namespace Chaos.MongoEmulator.Values;

/// <summary>Sums as mongod makes them: int becomes long when it must, double beats long, decimal beats double.</summary>
static class Arithmetic
{
    public static double ToDouble(BsonType type, ReadOnlySpan<byte> value) => type switch
    {
        BsonType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(value),
        BsonType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(value),
        BsonType.Double => BinaryPrimitives.ReadDoubleLittleEndian(value),
        _ => double.Parse(new Decimal128(value).ToString(), CultureInfo.InvariantCulture),
    };

    public static double ToDouble(in BsonValue value) => ToDouble(value.Type, value.Span);

    /// <summary>The whole part of a number, toward zero; null for NaN and for what no long holds.</summary>
    public static long? Truncate(BsonType type, ReadOnlySpan<byte> value)
    {
        if (type is BsonType.Int32 or BsonType.Int64)
            return BsonValue.Of(type, value).WholeNumber;
        if (type == BsonType.Double)
        {
            double whole = Math.Truncate(BinaryPrimitives.ReadDoubleLittleEndian(value));
            return whole is >= -9223372036854775808.0 and < 9223372036854775808.0 ? (long)whole : null;
        }
        var number = new Decimal128(value);
        if (!number.IsFinite || number.Coefficient != 0 && number.Exponent > 19)
            return null;
        var digits = number.Exponent >= 0 ? Signed(number) * BigInteger.Pow(10, number.Coefficient == 0 ? 0 : number.Exponent)
            : number.Exponent < -Decimal128.MaxDigits ? 0
            : Signed(number) / BigInteger.Pow(10, -number.Exponent);
        return digits >= long.MinValue && digits <= long.MaxValue ? (long)digits : null;
    }

    /// <summary>The sum of two numbers, or null where two whole numbers overflow a long.</summary>
    public static BsonValue? Add(in BsonValue a, in BsonValue b)
    {
        if (a.Type == BsonType.Decimal128 || b.Type == BsonType.Decimal128)
            return BsonValue.Of(Add(ToDecimal(a), ToDecimal(b)));
        if (a.Type == BsonType.Double || b.Type == BsonType.Double)
            return BsonValue.Of(ToDouble(a) + ToDouble(b));
        Int128 sum = (Int128)a.WholeNumber!.Value + b.WholeNumber!.Value;
        if (sum < long.MinValue || sum > long.MaxValue)
            return null;
        return a.Type == BsonType.Int32 && b.Type == BsonType.Int32 && sum >= int.MinValue && sum <= int.MaxValue
            ? BsonValue.Of((int)sum)
            : BsonValue.Of((long)sum);
    }

    /// <summary>A double becomes the decimal of its first 15 significant digits, as in mongod.</summary>
    public static Decimal128 ToDecimal(in BsonValue value)
    {
        if (value.Type == BsonType.Decimal128)
            return new Decimal128(value.Span);
        if (value.WholeNumber is { } whole && value.Type != BsonType.Double)
            return new Decimal128(whole < 0, (UInt128)Int128.Abs(whole), 0);
        double d = ToDouble(value);
        return double.IsNaN(d) ? Decimal128.NaN
            : double.IsInfinity(d) ? d < 0 ? Decimal128.NegativeInfinity : Decimal128.PositiveInfinity
            : Decimal128.Parse(d.ToString("G15", CultureInfo.InvariantCulture));
    }

    static Decimal128 Add(Decimal128 a, Decimal128 b)
    {
        if (!a.IsFinite || !b.IsFinite)
            return a.IsNaN || b.IsNaN || a.IsInfinity && b.IsInfinity && a.IsNegative != b.IsNegative ? Decimal128.NaN
                : a.IsInfinity ? a : b;
        var (high, low) = a.Exponent >= b.Exponent ? (a, b) : (b, a);
        int shift = high.Exponent - low.Exponent;
        if (shift > 4 * Decimal128.MaxDigits && high.Coefficient != 0)
            return high; // the smaller one is beyond every digit kept
        var sum = Signed(high) * BigInteger.Pow(10, high.Coefficient == 0 ? 0 : shift) + Signed(low);
        return Rounded(sum, low.Exponent);
    }

    /// <summary>a ÷ count, to 34 digits.</summary>
    public static Decimal128 Divide(Decimal128 a, long count)
    {
        if (!a.IsFinite)
            return a;
        var dividend = Signed(a);
        if (dividend % count == 0)
            return Rounded(dividend / count, a.Exponent);
        var quotient = Rounded(dividend * BigInteger.Pow(10, 40) / count, a.Exponent - 40);
        var (digits, exponent) = (quotient.Coefficient, quotient.Exponent);
        while (exponent < a.Exponent && digits != 0 && digits % 10 == 0)
            (digits, exponent) = (digits / 10, exponent + 1);
        return new Decimal128(quotient.IsNegative, digits, exponent);
    }

    static BigInteger Signed(Decimal128 value) => value.IsNegative ? -(BigInteger)value.Coefficient : value.Coefficient;

    /// <summary>To 34 digits, half to even.</summary>
    static Decimal128 Rounded(BigInteger digits, int exponent)
    {
        var magnitude = BigInteger.Abs(digits);
        int excess = magnitude.ToString(CultureInfo.InvariantCulture).Length - Decimal128.MaxDigits;
        if (excess > 0)
        {
            var unit = BigInteger.Pow(10, excess);
            var (quotient, rest) = BigInteger.DivRem(magnitude, unit);
            int half = (rest * 2).CompareTo(unit);
            magnitude = half > 0 || half == 0 && !quotient.IsEven ? quotient + 1 : quotient;
            exponent += excess;
            if (magnitude == BigInteger.Pow(10, Decimal128.MaxDigits))
                (magnitude, exponent) = (magnitude / 10, exponent + 1);
        }
        return exponent > Decimal128.MaxExponent
            ? digits.Sign < 0 ? Decimal128.NegativeInfinity : Decimal128.PositiveInfinity
            : new Decimal128(digits.Sign < 0, (UInt128)magnitude, Math.Max(exponent, Decimal128.MinExponent));
    }
}
