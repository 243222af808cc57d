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

    public static bool IsNull(ReadOnlySpan<byte> field) => BinaryPrimitives.ReadInt32BigEndian(field) < 0;
}
