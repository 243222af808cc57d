using System.Buffers;

namespace Chaos.MongoEmulator.Wire;

/// <summary>Reads whole messages from a connection. A stated length is never trusted: the buffer grows only with bytes that arrived.</summary>
sealed class MessageReader(Transport transport) : IDisposable
{
    const int UsualSize = 64 * 1024, KeptSize = 1024 * 1024;

    byte[] buffer = ArrayPool<byte>.Shared.Rent(UsualSize);
    int start, end;

    /// <returns>A message with its header, valid until the next call; empty when the other side has closed.</returns>
    /// <exception cref="WireException">A length that no message has, or an end in the middle of a message.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken ct)
    {
        Shrink();
        if (!await FillAsync(MessageHeader.Size, ct))
            return start == end ? default : throw new WireException("the connection ended inside a header");
        int length = MessageHeader.Read(buffer.AsSpan(start)).Length;
        if (!await FillAsync(length, ct))
            throw new WireException("the connection ended inside a message");
        var message = buffer.AsMemory(start, length);
        start += length;
        return message;
    }

    async ValueTask<bool> FillAsync(int count, CancellationToken ct)
    {
        while (end - start < count)
        {
            if (start > 0 && (end == buffer.Length || start == end))
            {
                buffer.AsSpan(start, end - start).CopyTo(buffer);
                (start, end) = (0, end - start);
            }
            if (end == buffer.Length)
                Grow();
            int got = await transport.ReceiveAsync(buffer.AsMemory(end), ct);
            if (got == 0)
                return false;
            end += got;
        }
        return true;
    }

    void Grow()
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.AsSpan(0, end).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }

    void Shrink()
    {
        if (start != end)
            return;
        start = end = 0;
        if (buffer.Length <= KeptSize)
            return;
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = ArrayPool<byte>.Shared.Rent(UsualSize);
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(buffer);
}
