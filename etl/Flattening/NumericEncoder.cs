using System.Buffers.Text;
using System.Globalization;
using Etl.Documents;

namespace Etl.Flattening;

/// <summary>
/// PostgreSQL's binary numeric: int16 digit count, weight, sign and display scale, then base-10000 digits.
/// Written without leading or trailing zero digits, as the server itself keeps them.
/// </summary>
internal static class NumericEncoder
{
    const short Positive = 0, Negative = 0x4000;
    const ushort NaN = 0xC000, PositiveInfinity = 0xD000, NegativeInfinity = 0xF000;

    public static void Write(long value, FieldBuffer output)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(value < 0 ? (ulong)-(value + 1) + 1 : (ulong)value, digits, out int count);
        Write(value < 0, digits[..count], 0, output);
    }

    /// <summary>The shortest decimal that reads back as the same double.</summary>
    public static void Write(double value, FieldBuffer output)
    {
        if (!double.IsFinite(value))
        {
            Special(double.IsNaN(value) ? NaN : value > 0 ? PositiveInfinity : NegativeInfinity, output);
            return;
        }
        Span<byte> text = stackalloc byte[32];
        Math.Abs(value).TryFormat(text, out int length, "R", CultureInfo.InvariantCulture);
        Span<byte> digits = stackalloc byte[32];
        int count = 0, exponent = 0, fraction = 0;
        bool afterPoint = false;
        for (int i = 0; i < length; i++)
        {
            byte c = text[i];
            if (c == '.')
                afterPoint = true;
            else if (c is (byte)'E')
            {
                Utf8Parser.TryParse(text[(text[i + 1] == '+' ? i + 2 : i + 1)..length], out exponent, out _);
                break;
            }
            else
            {
                digits[count++] = c;
                fraction += afterPoint ? 1 : 0;
            }
        }
        Write(value < 0, digits[..count], exponent - fraction, output);
    }

    public static void Write(Decimal128 value, FieldBuffer output)
    {
        if (!value.IsFinite)
        {
            Special(value.IsNaN ? NaN : value.IsNegative ? NegativeInfinity : PositiveInfinity, output);
            return;
        }
        Span<byte> digits = stackalloc byte[40];
        var coefficient = value.Coefficient;
        int count;
        if (coefficient <= ulong.MaxValue)
            Utf8Formatter.TryFormat((ulong)coefficient, digits, out count); // much the faster one
        else
            coefficient.TryFormat(digits, out count, default, CultureInfo.InvariantCulture);
        Write(value.IsNegative, digits[..count], value.Exponent, output);
    }

    static void Special(ushort sign, FieldBuffer output)
    {
        output.Int16(0);
        output.Int16(0);
        output.Int16((short)sign);
        output.Int16(0);
    }

    /// <param name="digits">ASCII digits of the coefficient.</param>
    /// <param name="exponent">Power of ten that the coefficient is multiplied with.</param>
    static void Write(bool negative, ReadOnlySpan<byte> digits, int exponent, FieldBuffer output)
    {
        int scale = Math.Max(0, -exponent);
        digits = digits.TrimStart((byte)'0');
        int kept = digits.TrimEnd((byte)'0').Length;
        exponent += digits.Length - kept;
        digits = digits[..kept];
        if (digits.IsEmpty) // zero has no sign here: −0 is a declared loss
        {
            output.Int16(0);
            output.Int16(0);
            output.Int16(Positive);
            output.Int16((short)scale);
            return;
        }
        // Digits are grouped by four around the decimal point.
        int trailing = ((exponent % 4) + 4) % 4;                 // zeros to append so that the last group ends on a border
        int total = digits.Length + trailing;
        int groups = (total + 3) / 4;
        int leading = groups * 4 - total;                        // zeros to put in front
        int weight = (exponent - trailing) / 4 + groups - 1;
        output.Int16((short)groups);
        output.Int16((short)weight);
        output.Int16(negative ? Negative : Positive);
        output.Int16((short)scale);
        for (int g = 0; g < groups; g++)
        {
            int group = 0;
            for (int i = g * 4; i < g * 4 + 4; i++)
            {
                int at = i - leading;
                group = group * 10 + (at >= 0 && at < digits.Length ? digits[at] - '0' : 0);
            }
            output.Int16((short)group);
        }
    }
}
