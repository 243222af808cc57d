using System.Buffers.Binary;
using System.Numerics;

namespace Etl.Flattening;

/// <summary>
/// 128 bits that stand for some bytes: MurmurHash3 x64/128 (Austin Appleby, public domain), seeded with two words instead of one.
/// Fast and well mixed, not cryptographic: it finds differences that happen, not ones that an attacker constructs.
/// </summary>
/// <remarks>Two words instead of a <see cref="UInt128"/>, which nothing that has one in its signature can be compiled ahead of time for.</remarks>
public readonly record struct Hash128(ulong High, ulong Low) : IComparable<Hash128>
{
    /// <summary>In bytes.</summary>
    public const int Size = 16;

    const ulong C1 = 0x87c37b91114253d5, C2 = 0x4cf5ad432745937f;

    public static Hash128 Of(ReadOnlySpan<byte> data, ulong seed1 = 0, ulong seed2 = 0)
    {
        ulong h1 = seed1, h2 = seed2;
        int length = data.Length;
        while (data.Length >= 16)
        {
            ulong k1 = BinaryPrimitives.ReadUInt64LittleEndian(data), k2 = BinaryPrimitives.ReadUInt64LittleEndian(data[8..]);
            h1 ^= BitOperations.RotateLeft(k1 * C1, 31) * C2;
            h1 = (BitOperations.RotateLeft(h1, 27) + h2) * 5 + 0x52dce729;
            h2 ^= BitOperations.RotateLeft(k2 * C2, 33) * C1;
            h2 = (BitOperations.RotateLeft(h2, 31) + h1) * 5 + 0x38495ab5;
            data = data[16..];
        }
        if (data.Length > 8)
            h2 ^= BitOperations.RotateLeft(Tail(data[8..]) * C2, 33) * C1;
        if (data.Length > 0)
            h1 ^= BitOperations.RotateLeft(Tail(data[..Math.Min(8, data.Length)]) * C1, 31) * C2;
        h1 ^= (ulong)length;
        h2 ^= (ulong)length;
        h1 += h2;
        h2 += h1;
        h1 = Finish(h1);
        h2 = Finish(h2);
        h1 += h2;
        h2 += h1;
        return new Hash128(h1, h2);
    }

    /// <summary>Hashes a hash: a sum of these depends on which rows were summed, not only on their columns' sums.</summary>
    public Hash128 Mixed()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Of(bytes);
    }

    /// <summary>The sum mod 2¹²⁸.</summary>
    public static Hash128 operator +(Hash128 left, Hash128 right)
    {
        ulong low = left.Low + right.Low;
        return new Hash128(left.High + right.High + (low < left.Low ? 1ul : 0), low);
    }

    /// <param name="bytes">Big-endian, as PostgreSQL's uuid.</param>
    public static Hash128 Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));

    /// <summary>Big-endian, as PostgreSQL's uuid.</summary>
    public void CopyTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
    }

    /// <summary>As PostgreSQL's uuid, which is how the warehouse keeps a hash.</summary>
    public Guid ToGuid()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return new Guid(bytes, bigEndian: true);
    }

    public int CompareTo(Hash128 other) => High == other.High ? Low.CompareTo(other.Low) : High.CompareTo(other.High);

    /// <summary>Well mixed already.</summary>
    public override int GetHashCode() => (int)Low;

    /// <summary>32 hexadecimal digits.</summary>
    public override string ToString() => $"{High:x16}{Low:x16}";

    /// <summary>One to eight bytes as a number, the first the least.</summary>
    static ulong Tail(ReadOnlySpan<byte> bytes)
    {
        int length = bytes.Length;
        if (length >= 4) // two reads that may overlap: where they do, their bits agree
            return BinaryPrimitives.ReadUInt32LittleEndian(bytes) | (ulong)BinaryPrimitives.ReadUInt32LittleEndian(bytes[(length - 4)..]) << (length - 4) * 8;
        return bytes[0] | (ulong)bytes[length >> 1] << (length >> 1) * 8 | (ulong)bytes[length - 1] << (length - 1) * 8;
    }

    static ulong Finish(ulong k)
    {
        k = (k ^ k >> 33) * 0xff51afd7ed558ccd;
        k = (k ^ k >> 33) * 0xc4ceb9fe1a85ec53;
        return k ^ k >> 33;
    }
}
