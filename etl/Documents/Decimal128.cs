using System.Buffers.Binary;
using System.Globalization;

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
        var mantissa = e >= 0 ? rest[..e] : rest;
        int point = mantissa.IndexOf('.');
        string digits = point < 0 ? mantissa.ToString() : string.Concat(mantissa[..point], mantissa[(point + 1)..]);
        if (digits.Length == 0 || digits.AsSpan().ContainsAnyExceptInRange('0', '9'))
            throw new FormatException($"'{text}' is not a number.");
        long power = (e >= 0 ? ParseExponent(rest[(e + 1)..], text) : 0) - (point < 0 ? 0 : mantissa.Length - point - 1);

        // On the digits, not on a number: a million of them must not take a million divisions.
        digits = digits.TrimStart('0');
        if (digits.Length == 0)
            return new Decimal128(negative, 0, (int)Math.Clamp(power, MinExponent, MaxExponent));
        int zeros = digits.Length - digits.AsSpan().TrimEnd('0').Length;
        int dropped = (int)Math.Min(zeros, Math.Max(digits.Length - MaxDigits, MinExponent - power));
        if (dropped > 0)
            (digits, power) = (digits[..^dropped], power + dropped);
        else if (power > MaxExponent && digits.Length + (power - MaxExponent) <= MaxDigits)
            (digits, power) = (digits.PadRight(digits.Length + (int)(power - MaxExponent), '0'), MaxExponent);
        if (digits.Length > MaxDigits || power is < MinExponent or > MaxExponent)
            throw new OverflowException($"'{text}' does not fit a Decimal128 exactly.");
        return new Decimal128(negative, UInt128.Parse(digits, CultureInfo.InvariantCulture), (int)power);
    }

    /// <summary>An exponent too large for any number is as good as one that is only just too large.</summary>
    static long ParseExponent(ReadOnlySpan<char> exponent, ReadOnlySpan<char> text)
    {
        var digits = exponent.StartsWith("-") || exponent.StartsWith("+") ? exponent[1..] : exponent;
        if (digits.Length == 0 || digits.ContainsAnyExceptInRange('0', '9'))
            throw new FormatException($"'{text}' is not a number.");
        long size = long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long parsed) ? Math.Min(parsed, uint.MaxValue) : uint.MaxValue;
        return exponent[0] == '-' ? -size : size;
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
