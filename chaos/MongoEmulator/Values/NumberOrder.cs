using System.Buffers.Binary;
using System.Numerics;
using Etl.Documents;

namespace Chaos.MongoEmulator.Values;

/// <summary>Compares numbers of any two types exactly, without rounding either. NaN equals NaN and comes before all others; −0 equals 0.</summary>
static class NumberOrder
{
    public static int Compare(BsonType aType, ReadOnlySpan<byte> a, BsonType bType, ReadOnlySpan<byte> b)
    {
        if (aType == BsonType.Decimal128 || bType == BsonType.Decimal128)
            return CompareExact(aType, a, bType, b);
        bool aDouble = aType == BsonType.Double, bDouble = bType == BsonType.Double;
        if (aDouble && bDouble)
            return BinaryPrimitives.ReadDoubleLittleEndian(a).CompareTo(BinaryPrimitives.ReadDoubleLittleEndian(b));
        if (aDouble)
            return -Compare(Whole(bType, b), BinaryPrimitives.ReadDoubleLittleEndian(a));
        return bDouble
            ? Compare(Whole(aType, a), BinaryPrimitives.ReadDoubleLittleEndian(b))
            : Whole(aType, a).CompareTo(Whole(bType, b));
    }

    static long Whole(BsonType type, ReadOnlySpan<byte> value) => type == BsonType.Int32
        ? BinaryPrimitives.ReadInt32LittleEndian(value)
        : BinaryPrimitives.ReadInt64LittleEndian(value);

    static int Compare(long a, double b)
    {
        const double TwoTo63 = 9223372036854775808.0;
        if (double.IsNaN(b) || b < -TwoTo63)
            return 1;
        if (b >= TwoTo63)
            return -1;
        long whole = (long)b; // toward zero
        int order = a.CompareTo(whole);
        return order != 0 ? order : -(b - whole).CompareTo(0.0);
    }

    static int CompareExact(BsonType aType, ReadOnlySpan<byte> a, BsonType bType, ReadOnlySpan<byte> b)
    {
        var x = Fraction.Of(aType, a);
        var y = Fraction.Of(bType, b);
        if (x.Rank != y.Rank)
            return x.Rank.CompareTo(y.Rank);
        if (x.Rank != Fraction.Finite)
            return 0;
        int sign = x.Sign.CompareTo(y.Sign);
        if (sign != 0 || x.Sign == 0)
            return sign;
        int magnitude = x.Log10.CompareTo(y.Log10); // decides where one is far greater, before powers of ten are made
        if (Math.Abs(x.Log10 - y.Log10) > 2)
            return magnitude * x.Sign;
        return (x.Numerator * y.Denominator).CompareTo(y.Numerator * x.Denominator);
    }

    /// <summary>Numerator × 10^tens × 2^twos, or one of NaN, −∞, +∞.</summary>
    readonly record struct Fraction(int Rank, BigInteger Digits, int Tens, int Twos)
    {
        public const int Finite = 2;

        public int Sign => Digits.Sign;
        public double Log10 => BigInteger.Log10(BigInteger.Abs(Digits)) + Tens + Twos * 0.30102999566398120;
        public BigInteger Numerator => Digits * BigInteger.Pow(10, Math.Max(Tens, 0)) << Math.Max(Twos, 0);
        public BigInteger Denominator => BigInteger.Pow(10, Math.Max(-Tens, 0)) << Math.Max(-Twos, 0);

        public static Fraction Of(BsonType type, ReadOnlySpan<byte> value)
        {
            if (type == BsonType.Decimal128)
            {
                var d = new Decimal128(value);
                return d.IsNaN ? new(0, default, 0, 0)
                    : d.IsInfinity ? new(d.IsNegative ? 1 : 3, default, 0, 0)
                    : new(Finite, d.IsNegative ? -(BigInteger)d.Coefficient : d.Coefficient, d.Exponent, 0);
            }
            if (type != BsonType.Double)
                return new(Finite, Whole(type, value), 0, 0);
            double v = BinaryPrimitives.ReadDoubleLittleEndian(value);
            if (!double.IsFinite(v))
                return new(double.IsNaN(v) ? 0 : v < 0 ? 1 : 3, default, 0, 0);
            long bits = BitConverter.DoubleToInt64Bits(v);
            int exponent = (int)(bits >> 52 & 0x7FF);
            long mantissa = bits & 0xF_FFFF_FFFF_FFFF | (exponent == 0 ? 0 : 1L << 52);
            return new(Finite, v < 0 ? -mantissa : mantissa, 0, Math.Max(exponent, 1) - 1075);
        }
    }
}
