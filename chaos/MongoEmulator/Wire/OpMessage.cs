using System.Buffers.Binary;
using System.Text;
using Etl.Documents;

namespace Chaos.MongoEmulator.Wire;

/// <summary>An OP_MSG taken apart: one command, and sequences of documents that belong into it by name.</summary>
sealed class OpMessage
{
    const uint ChecksumPresent = 1, MoreToCome = 2, RequiredBits = 0xFFFF;

    /// <summary>The sender wants no answer.</summary>
    public bool Silent { get; private init; }

    public ReadOnlyMemory<byte> Body { get; private set; }
    public Dictionary<string, List<ReadOnlyMemory<byte>>> Sequences { get; } = [];

    /// <param name="message">With its header; the result points into it.</param>
    /// <exception cref="WireException">Unknown flags or a wrong checksum: close the connection.</exception>
    /// <exception cref="BsonException">Sections that are not what they should be: answer InvalidBSON.</exception>
    public static OpMessage Parse(ReadOnlyMemory<byte> message)
    {
        var span = message.Span;
        if (span.Length < MessageHeader.Size + 4)
            throw new WireException("an OP_MSG without flags");
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(span[MessageHeader.Size..]);
        if ((flags & RequiredBits & ~(ChecksumPresent | MoreToCome)) != 0)
            throw new WireException($"an OP_MSG with unknown flags 0x{flags:x8}");
        int end = span.Length;
        if ((flags & ChecksumPresent) != 0)
        {
            end -= 4;
            if (end < MessageHeader.Size + 4 || Crc32C.Of(span[..end]) != BinaryPrimitives.ReadUInt32LittleEndian(span[end..]))
                throw new WireException("an OP_MSG whose checksum is wrong");
        }
        var parsed = new OpMessage { Silent = (flags & MoreToCome) != 0 };
        int at = MessageHeader.Size + 4;
        while (at < end)
            at = parsed.Section(message[..end], at);
        return parsed.Body.IsEmpty ? throw new BsonException("an OP_MSG without a body", at) : parsed;
    }

    int Section(ReadOnlyMemory<byte> message, int at)
    {
        byte kind = message.Span[at++];
        int length = Length(message.Span, at, kind == 0 ? BsonReader.SmallestDocument : 5);
        var section = message.Slice(at, length);
        if (kind == 0 && Body.IsEmpty)
            Body = section;
        else if (kind == 1)
            Sequence(section);
        else
            throw new BsonException(kind == 0 ? "two bodies in one OP_MSG" : $"a section of unknown kind {kind}", at - 1);
        return at + length;
    }

    void Sequence(ReadOnlyMemory<byte> section)
    {
        int name = section.Span[4..].IndexOf((byte)0);
        if (name < 0)
            throw new BsonException("a document sequence whose name does not end", 4);
        List<ReadOnlyMemory<byte>> documents = [];
        for (int at = 4 + name + 1; at < section.Length;)
        {
            int length = Length(section.Span, at, BsonReader.SmallestDocument);
            documents.Add(section.Slice(at, length));
            at += length;
        }
        if (!Sequences.TryAdd(Encoding.UTF8.GetString(section.Span.Slice(4, name)), documents))
            throw new BsonException("two document sequences of one name", 4);
    }

    static int Length(ReadOnlySpan<byte> bytes, int at, int smallest)
    {
        if (bytes.Length - at < 4)
            throw new BsonException("a section cut short", at);
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]);
        return length >= smallest && length <= bytes.Length - at ? length : throw new BsonException($"a length of {length}, {bytes.Length - at} bytes are left", at);
    }
}
