using System.Buffers.Binary;

namespace Etl.Loading;

/// <summary>
/// What decides between two states of one key, totally ordered: a snapshot is (T0, 0), a change event (cluster time, ordinal).
/// Kept as a uuid, which PostgreSQL compares byte by byte: the first half is the cluster time, the second the ordinal.
/// </summary>
public readonly record struct RowVersion(ulong Time, ulong Ordinal) : IComparable<RowVersion>
{
    public Guid ToGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Time);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Ordinal);
        return new Guid(bytes, bigEndian: true);
    }

    public static RowVersion FromGuid(Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        return new RowVersion(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
    }

    public int CompareTo(RowVersion other) => (Time, Ordinal).CompareTo((other.Time, other.Ordinal));
}
