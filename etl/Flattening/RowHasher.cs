using System.Buffers.Binary;
using System.Text;
using Etl.Contracts;

namespace Etl.Flattening;

/// <summary>
/// Hashes rows of one table from PostgreSQL's binary form: what is about to be loaded and what comes back hash alike.
/// A row's hash is the sum mod 2¹²⁸ of its columns' hashes (name, canonical bytes); NULL adds nothing,
/// so that a new nullable column leaves old hashes as they were.
/// </summary>
public sealed class RowHasher
{
    readonly (ulong Seed1, ulong Seed2, ColumnType Type, bool IsArray)[] columns;
    readonly bool[] isKey;
    readonly int keyColumns;

    public RowHasher(Table table)
    {
        columns = [.. table.Columns.Select(c =>
        {
            var seed = Hash128.Of(Encoding.UTF8.GetBytes(c.Name));
            return (seed.High, seed.Low, c.Type, c.IsArray);
        })];
        isKey = [.. table.Columns.Select(c => c.IsKey)];
        keyColumns = table.Key.Count;
    }

    /// <summary>The share of one column in its row's hash.</summary>
    /// <param name="column">Index among the table's columns.</param>
    /// <param name="value">The column's bytes in binary form; not for NULL.</param>
    public Hash128 Column(int column, ReadOnlySpan<byte> value)
    {
        ref readonly var c = ref columns[column];
        if (c.IsArray)
            return Hash128.Of(CanonicalArray(c.Type, value), c.Seed1, c.Seed2);
        return c.Type switch
        {
            ColumnType.Numeric => Numeric(value, c.Seed1, c.Seed2),
            ColumnType.Jsonb => Hash128.Of(JsonbEncoder.Canonical(value[1..]), c.Seed1, c.Seed2),
            ColumnType.Double => Double(value, c.Seed1, c.Seed2),
            _ => Hash128.Of(value, c.Seed1, c.Seed2),
        };
    }

    /// <summary>The hash of a row of length-prefixed fields, as COPY writes them after its field count.</summary>
    public Hash128 Row(ReadOnlySpan<byte> fields)
    {
        Hash128 sum = default;
        for (int i = 0; i < columns.Length; i++)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(fields);
            fields = fields[4..];
            if (length < 0)
                continue;
            sum += Column(i, fields[..length]);
            fields = fields[length..];
        }
        return sum;
    }

    /// <summary>The share of the key columns in the hash of a row: rows of one key have one, whatever else they hold.</summary>
    public Hash128 Key(ReadOnlySpan<byte> fields)
    {
        Hash128 sum = default;
        for (int i = 0, found = 0; i < columns.Length && found < keyColumns; i++)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(fields);
            fields = fields[4..];
            if (length < 0)
                continue;
            if (isKey[i])
            {
                sum += Column(i, fields[..length]);
                found++;
            }
            fields = fields[length..];
        }
        return sum;
    }

    /// <summary>Without the display scale and trailing zero digits: 1.50 is 1.5.</summary>
    static Hash128 Numeric(ReadOnlySpan<byte> value, ulong seed1, ulong seed2)
    {
        const int scaleAt = 6, digitsAt = 8, stackLimit = 256;
        while (value.Length > digitsAt && value[^1] == 0 && value[^2] == 0)
            value = value[..^2];
        Span<byte> canonical = value.Length <= stackLimit ? stackalloc byte[value.Length - 4] : new byte[value.Length - 4];
        value[2..scaleAt].CopyTo(canonical); // weight and sign; the count of digits follows from the length
        value[digitsAt..].CopyTo(canonical[4..]);
        return Hash128.Of(canonical, seed1, seed2);
    }

    /// <summary>PostgreSQL keeps every NaN as it came; they are one value all the same. −0 and 0 differ, as their bits do.</summary>
    static Hash128 Double(ReadOnlySpan<byte> value, ulong seed1, ulong seed2)
    {
        if (!double.IsNaN(BinaryPrimitives.ReadDoubleBigEndian(value)))
            return Hash128.Of(value, seed1, seed2);
        Span<byte> nan = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleBigEndian(nan, double.NaN);
        return Hash128.Of(nan, seed1, seed2);
    }

    /// <summary>
    /// Elements with their lengths; the header's null flag does not belong to the value. Arrays of several dimensions keep their shape, and those
    /// that somebody made begin elsewhere than at 1 their subscripts: none of them is what a document gives.
    /// </summary>
    static byte[] CanonicalArray(ColumnType type, ReadOnlySpan<byte> value)
    {
        int dimensions = BinaryPrimitives.ReadInt32BigEndian(value);
        var canonical = new FieldBuffer(value.Length + 16);
        var rest = value[12..];
        for (int d = 0; d < dimensions; d++)
            if (dimensions > 1 || BinaryPrimitives.ReadInt32BigEndian(rest[4..]) != 1)
                canonical.Write(rest.Slice(d * 8, 8));
        rest = rest[(dimensions * 8)..];
        while (!rest.IsEmpty)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(rest);
            rest = rest[4..];
            canonical.Int32(length < 0 ? -1 : 0);
            if (length < 0)
                continue;
            var element = rest[..length];
            canonical.Hash(type switch
            {
                ColumnType.Numeric => Numeric(element, 0, 0),
                ColumnType.Double => Double(element, 0, 0),
                ColumnType.Jsonb => Hash128.Of(JsonbEncoder.Canonical(element[1..])),
                _ => Hash128.Of(element),
            });
            rest = rest[length..];
        }
        return canonical.Written.ToArray();
    }
}
