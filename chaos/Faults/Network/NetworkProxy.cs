using System.Net;
using System.Net.Sockets;

namespace Chaos.Faults.Network;

/// <summary>
/// A network that misbehaves: stands between clients and a server on a loopback port, and does to their bytes what its toxics say. Knows nothing of what
/// is spoken over it, so it sits on any link. Toxics may come and go while connections are open.
/// </summary>
public sealed class NetworkProxy : IAsyncDisposable
{
    const int PieceBytes = 64 * 1024;

    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource stopping = new();
    readonly HashSet<Socket> open = [];
    readonly List<Link> swallowed = [];
    readonly Lock gate = new();
    readonly Task accepting;
    readonly string host;
    readonly int port;
    Toxic[] toxics = [];
    bool isDown;
    long connections, refused;

    NetworkProxy(string host, int port)
    {
        (this.host, this.port) = (host, port);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        accepting = AcceptAsync();
    }

    /// <summary>Listens on a free loopback port.</summary>
    /// <param name="host">The server's.</param>
    public static NetworkProxy To(string host, int port) => new(host, port);

    public int Port { get; }

    /// <summary>Those that clients opened, without the refused ones.</summary>
    public long Connections => Interlocked.Read(ref connections);

    /// <summary>Connections that were hung up on because the network was down.</summary>
    public long Refused => Interlocked.Read(ref refused);

    /// <summary>Acts from now on, also on connections that are open; toxics of one way act one after the other.</summary>
    public void Add(Toxic toxic)
    {
        lock (gate)
            toxics = [.. toxics, toxic];
    }

    /// <summary>All is well again; a piece that a toxic holds back is passed on when it says so.</summary>
    public void Heal()
    {
        lock (gate)
        {
            (toxics, isDown) = ([], false);
            foreach (var link in swallowed)
                link.Close(reset: true);
            swallowed.Clear();
        }
    }

    /// <summary>Cuts every connection, and hangs up on new ones until <see cref="Heal"/>.</summary>
    public void TakeDown()
    {
        lock (gate)
            isDown = true;
        CutAll();
    }

    /// <summary>Cuts every connection that is open now.</summary>
    /// <returns>How many there were.</returns>
    public int CutAll()
    {
        lock (gate)
        {
            foreach (var socket in open)
                socket.Close(0);
            int sockets = open.Count;
            open.Clear();
            return sockets / 2;
        }
    }

    async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptSocketAsync(stopping.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The proxy was stopped.
        }
    }

    async Task ServeAsync(Socket client)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
            try
            {
                client.NoDelay = true;
                if (!Admit(client, server))
                    return;
                await server.ConnectAsync(host, port, stopping.Token);
                var (up, down) = Link.Of(client, server);
                await Task.WhenAll(ForwardAsync(up), ForwardAsync(down));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // One side is gone, or the proxy is: so the other side goes, too.
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

    bool Admit(Socket client, Socket server)
    {
        lock (gate)
        {
            if (isDown)
            {
                Interlocked.Increment(ref refused);
                client.LingerState = new LingerOption(true, 0);
                return false;
            }
            open.Add(client);
            open.Add(server);
        }
        Interlocked.Increment(ref connections);
        return true;
    }

    async Task ForwardAsync(Link link)
    {
        var piece = new byte[PieceBytes];
        try
        {
            while (await link.ReceiveAsync(piece, stopping.Token) is > 0 and var count)
                if (!link.Drains && !await PassAsync(link, piece.AsMemory(0, count)))
                    await SwallowAsync(link, piece);
            foreach (var toxic in Of(link.Direction))
                await toxic.CloseAsync(link, stopping.Token);
            link.End();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            if (link.Drains)
                await DrainAsync(link, piece);
            else if (!link.Back.Drains)
                link.Close(reset: false); // this way broke, so the other has nobody to talk to
        }
    }

    /// <summary>Toxics of one way stand in a row: each hands what it lets through to the next.</summary>
    ValueTask<bool> PassAsync(Link link, Memory<byte> piece)
    {
        Passing pass = async bytes =>
        {
            await link.SendAsync(bytes, stopping.Token);
            return true;
        };
        foreach (var toxic in Of(link.Direction).Reverse())
        {
            var next = pass;
            pass = bytes => toxic.PassAsync(bytes, link, next, stopping.Token);
        }
        return pass(piece);
    }

    /// <summary>Takes in what is not to arrive, so that the sender believes it did. When all is well again, the connection is cut: bytes of it are missing.</summary>
    async Task SwallowAsync(Link link, byte[] piece)
    {
        lock (gate)
            swallowed.Add(link);
        await DrainAsync(link, piece);
    }

    async Task DrainAsync(Link link, byte[] piece)
    {
        while (await link.ReceiveAsync(piece, stopping.Token) > 0)
        {
        }
    }

    Toxic[] Of(Direction direction)
    {
        lock (gate)
            return [.. toxics.Where(t => t.Direction == direction)];
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Stop();
        CutAll();
        await accepting;
        stopping.Dispose();
    }
}
