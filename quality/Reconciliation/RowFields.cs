using System.Buffers.Binary;

namespace Quality.Reconciliation;

/// <summary>Fields of a row in binary COPY form.</summary>
internal static class RowFields
{
    /// <summary>One field with its length in front.</summary>
    public static ReadOnlySpan<byte> At(ReadOnlySpan<byte> fields, int column)
    {
        while (true)
        {
            int size = 4 + Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(fields));
            if (column-- == 0)
                return fields[..size];
            fields = fields[size..];
        }
    }

    /// <summary>Adds one to each column that is NULL.</summary>
    public static void CountNulls(ReadOnlySpan<byte> fields, Span<long> nulls)
    {
        foreach (ref long column in nulls)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(fields);
            if (length < 0)
                column++;
            fields = fields[(4 + Math.Max(0, length))..];
        }
    }

    public static bool IsNull(ReadOnlySpan<byte> field) => BinaryPrimitives.ReadInt32BigEndian(field) < 0;
}
