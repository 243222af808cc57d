using System.Buffers.Binary;

namespace Chaos.MongoEmulator.Wire;

/// <summary>Sixteen bytes before every message.</summary>
readonly record struct MessageHeader(int Length, int RequestId, int ResponseTo, Opcode Opcode)
{
    public const int Size = 16;

    /// <summary>What hello promises as maxMessageSizeBytes.</summary>
    public const int MaxMessageSize = 48_000_000;

    /// <exception cref="WireException">A length that no message has.</exception>
    public static MessageHeader Read(ReadOnlySpan<byte> bytes)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length is < Size or > MaxMessageSize)
            throw new WireException($"a message of {length} bytes; {Size} to {MaxMessageSize} are allowed");
        return new(length, BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]), (Opcode)BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]));
    }

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], RequestId);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], ResponseTo);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], (int)Opcode);
    }
}
