using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Etl.Contracts;

namespace Quality.Reconciliation;

/// <summary>PostgreSQL's binary values as PostgreSQL prints them (dates in ISO 8601, UTC).</summary>
internal static class CellText
{
    public static string Of(Column column, ReadOnlySpan<byte> value) => column.IsArray ? Array(column.Type, value) : Of(column.Type, value);

    static string Of(ColumnType type, ReadOnlySpan<byte> value) => type switch
    {
        ColumnType.Text => Encoding.UTF8.GetString(value),
        ColumnType.Boolean => value[0] != 0 ? "true" : "false",
        ColumnType.Integer => BinaryPrimitives.ReadInt32BigEndian(value).ToString(CultureInfo.InvariantCulture),
        ColumnType.BigInt => BinaryPrimitives.ReadInt64BigEndian(value).ToString(CultureInfo.InvariantCulture),
        ColumnType.Double => BinaryPrimitives.ReadDoubleBigEndian(value).ToString("R", CultureInfo.InvariantCulture),
        ColumnType.Numeric => Numeric(value),
        ColumnType.Timestamp => Timestamp(BinaryPrimitives.ReadInt64BigEndian(value)),
        ColumnType.Uuid => new Guid(value, bigEndian: true).ToString(),
        ColumnType.Bytea => "\\x" + Convert.ToHexStringLower(value),
        ColumnType.Jsonb => Encoding.UTF8.GetString(value[1..]),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    static string Numeric(ReadOnlySpan<byte> value)
    {
        int count = BinaryPrimitives.ReadInt16BigEndian(value), weight = BinaryPrimitives.ReadInt16BigEndian(value[2..]);
        int sign = BinaryPrimitives.ReadUInt16BigEndian(value[4..]), scale = BinaryPrimitives.ReadInt16BigEndian(value[6..]);
        switch (sign)
        {
            case 0xC000:
                return "NaN";
            case 0xD000:
                return "Infinity";
            case 0xF000:
                return "-Infinity";
        }
        var text = new StringBuilder(sign == 0x4000 ? "-" : "");
        int Digit(ReadOnlySpan<byte> digits, int place) => place >= 0 && place < count ? BinaryPrimitives.ReadInt16BigEndian(digits[(place * 2)..]) : 0;
        var all = value[8..];
        if (weight < 0)
            text.Append('0');
        for (int i = 0; i <= weight; i++)
            text.Append(Digit(all, i).ToString(i == 0 ? "0" : "0000", CultureInfo.InvariantCulture));
        if (scale > 0)
        {
            var fraction = new StringBuilder();
            for (int i = weight + 1; fraction.Length < scale; i++)
                fraction.Append(Digit(all, i).ToString("0000", CultureInfo.InvariantCulture));
            text.Append('.').Append(fraction.ToString(0, scale));
        }
        return text.ToString();
    }

    static string Timestamp(long microseconds)
    {
        if (microseconds is long.MaxValue or long.MinValue)
            return microseconds > 0 ? "infinity" : "-infinity";
        const long epochTicks = 630_822_816_000_000_000; // 2000-01-01
        Int128 ticks = (Int128)microseconds * 10 + epochTicks;
        if (ticks >= 0 && ticks <= DateTime.MaxValue.Ticks)
            return new DateTime((long)ticks, DateTimeKind.Utc).ToString(microseconds % 1_000_000 == 0 ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"2000-01-01T00:00:00Z {(microseconds < 0 ? '-' : '+')} {Int128.Abs(microseconds)} µs"); // outside .NET's calendar
    }

    static string Array(ColumnType type, ReadOnlySpan<byte> value)
    {
        int dimensions = BinaryPrimitives.ReadInt32BigEndian(value);
        var rest = value[(12 + dimensions * 8)..];
        var items = new List<string>();
        while (!rest.IsEmpty)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(rest);
            rest = rest[4..];
            items.Add(length < 0 ? "NULL" : Of(type, rest[..length]));
            if (length > 0)
                rest = rest[length..];
        }
        return $"{{{string.Join(',', items)}}}";
    }
}
