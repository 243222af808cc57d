using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Etl.Tests.Sources;

/// <summary>Stands between a client and a server, and may change what the server answers, message by message.</summary>
sealed class MessageProxy : IAsyncDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource stopping = new();
    readonly int port;
    readonly Func<byte[], byte[]?> alter;
    readonly Task accepting;

    /// <param name="alter">Gets a whole message of the server; null: none is sent, and the connection is closed.</param>
    public MessageProxy(int port, Func<byte[], byte[]?> alter)
    {
        (this.port, this.alter) = (port, alter);
        listener.Start();
        accepting = AcceptAsync();
    }

    public string Uri => $"mongodb://{listener.LocalEndpoint}/";

    async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptTcpClientAsync(stopping.Token));
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    async Task ServeAsync(TcpClient client)
    {
        try
        {
            using var server = new TcpClient();
            using (client)
            {
                await server.ConnectAsync(IPAddress.Loopback, port, stopping.Token);
                var (there, here) = (server.GetStream(), client.GetStream());
                await Task.WhenAny(here.CopyToAsync(there, stopping.Token), AnswerAsync(there, here));
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // One side left.
        }
    }

    async Task AnswerAsync(NetworkStream from, NetworkStream to)
    {
        byte[] head = new byte[16];
        while (true)
        {
            await from.ReadExactlyAsync(head, stopping.Token);
            byte[] message = new byte[BinaryPrimitives.ReadInt32LittleEndian(head)];
            head.CopyTo(message, 0);
            await from.ReadExactlyAsync(message.AsMemory(head.Length), stopping.Token);
            if (alter(message) is not { } altered)
                return;
            await to.WriteAsync(altered, stopping.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await accepting;
        listener.Stop();
        stopping.Dispose();
    }
}
