using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Etl.Documents;

namespace Etl.Validation;

/// <summary>A bound of a number; other types pass, the type rule speaks of them.</summary>
internal sealed class BoundRule(string name, string demand, decimal bound, Func<int, bool> allows) : Rule(name, demand)
{
    readonly double boundAsDouble = (double)bound;

    /// <summary>How the double next to the bound compares with it; a double counts as its shortest decimal, so that 0.1 is 0.1.</summary>
    readonly int tie = Compare(Decimal128.Parse(((double)bound).ToString("R", CultureInfo.InvariantCulture)), bound);

    public override bool Allows(BsonType type, ReadOnlySpan<byte> value)
    {
        switch (type)
        {
            case BsonType.Int32:
                return allows(((decimal)BinaryPrimitives.ReadInt32LittleEndian(value)).CompareTo(bound));
            case BsonType.Int64:
                return allows(((decimal)BinaryPrimitives.ReadInt64LittleEndian(value)).CompareTo(bound));
            case BsonType.Double:
                double number = BinaryPrimitives.ReadDoubleLittleEndian(value);
                return !double.IsNaN(number) && allows(number == boundAsDouble ? tie : number.CompareTo(boundAsDouble));
            case BsonType.Decimal128:
                var exact = new Decimal128(value);
                if (exact.IsNaN)
                    return false;
                if (exact.IsInfinity)
                    return allows(exact.IsNegative ? -1 : 1);
                return allows(Compare(exact, bound));
            default:
                return true;
        }
    }

    /// <summary>Exact, also where the value has more digits than System.Decimal: 130.00…01 is more than 130.</summary>
    static int Compare(Decimal128 value, decimal bound)
    {
        int sign = value.Coefficient == 0 ? 0 : value.IsNegative ? -1 : 1;
        if (sign != Math.Sign(bound) || sign == 0)
            return sign.CompareTo(Math.Sign(bound));
        Decimal128 other = bound;
        int exponent = Math.Min(value.Exponent, other.Exponent);
        const int beyond = 100; // exponents so far apart decide alone: neither has more than 34 digits
        if (Math.Abs(value.Exponent - other.Exponent) > beyond)
            return value.Exponent > other.Exponent ? sign : -sign;
        var left = (BigInteger)value.Coefficient * BigInteger.Pow(10, value.Exponent - exponent);
        return sign * left.CompareTo((BigInteger)other.Coefficient * BigInteger.Pow(10, other.Exponent - exponent));
    }
}

/// <summary>A whole multiple of a number. A double counts as its shortest decimal, as its column does: 0.3 is a multiple of 0.1.</summary>
internal sealed class MultipleOfRule(decimal factor) : Rule(RuleNames.MultipleOf, $"be a multiple of {factor.ToString(CultureInfo.InvariantCulture)}")
{
    public override bool Allows(BsonType type, ReadOnlySpan<byte> value)
    {
        switch (type)
        {
            case BsonType.Int32:
                return BinaryPrimitives.ReadInt32LittleEndian(value) % factor == 0;
            case BsonType.Int64:
                return BinaryPrimitives.ReadInt64LittleEndian(value) % factor == 0;
            case BsonType.Double:
                return IsMultiple(BinaryPrimitives.ReadDoubleLittleEndian(value));
            case BsonType.Decimal128:
                return IsMultiple(new Decimal128(value));
            default:
                return true;
        }
    }

    bool IsMultiple(double number)
    {
        if (number == 0 || !double.IsFinite(number))
            return number == 0;
        const double least = 1e-10, most = 1e15; // where System.Decimal holds every digit of a double's shortest form
        Span<byte> text = stackalloc byte[32];
        if (Math.Abs(number) is < least or > most || !number.TryFormat(text, out int length, "R", CultureInfo.InvariantCulture))
            return IsMultiple(Decimal128.Parse(number.ToString("R", CultureInfo.InvariantCulture)));
        return decimal.Parse(text[..length], NumberStyles.Float, CultureInfo.InvariantCulture) % factor == 0;
    }

    bool IsMultiple(Decimal128 number)
    {
        if (!number.IsFinite)
            return false;
        Decimal128 divisor = factor;
        int exponent = Math.Min(number.Exponent, divisor.Exponent);
        var scaled = (BigInteger)divisor.Coefficient * BigInteger.Pow(10, divisor.Exponent - exponent);
        return (BigInteger)number.Coefficient * BigInteger.ModPow(10, number.Exponent - exponent, scaled) % scaled == 0;
    }
}
