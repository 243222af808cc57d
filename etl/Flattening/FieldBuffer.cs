using System.Buffers.Binary;

namespace Etl.Flattening;

/// <summary>Bytes of PostgreSQL's binary form, in a buffer that grows and is used again.</summary>
public sealed class FieldBuffer(int capacity = 4096)
{
    byte[] buffer = new byte[capacity];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, Length);

    public ReadOnlyMemory<byte> Memory => buffer.AsMemory(0, Length);

    public ReadOnlySpan<byte> Slice(int start, int length) => buffer.AsSpan(start, length);

    /// <summary>Forgets what was written from <paramref name="length"/> on.</summary>
    public void Truncate(int length = 0) => Length = length;

    public Span<byte> Take(int count)
    {
        if (buffer.Length - Length < count)
            Array.Resize(ref buffer, Math.Max(buffer.Length * 2, Length + count));
        var span = buffer.AsSpan(Length, count);
        Length += count;
        return span;
    }

    public void Write(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));
    public void Byte(byte value) => Take(1)[0] = value;
    public void Int16(short value) => BinaryPrimitives.WriteInt16BigEndian(Take(2), value);
    public void Int32(int value) => BinaryPrimitives.WriteInt32BigEndian(Take(4), value);
    public void Int64(long value) => BinaryPrimitives.WriteInt64BigEndian(Take(8), value);
    public void Hash(Hash128 value) => value.CopyTo(Take(Hash128.Size));

    /// <summary>Bytes written earlier, to be overwritten; valid until more is written.</summary>
    public Span<byte> Writable(int start, int length) => buffer.AsSpan(start, length);

    /// <summary>Overwrites four bytes written earlier, once a length is known.</summary>
    public void PatchInt32(int at, int value) => BinaryPrimitives.WriteInt32BigEndian(buffer.AsSpan(at), value);
    public void PatchInt16(int at, int value) => BinaryPrimitives.WriteInt16BigEndian(buffer.AsSpan(at), (short)value);
}
