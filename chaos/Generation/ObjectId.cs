using System.Buffers.Binary;

namespace Chaos.Generation;

/// <summary>The twelve bytes of an ObjectId: seconds since 1970, five bytes of chance, three of a counter.</summary>
readonly record struct ObjectId(uint Seconds, ulong Rest)
{
    public const int Size = 12;

    public static ObjectId Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt32BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[4..]));

    public void CopyTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Seconds);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[4..], Rest);
    }

    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>A number that follows from the id: lets facts about a document be the same whenever they are asked for.</summary>
    public ulong Hash => Chance.Mix(Seconds, Rest);
}
