using System.Buffers.Binary;
using System.Globalization;
using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using Quality.Reconciliation;

namespace Quality.External;

/// <summary>
/// What of a row is compared: texts are cleaned on the warehouse's side as the mapping cleans the source's; numbers and times within their tolerance are equal.
/// </summary>
/// <remarks>
/// Sums of hashes cannot tolerate. A loose value is hashed by the step of a grid, as wide as its tolerance, that it lies on: values on one step are within the
/// tolerance. Those on different steps may be, too; their segments differ, and are compared value by value.
/// </remarks>
internal sealed class RowForm
{
    const int LengthBytes = 4;

    readonly Table table;
    readonly RowHasher hasher;
    readonly Cleaner?[] cleaners;
    readonly bool isLoose, isCleaned;
    readonly FieldBuffer row = new(256), text = new(256), cleaned = new(256);

    public RowForm(Table table)
    {
        (this.table, hasher) = (table, new RowHasher(table));
        // A default stands for what the document does not have; of the table nothing is made up.
        cleaners = [.. table.Columns.Select(c => c is { Type: ColumnType.Text, IsArray: false, Field.Cleaning: { } cleaning } ? new Cleaner(cleaning with { Default = null }) : null)];
        isCleaned = cleaners.Any(c => c is not null);
        isLoose = table.Columns.Any(c => c.Field?.Closeness.IsLoose == true);
    }

    public Hash128 Key(ReadOnlySpan<byte> fields) => hasher.Key(fields);

    /// <summary>Rows that are equal within their tolerances mostly have one hash; rows that are not never do.</summary>
    public Hash128 Hash(ReadOnlySpan<byte> fields)
    {
        if (!isLoose)
            return hasher.Row(fields);
        Hash128 sum = default;
        for (int i = 0; i < table.Columns.Count; i++)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(fields);
            fields = fields[LengthBytes..];
            if (length < 0)
                continue;
            sum += Step(table.Columns[i], fields[..length]) is { } step ? Hash128.Of(step, (ulong)i + 1) : hasher.Column(i, fields[..length]);
            fields = fields[length..];
        }
        return sum;
    }

    /// <summary>A row of the warehouse with its texts cleaned; valid until the next call.</summary>
    public ReadOnlySpan<byte> Cleaned(ReadOnlySpan<byte> fields)
    {
        if (!isCleaned)
            return fields;
        row.Truncate();
        for (int i = 0; i < cleaners.Length; i++)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(fields), size = LengthBytes + Math.Max(0, length);
            if (cleaners[i] is { } cleaner && length >= 0)
                Clean(cleaner, fields[LengthBytes..size]);
            else
                row.Write(fields[..size]);
            fields = fields[size..];
        }
        return row.Written;
    }

    /// <summary>The cleaner takes and gives texts as BSON has them: behind their length, with a NUL at the end.</summary>
    void Clean(Cleaner cleaner, ReadOnlySpan<byte> value)
    {
        text.Truncate();
        cleaned.Truncate();
        text.Int32(0);
        text.Write(value);
        text.Byte(0);
        var type = BsonType.String;
        var result = cleaner.Clean(ref type, text.Written, cleaned) ? cleaned.Written : text.Written;
        if (type == BsonType.Null)
        {
            row.Int32(-1);
            return;
        }
        row.Int32(result.Length - LengthBytes - 1);
        row.Write(result[LengthBytes..^1]);
    }

    /// <summary>Whether two rows of one key are equal, within the tolerances.</summary>
    public bool Equal(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        for (int i = 0; i < table.Columns.Count; i++)
            if (!Equal(i, RowFields.At(left, i), RowFields.At(right, i)))
                return false;
        return true;
    }

    /// <param name="left">A field with its length in front.</param>
    public bool Equal(int column, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (RowFields.IsNull(left) || RowFields.IsNull(right))
            return RowFields.IsNull(left) && RowFields.IsNull(right);
        left = left[LengthBytes..];
        right = right[LengthBytes..];
        if (left.SequenceEqual(right) || hasher.Column(column, left) == hasher.Column(column, right))
            return true;
        var closeness = table.Columns[column].Field?.Closeness ?? Closeness.Exact;
        if (closeness.Microseconds > 0)
            return IsFinite(left) && IsFinite(right) && Int128.Abs((Int128)Time(left) - Time(right)) < closeness.Microseconds;
        return closeness.Tolerance > 0 && Number(table.Columns[column], left) is { } a && Number(table.Columns[column], right) is { } b && IsWithin(a, b, closeness.Tolerance);
    }

    static bool IsWithin(decimal a, decimal b, decimal tolerance)
    {
        try
        {
            return Math.Abs(a - b) <= tolerance;
        }
        catch (OverflowException)
        {
            return false; // further apart than a decimal can say
        }
    }

    /// <returns>Null: it is compared exactly.</returns>
    static byte[]? Step(Column column, ReadOnlySpan<byte> value)
    {
        var closeness = column.Field?.Closeness ?? Closeness.Exact;
        if (closeness.Microseconds > 0)
            return IsFinite(value) ? BitConverter.GetBytes(Floor(Time(value), closeness.Microseconds)) : null;
        if (closeness.Tolerance == 0 || Number(column, value) is not { } number)
            return null;
        try
        {
            return System.Text.Encoding.ASCII.GetBytes(Math.Floor(number / closeness.Tolerance).ToString("F0", CultureInfo.InvariantCulture));
        }
        catch (OverflowException)
        {
            return null; // beyond any step; both sides are, or they differ by more
        }
    }

    static long Floor(long time, long unit) => (time - (time % unit + unit) % unit) / unit;

    /// <summary>Microseconds since 2000.</summary>
    static long Time(ReadOnlySpan<byte> value) => BinaryPrimitives.ReadInt64BigEndian(value);

    static bool IsFinite(ReadOnlySpan<byte> value) => Time(value) is not (long.MinValue or long.MaxValue);

    /// <returns>Null: no number that 28 digits hold.</returns>
    static decimal? Number(Column column, ReadOnlySpan<byte> value) =>
        decimal.TryParse(CellText.Of(column, value), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) ? number : null;
}
