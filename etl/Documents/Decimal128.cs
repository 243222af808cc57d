using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace Etl.Documents;

/// <summary>An IEEE 754-2008 decimal of 128 bits in BSON's binary integer encoding: 34 digits, exponent −6176 … 6111.</summary>
public readonly record struct Decimal128
{
    const int Bias = 6176;
    public const int MaxDigits = 34, MinExponent = -6176, MaxExponent = 6111;
    static readonly UInt128 LargestCoefficient = UInt128.Parse("9999999999999999999999999999999999", CultureInfo.InvariantCulture);

    readonly ulong low, high;

    /// <param name="bytes">Sixteen bytes, little-endian.</param>
    public Decimal128(ReadOnlySpan<byte> bytes)
    {
        low = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        high = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
    }

    Decimal128(ulong low, ulong high) => (this.low, this.high) = (low, high);

    /// <exception cref="OverflowException">More than 34 digits, or an exponent out of range.</exception>
    public Decimal128(bool negative, UInt128 coefficient, int exponent)
    {
        if (coefficient > LargestCoefficient || exponent is < MinExponent or > MaxExponent)
            throw new OverflowException($"{coefficient}E{exponent} does not fit a Decimal128 ({MaxDigits} digits, exponent {MinExponent} to {MaxExponent}).");
        low = (ulong)coefficient;
        high = (ulong)(coefficient >> 64) | (ulong)(exponent + Bias) << 49 | (negative ? 1ul << 63 : 0);
    }

    public static readonly Decimal128 NaN = new(0, 0x7C00ul << 48);
    public static readonly Decimal128 PositiveInfinity = new(0, 0x7800ul << 48);
    public static readonly Decimal128 NegativeInfinity = new(0, 0xF800ul << 48);

    public bool IsNegative => high >> 63 == 1;
    public bool IsNaN => (high >> 58 & 0x1F) == 0x1F;
    public bool IsInfinity => (high >> 58 & 0x1F) == 0x1E;
    public bool IsFinite => (high >> 59 & 0xF) != 0xF;

    /// <summary>Coefficient of a finite value; a coefficient that is not canonical counts as 0, as the standard says.</summary>
    public UInt128 Coefficient
    {
        get
        {
            if ((high >> 61 & 3) == 3) // the large form: its coefficients are all over 34 digits
                return 0;
            var coefficient = new UInt128(high & 0x1_FFFF_FFFF_FFFF, low);
            return coefficient > LargestCoefficient ? 0 : coefficient;
        }
    }

    /// <summary>Power of ten of a finite value.</summary>
    public int Exponent => (int)((high >> 61 & 3) == 3 ? high >> 47 & 0x3FFF : high >> 49 & 0x3FFF) - Bias;

    public void CopyTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, low);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], high);
    }

    public static implicit operator Decimal128(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var coefficient = new UInt128((uint)bits[2], (ulong)(uint)bits[1] << 32 | (uint)bits[0]);
        return new Decimal128(bits[3] < 0, coefficient, -(bits[3] >> 16 & 0xFF));
    }

    /// <summary>Reads what <see cref="ToString"/> writes: digits with an optional point and exponent, NaN, Infinity.</summary>
    /// <exception cref="FormatException">Not a number.</exception>
    /// <exception cref="OverflowException">A number that does not fit exactly.</exception>
    public static Decimal128 Parse(ReadOnlySpan<char> text)
    {
        bool negative = text.StartsWith("-");
        var rest = negative || text.StartsWith("+") ? text[1..] : text;
        if (rest.Equals("NaN", StringComparison.OrdinalIgnoreCase))
            return NaN;
        if (rest.Equals("Infinity", StringComparison.OrdinalIgnoreCase) || rest.Equals("Inf", StringComparison.OrdinalIgnoreCase))
            return negative ? NegativeInfinity : PositiveInfinity;
        int e = rest.IndexOfAny('e', 'E');
        int exponent = 0;
        if (e >= 0 && !int.TryParse(rest[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
            throw new FormatException($"'{text}' is not a number.");
        var digits = e >= 0 ? rest[..e] : rest;
        int point = digits.IndexOf('.');
        string joined = point < 0 ? digits.ToString() : string.Concat(digits[..point], digits[(point + 1)..]);
        if (joined.Length == 0 || joined.AsSpan().ContainsAnyExceptInRange('0', '9'))
            throw new FormatException($"'{text}' is not a number.");
        long power = (long)exponent - (point < 0 ? 0 : digits.Length - point - 1);
        var value = BigInteger.Parse(joined, CultureInfo.InvariantCulture);
        var largest = (BigInteger)LargestCoefficient;
        while ((value > largest || power < MinExponent) && !value.IsZero && value % 10 == 0)
            (value, power) = (value / 10, power + 1);
        while (power > MaxExponent && value * 10 <= largest && !value.IsZero)
            (value, power) = (value * 10, power - 1);
        if (value.IsZero)
            power = Math.Clamp(power, MinExponent, MaxExponent);
        if (value > largest || power is < MinExponent or > MaxExponent)
            throw new OverflowException($"'{text}' does not fit a Decimal128 exactly.");
        return new Decimal128(negative, (UInt128)value, (int)power);
    }

    /// <summary>The form of the BSON Decimal128 specification: scientific where the exponent is positive or very small.</summary>
    public override string ToString()
    {
        if (IsNaN)
            return "NaN";
        string sign = IsNegative ? "-" : "";
        if (IsInfinity)
            return sign + "Infinity";
        string digits = Coefficient.ToString(CultureInfo.InvariantCulture);
        int exponent = Exponent;
        int adjusted = exponent + digits.Length - 1;
        if (exponent > 0 || adjusted < -6)
        {
            string fraction = digits.Length == 1 ? "" : "." + digits[1..];
            return string.Create(CultureInfo.InvariantCulture, $"{sign}{digits[0]}{fraction}E{(adjusted < 0 ? "" : "+")}{adjusted}");
        }
        if (exponent == 0)
            return sign + digits;
        int whole = digits.Length + exponent;
        return whole > 0
            ? $"{sign}{digits[..whole]}.{digits[whole..]}"
            : $"{sign}0.{new string('0', -whole)}{digits}";
    }
}
