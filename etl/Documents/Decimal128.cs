using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

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
        return Number(rest, negative);
    }

    /// <summary>Reads a number as JSON writes it, from its UTF-8.</summary>
    /// <exception cref="FormatException">Not a number.</exception>
    /// <exception cref="OverflowException">A number that does not fit exactly.</exception>
    public static Decimal128 Parse(ReadOnlySpan<byte> utf8) => utf8 is [(byte)'-', ..] ? Number(utf8[1..], negative: true) : Number(utf8, negative: false);

    /// <summary>
    /// One pass, nothing allocated. Zeros are appended when a digit follows, so that a million of them at the end cost a million steps
    /// and no million multiplications.
    /// </summary>
    static Decimal128 Number<T>(ReadOnlySpan<T> text, bool negative) where T : unmanaged, IBinaryInteger<T>
    {
        var coefficient = UInt128.Zero;
        long digits = 0, zeros = 0, power = 0; // of the coefficient; behind it; of ten
        bool any = false, point = false, large = false;
        int at = 0;
        for (; at < text.Length; at++)
        {
            uint c = uint.CreateTruncating(text[at]);
            if (c - '0' <= 9)
            {
                any = true;
                power -= point ? 1 : 0;
                if (c == '0')
                    zeros += digits > 0 ? 1 : 0;
                else if (large |= digits + zeros >= MaxDigits)
                    zeros = 0;
                else
                {
                    coefficient = coefficient * PowerOfTen((int)zeros + 1) + (c - '0');
                    digits += zeros + 1;
                    zeros = 0;
                }
            }
            else if (c == '.' && !point)
                point = true;
            else
                break;
        }
        if (!any)
            throw NotANumber(text);
        if (at < text.Length)
            power += uint.CreateTruncating(text[at]) is 'e' or 'E' ? Exponential(text[(at + 1)..], text) : throw NotANumber(text);
        if (digits == 0)
            return new Decimal128(negative, 0, (int)Math.Clamp(power, MinExponent, MaxExponent));
        long dropped = Math.Min(zeros, Math.Max(digits + zeros - MaxDigits, MinExponent - power));
        if (dropped > 0)
            (zeros, power) = (zeros - dropped, power + dropped);
        else if (power > MaxExponent && digits + zeros + (power - MaxExponent) <= MaxDigits)
            (zeros, power) = (zeros + power - MaxExponent, MaxExponent);
        if (large || digits + zeros > MaxDigits || power is < MinExponent or > MaxExponent)
            throw new OverflowException($"'{Shown(text)}' does not fit a Decimal128 exactly.");
        return new Decimal128(negative, coefficient * PowerOfTen((int)zeros), (int)power);
    }

    static UInt128 PowerOfTen(int exponent)
    {
        var power = UInt128.One;
        for (; exponent > 0; exponent--)
            power *= 10;
        return power;
    }

    /// <summary>An exponent too large for any number is as good as one that is only just too large.</summary>
    static long Exponential<T>(ReadOnlySpan<T> exponent, ReadOnlySpan<T> text) where T : unmanaged, IBinaryInteger<T>
    {
        bool signed = exponent.Length > 0 && uint.CreateTruncating(exponent[0]) is '-' or '+';
        bool negative = signed && uint.CreateTruncating(exponent[0]) == '-';
        var digits = signed ? exponent[1..] : exponent;
        long size = 0;
        foreach (var digit in digits)
            size = uint.CreateTruncating(digit) - '0' is <= 9 and var value ? Math.Min(size * 10 + value, uint.MaxValue) : throw NotANumber(text);
        return digits.Length == 0 ? throw NotANumber(text) : negative ? -size : size;
    }

    static FormatException NotANumber<T>(ReadOnlySpan<T> text) where T : unmanaged, IBinaryInteger<T> => new($"'{Shown(text)}' is not a number.");

    static string Shown<T>(ReadOnlySpan<T> text) where T : unmanaged, IBinaryInteger<T>
    {
        var shown = new StringBuilder();
        foreach (var c in text)
            shown.Append((char)uint.CreateTruncating(c));
        return shown.ToString();
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
