using System.Buffers.Binary;
using Etl.Contracts;
using Etl.Documents;

namespace Etl.Flattening;

/// <summary>One BSON value into PostgreSQL's binary form, exactly or not at all (promise I6; docs/types.md).</summary>
public static class ValueEncoder
{
    /// <summary>1970-01-01 to 2000-01-01, where PostgreSQL counts from.</summary>
    const long EpochMilliseconds = 946_684_800_000;

    /// <summary>PostgreSQL's timestamps: 4714-11-24 BC up to, not including, 294277-01-01 (datatype/timestamp.h), in its own milliseconds.</summary>
    const long FirstMillisecond = -211_813_488_000_000, EndMillisecond = 9_223_371_331_200_000;

    /// <summary>The same in PostgreSQL's own microseconds, from 2000 on.</summary>
    internal const long FirstMicrosecond = FirstMillisecond * 1_000, EndMicrosecond = EndMillisecond * 1_000;

    const long LargestExactInDouble = 1L << 53;

    /// <summary>A described value into its column: one value, or an array of them; otherwise as below.</summary>
    public static Fit Write(BsonType type, ReadOnlySpan<byte> value, Field field, FieldBuffer output)
    {
        if (field.IsArray)
            return WriteArray(value, field.ColumnType, output, field.LegacyUuid);
        if (field.LegacyUuid != LegacyUuid.None)
            return WriteUuid(type, value, field.LegacyUuid, output);
        if (field.IsPlainJson)
            return JsonbEncoder.Write(type, value, output, isPlain: true);
        if (field.Time is not { } form)
            return Write(type, value, field.ColumnType, output);
        var fit = TimeReader.TryRead(form, type, value, out long microseconds);
        if (fit == Fit.Fits)
            output.Int64(microseconds);
        return fit;
    }

    /// <summary>Appends the bytes of the value, without a length; on any result but <see cref="Fit.Fits"/> the output is to be truncated.</summary>
    public static Fit Write(BsonType type, ReadOnlySpan<byte> value, ColumnType column, FieldBuffer output)
    {
        switch (column)
        {
            case ColumnType.Text:
                return WriteText(type, value, output);
            case ColumnType.Boolean:
                if (type != BsonType.Boolean || value[0] > 1)
                    return Fit.WrongType;
                output.Byte(value[0]);
                return Fit.Fits;
            case ColumnType.Integer:
                {
                    var fit = WholeNumber(type, value, out long number);
                    if (fit != Fit.Fits)
                        return fit;
                    if (number is < int.MinValue or > int.MaxValue)
                        return Fit.OutOfRange;
                    output.Int32((int)number);
                    return Fit.Fits;
                }
            case ColumnType.BigInt:
                {
                    var fit = WholeNumber(type, value, out long number);
                    if (fit == Fit.Fits)
                        output.Int64(number);
                    return fit;
                }
            case ColumnType.Double:
                {
                    var fit = ExactDouble(type, value, out double number);
                    if (fit == Fit.Fits)
                        output.Int64(BitConverter.DoubleToInt64Bits(number));
                    return fit;
                }
            case ColumnType.Numeric:
                return WriteNumeric(type, value, output);
            case ColumnType.Timestamp:
                {
                    if (type != BsonType.DateTime)
                        return Fit.WrongType;
                    long milliseconds = BinaryPrimitives.ReadInt64LittleEndian(value);
                    if (milliseconds is < FirstMillisecond + EpochMilliseconds or >= EndMillisecond + EpochMilliseconds)
                        return Fit.OutOfRange;
                    output.Int64((milliseconds - EpochMilliseconds) * 1000);
                    return Fit.Fits;
                }
            case ColumnType.Uuid:
                return WriteUuid(type, value, LegacyUuid.None, output);
            case ColumnType.Bytea:
                const byte oldBinary = 2; // carries a second length
                if (type != BsonType.Binary || value[4] == oldBinary && value.Length < 9)
                    return Fit.WrongType;
                output.Write(value[4] == oldBinary ? value[9..] : value[5..]);
                return Fit.Fits;
            case ColumnType.Jsonb:
                return JsonbEncoder.Write(type, value, output);
            default:
                throw new InvalidOperationException($"No encoder for {column}.");
        }
    }

    /// <summary>An array of values as a one-dimensional PostgreSQL array; nulls stay nulls.</summary>
    public static Fit WriteArray(ReadOnlySpan<byte> array, ColumnType elements, FieldBuffer output, LegacyUuid legacy = LegacyUuid.None)
    {
        int start = output.Length;
        output.Int32(1);
        output.Int32(0);
        output.Int32((int)elements.Oid());
        output.Int32(0);
        output.Int32(1); // subscripts begin at 1
        int count = 0;
        bool hasNull = false;
        for (var items = new BsonReader(array); items.Read(); count++)
        {
            int length = output.Length;
            output.Int32(-1);
            if (items.Type is BsonType.Null or BsonType.Undefined)
            {
                hasNull = true;
                continue;
            }
            var fit = legacy == LegacyUuid.None ? Write(items.Type, items.Value, elements, output) : WriteUuid(items.Type, items.Value, legacy, output);
            if (fit != Fit.Fits)
                return fit;
            output.PatchInt32(length, output.Length - length - 4);
        }
        if (count == 0) // an empty array has no dimension
        {
            output.Truncate(start + 12);
            output.PatchInt32(start, 0);
            return Fit.Fits;
        }
        output.PatchInt32(start + 4, hasNull ? 1 : 0);
        output.PatchInt32(start + 12, count);
        return Fit.Fits;
    }

