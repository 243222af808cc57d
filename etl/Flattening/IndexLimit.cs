using System.Buffers.Binary;
using Etl.Contracts;

namespace Etl.Flattening;

/// <summary>
/// PostgreSQL's btree takes index rows of up to 2,704 bytes (BTMaxItemSize for pages of 8 KiB). A longer key would stop the batch, so its
/// document is refused. Sizes are the uncompressed ones: what the server might squeeze into an index must not depend on luck.
/// </summary>
internal sealed class IndexLimit
{
    const int Largest = 2_704, Header = 8, ShortText = 126;

    /// <summary>Rows of fewer bytes as COPY has them cannot exceed the limit: header and alignment add less than the rest.</summary>
    public const int SmallestSuspect = 2_500;

    /// <summary>Candidates for a shared row are kept by key and hash: a uuid more.</summary>
    const int CandidateHash = 16;

    readonly int largest;
    readonly Column[] columns;
    readonly int[][] indexes;
    readonly int[] lengths;

    public IndexLimit(Table table)
    {
        largest = table.IsShared ? Largest - CandidateHash : Largest;
        columns = [.. table.Columns];
        lengths = new int[columns.Length];
        int[] Places(IEnumerable<Column> names) => [.. names.Select(k => Array.FindIndex(columns, c => c.Name == k.Name))];
        indexes = [Places(table.Key), Places(table.DocumentKey)];
    }

    /// <summary>The longest column of an index that cannot take the row, or null.</summary>
    /// <param name="row">Length-prefixed fields.</param>
    public Column? TooLong(ReadOnlySpan<byte> row)
    {
        for (int i = 0; i < columns.Length; i++)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(row);
            lengths[i] = columns[i].Type == ColumnType.Numeric && length >= 8 ? OnDisk(row.Slice(4, length)) : length;
            row = row[(4 + Math.Max(0, length))..];
        }
        foreach (int[] index in indexes)
            if (SizeOf(index) > largest)
                return columns[index.MaxBy(i => lengths[i])];
        return null;
    }

    /// <summary>A numeric has a header of eight bytes in COPY, of two on disk where weight and scale are small, else of four (numeric.c).</summary>
    static int OnDisk(ReadOnlySpan<byte> numeric)
    {
        int weight = BinaryPrimitives.ReadInt16BigEndian(numeric[2..]), scale = BinaryPrimitives.ReadInt16BigEndian(numeric[6..]);
        return numeric.Length - (scale <= 63 && weight is >= -64 and <= 63 ? 6 : 4);
    }

    int SizeOf(int[] index)
    {
        int size = Header;
        foreach (int i in index)
            if (lengths[i] >= 0)
                size = columns[i].Type switch
                {
                    ColumnType.Boolean or ColumnType.Uuid => size + lengths[i],
                    ColumnType.Integer => Aligned(size, 4) + 4,
                    ColumnType.BigInt or ColumnType.Double or ColumnType.Timestamp => Aligned(size, 8) + 8,
                    _ when lengths[i] <= ShortText => size + 1 + lengths[i],
                    _ => Aligned(size, 4) + 4 + lengths[i],
                };
        return Aligned(size, 8);
    }

    static int Aligned(int size, int to) => (size + to - 1) / to * to;
}
