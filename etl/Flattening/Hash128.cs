using System.Buffers.Binary;
using System.Numerics;

namespace Etl.Flattening;

/// <summary>
/// MurmurHash3 x64/128 (Austin Appleby, public domain), seeded with two words instead of one.
/// Fast and well mixed, not cryptographic: it finds differences that happen, not ones that an attacker constructs.
/// </summary>
public static class Hash128
{
    const ulong C1 = 0x87c37b91114253d5, C2 = 0x4cf5ad432745937f;

    public static UInt128 Of(ReadOnlySpan<byte> data, ulong seed1 = 0, ulong seed2 = 0)
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
        return new UInt128(h1, h2);
    }

    /// <summary>Hashes a hash: a sum of these depends on which rows were summed, not only on their columns' sums.</summary>
    public static UInt128 Mix(UInt128 hash)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, hash);
        return Of(bytes);
    }

    static ulong Tail(ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int i = bytes.Length - 1; i >= 0; i--)
            value = value << 8 | bytes[i];
        return value;
    }

    static ulong Finish(ulong k)
    {
        k = (k ^ k >> 33) * 0xff51afd7ed558ccd;
        k = (k ^ k >> 33) * 0xc4ceb9fe1a85ec53;
        return k ^ k >> 33;
    }
}
