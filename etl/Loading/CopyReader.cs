using System.Buffers.Binary;

namespace Etl.Loading;

/// <summary>Reads rows of PostgreSQL's binary COPY form from a stream, one at a time, without an object a row.</summary>
public sealed class CopyReader(Stream stream)
{
    const int HeaderBytes = 19; // signature 11, flags 4, length of the extension 4

    byte[] buffer = new byte[256 * 1024];
    int start, end;
    bool headerRead;
    int fieldsStart, fieldsLength;

    /// <summary>The row's fields, each behind its length (−1: NULL); valid until the next call of <see cref="Read"/>.</summary>
    public ReadOnlySpan<byte> Fields => buffer.AsSpan(fieldsStart, fieldsLength);

    /// <exception cref="EndOfStreamException">The stream ended before the trailer: the connection was lost.</exception>
    public bool Read()
    {
        if (!headerRead)
        {
            Need(HeaderBytes);
            int extension = BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(start + 15));
            Need(HeaderBytes + extension);
            start += HeaderBytes + extension;
            headerRead = true;
        }
        Need(2);
        int fields = BinaryPrimitives.ReadInt16BigEndian(buffer.AsSpan(start));
        if (fields < 0)
            return false;
        int length = 2;
        for (int i = 0; i < fields; i++)
        {
            Need(length + 4);
            int size = BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(start + length));
            length += 4 + Math.Max(0, size);
        }
        Need(length);
        (fieldsStart, fieldsLength) = (start + 2, length - 2);
        start += length;
        return true;
    }

    /// <summary>Makes sure that so many bytes are at hand from <see cref="start"/> on.</summary>
    void Need(int bytes)
    {
        if (end - start >= bytes)
            return;
        if (start + bytes > buffer.Length)
        {
            byte[] target = bytes > buffer.Length ? new byte[Math.Max(buffer.Length * 2, bytes)] : buffer;
            Buffer.BlockCopy(buffer, start, target, 0, end - start);
            (buffer, end, start) = (target, end - start, 0);
        }
        while (end - start < bytes)
        {
            int read = stream.Read(buffer, end, buffer.Length - end);
            if (read == 0)
                throw new EndOfStreamException("The warehouse ended a COPY before its trailer.");
            end += read;
        }
    }
}