    static Fit WriteUuid(BsonType type, ReadOnlySpan<byte> value, LegacyUuid legacy, FieldBuffer output)
    {
        const byte oldUuid = 3, uuid = 4;
        if (type != BsonType.Binary || value.Length != 5 + 16 || value[4] != uuid && (value[4] != oldUuid || legacy == LegacyUuid.None))
            return Fit.WrongType;
        var bytes = output.Take(16);
        value[5..].CopyTo(bytes);
        if (value[4] == uuid)
            return Fit.Fits;
        ReadOnlySpan<int> groups = legacy switch { LegacyUuid.CSharp => [4, 2, 2], LegacyUuid.Java => [8, 8], _ => [] };
        foreach (int length in groups)
        {
            bytes[..length].Reverse();
            bytes = bytes[length..];
        }
        return Fit.Fits;
    }

    static Fit WriteText(BsonType type, ReadOnlySpan<byte> value, FieldBuffer output)
    {
        if (type == BsonType.ObjectId)
        {
            Convert.TryToHexStringLower(value, output.Take(24), out _);
            return Fit.Fits;
        }
        if (type != BsonType.String)
            return Fit.WrongType;
        var text = value[4..^1];
        if (text.Contains((byte)0))
            return Fit.ContainsNul;
        if (!BsonReader.Utf8Valid(text))
            return Fit.NotUtf8;
        output.Write(text);
        return Fit.Fits;
    }

    static Fit WriteNumeric(BsonType type, ReadOnlySpan<byte> value, FieldBuffer output)
    {
        switch (type)
        {
            case BsonType.Int32:
                NumericEncoder.Write(BinaryPrimitives.ReadInt32LittleEndian(value), output);
                return Fit.Fits;
            case BsonType.Int64:
                NumericEncoder.Write(BinaryPrimitives.ReadInt64LittleEndian(value), output);
                return Fit.Fits;
            case BsonType.Double:
                NumericEncoder.Write(BinaryPrimitives.ReadDoubleLittleEndian(value), output);
                return Fit.Fits;
            case BsonType.Decimal128:
                NumericEncoder.Write(new Decimal128(value), output);
                return Fit.Fits;
            default:
                return Fit.WrongType;
        }
    }

    internal static Fit WholeNumber(BsonType type, ReadOnlySpan<byte> value, out long number)
    {
        number = 0;
        switch (type)
        {
            case BsonType.Int32:
                number = BinaryPrimitives.ReadInt32LittleEndian(value);
                return Fit.Fits;
            case BsonType.Int64:
                number = BinaryPrimitives.ReadInt64LittleEndian(value);
                return Fit.Fits;
            case BsonType.Double:
                double d = BinaryPrimitives.ReadDoubleLittleEndian(value);
                if (!double.IsFinite(d) || d is < -9223372036854775808.0 or >= 9223372036854775808.0)
                    return Fit.OutOfRange;
                number = (long)d;
                return number == d ? Fit.Fits : Fit.Inexact;
            case BsonType.Decimal128:
                return WholeNumber(new Decimal128(value), out number);
            default:
                return Fit.WrongType;
        }
    }

    static Fit WholeNumber(Decimal128 value, out long number)
    {
        number = 0;
        if (!value.IsFinite)
            return Fit.OutOfRange;
        var coefficient = value.Coefficient;
        int exponent = value.Exponent;
        if (coefficient == 0)
            return Fit.Fits;
        for (; exponent < 0; exponent++)
        {
            if (coefficient % 10 != 0)
                return Fit.Inexact;
            coefficient /= 10;
        }
        for (; exponent > 0; exponent--)
        {
            if (coefficient > ulong.MaxValue)
                return Fit.OutOfRange;
            coefficient *= 10;
        }
        const ulong largest = long.MaxValue;
        if (coefficient > (value.IsNegative ? largest + 1 : largest))
            return Fit.OutOfRange;
        number = value.IsNegative ? (long)(0 - (ulong)coefficient) : (long)(ulong)coefficient;
        return Fit.Fits;
    }

    static Fit ExactDouble(BsonType type, ReadOnlySpan<byte> value, out double number)
    {
        number = 0;
        switch (type)
        {
            case BsonType.Double:
                number = BinaryPrimitives.ReadDoubleLittleEndian(value);
                return Fit.Fits;
            case BsonType.Int32:
                number = BinaryPrimitives.ReadInt32LittleEndian(value);
                return Fit.Fits;
            case BsonType.Int64:
                long whole = BinaryPrimitives.ReadInt64LittleEndian(value);
                number = whole;
                return whole is >= -LargestExactInDouble and <= LargestExactInDouble ? Fit.Fits : Fit.Inexact;
            case BsonType.Decimal128:
                return ExactDouble(new Decimal128(value), out number);
            default:
                return Fit.WrongType;
        }
    }

    /// <summary>A decimal fits when the double's shortest decimal is that decimal: 0.1 does, 0.1000000000000000001 does not.</summary>
    static Fit ExactDouble(Decimal128 value, out double number)
    {
        number = value.IsNaN ? double.NaN : value.IsNegative ? double.NegativeInfinity : double.PositiveInfinity;
        if (!value.IsFinite)
            return Fit.Fits;
        number = double.Parse(value.ToString(), System.Globalization.CultureInfo.InvariantCulture);
        var (back, there) = (new FieldBuffer(64), new FieldBuffer(64));
        NumericEncoder.Write(number, back);
        NumericEncoder.Write(value, there);
        const int scaleAt = 6, digitsAt = 8;
        return back.Written[..scaleAt].SequenceEqual(there.Written[..scaleAt]) && back.Written[digitsAt..].SequenceEqual(there.Written[digitsAt..])
            ? Fit.Fits : Fit.Inexact;
    }
}
