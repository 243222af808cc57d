using System.Net;
using System.Net.Sockets;

namespace Etl.Tests.Sources.RabbitMq;

/// <summary>Stands between a client and a server, and can cut every connection, after so many bytes of the server's or at once.</summary>
sealed class CuttingProxy : IAsyncDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly HashSet<Socket> open = [];
    readonly Lock gate = new();
    readonly Task accepting;
    readonly int port;
    long bytesLeft = long.MaxValue;

    public CuttingProxy(int port)
    {
        this.port = port;
        listener.Start();
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public int Connections { get; private set; }

    /// <summary>Cuts when the server has sent so many more bytes; then lets everybody through again.</summary>
    public void CutAfter(long bytes)
    {
        lock (gate)
            bytesLeft = bytes;
    }

    async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptSocketAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The listener was stopped.
        }
    }

    async Task ServeAsync(Socket client)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
            try
            {
                lock (gate)
                {
                    open.Add(client);
                    open.Add(server);
                    Connections++;
                }
                await server.ConnectAsync(IPAddress.Loopback, port);
                using NetworkStream there = new(server), here = new(client);
                await Task.WhenAny(here.CopyToAsync(there), AnswerAsync(there, here));
            }
            catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
            {
                // One of the sides is gone: so the other goes too.
            }
            finally
            {
                lock (gate)
                {
                    open.Remove(client);
                    open.Remove(server);
                }
            }
    }

    async Task AnswerAsync(NetworkStream from, NetworkStream to)
    {
        byte[] buffer = new byte[16 * 1024];
        while (await from.ReadAsync(buffer) is > 0 and var count)
        {
            lock (gate)
                if ((bytesLeft -= count) <= 0)
                {
                    bytesLeft = long.MaxValue;
                    foreach (var socket in open)
                        socket.Dispose();
                    return;
                }
            await to.WriteAsync(buffer.AsMemory(0, count));
        }
    }

    public async ValueTask DisposeAsync()
    {
        listener.Dispose();
        lock (gate)
            foreach (var socket in open)
                socket.Dispose();
        await accepting;
    }
}
