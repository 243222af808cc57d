using System.Buffers.Binary;
using System.Numerics;

namespace Chaos.MongoEmulator.Wire;

/// <summary>The Castagnoli checksum: OP_MSG ends with it when flag bit 0 is set, and each record of the log carries it.</summary>
static class Crc32C
{
    /// <param name="previous">The checksum of the bytes before.</param>
    public static uint Of(ReadOnlySpan<byte> bytes, uint previous = 0)
    {
        uint crc = ~previous;
        while (bytes.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }
        foreach (byte b in bytes)
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
