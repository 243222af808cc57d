using System.Net.Security;
using System.Net.Sockets;

namespace Chaos.MongoEmulator.Wire;

/// <summary>How bytes come and go: over a socket as they are, or through TLS.</summary>
abstract class Transport : IDisposable
{
    /// <returns>How many bytes came; 0 at the end.</returns>
    public abstract ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken ct);

    public abstract ValueTask SendAsync(ArraySegment<byte> head, ArraySegment<byte> body);

    public abstract void Dispose();
}

sealed class PlainTransport(Socket socket) : Transport
{
    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken ct) => socket.ReceiveAsync(buffer, ct);

    public override async ValueTask SendAsync(ArraySegment<byte> head, ArraySegment<byte> body) =>
        await socket.SendAsync([head, body], SocketFlags.None);

    public override void Dispose() => socket.Dispose();
}

sealed class TlsTransport(SslStream stream) : Transport
{
    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken ct) => stream.ReadAsync(buffer, ct);

    public override async ValueTask SendAsync(ArraySegment<byte> head, ArraySegment<byte> body)
    {
        await stream.WriteAsync(head);
        await stream.WriteAsync(body);
        await stream.FlushAsync();
    }

    public override void Dispose() => stream.Dispose();
}
