using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Tests.Shared;

/// <summary>
/// Stands between a client and PostgreSQL, counts what the client says, and at the n-th message cuts every connection, on both sides:
/// to the server it looks as if the process had died there. Until it is armed again, nobody gets through.
/// </summary>
public sealed class PostgresProxy : IAsyncDisposable
{
    /// <summary>Where the server is made to do something: Query, Sync, CopyData, CopyDone, CopyFail. What lies between is only announced.</summary>
    public const string Boundaries = "QSdcf";

    const int SslRequest = 80877103, GssRequest = 80877104, Startup = 196608;
    const byte Password = (byte)'p', Terminate = (byte)'X';

    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly NpgsqlConnectionStringBuilder target;
    readonly HashSet<Socket> open = [];
    readonly Lock gate = new();
    readonly Task accepting;
    string counted = "";
    int messages;
    int? cutAt;

    PostgresProxy(string connectionString)
    {
        target = new NpgsqlConnectionStringBuilder(connectionString);
        listener.Start();
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Host = "127.0.0.1",
            Port = ((IPEndPoint)listener.LocalEndpoint).Port,
            SslMode = SslMode.Disable,
            GssEncryptionMode = GssEncryptionMode.Disable,
        }.ConnectionString;
        accepting = AcceptAsync();
    }

    public static PostgresProxy Start(string connectionString) => new(connectionString);

    /// <summary>Leads through the proxy.</summary>
    public string ConnectionString { get; }

    /// <summary>Counted since <see cref="Arm"/>, over all connections; those that log in and out are not.</summary>
    public int Messages
    {
        get
        {
            lock (gate)
                return messages;
        }
    }

    public bool HasCut { get; private set; }

    /// <summary>Lets everybody through again and counts from 0.</summary>
    /// <param name="at">The message, from 1, that does not arrive any more; null: count only.</param>
    /// <param name="kinds">Message types that count; empty: all.</param>
    public void Arm(int? at, string kinds = Boundaries)
    {
        lock (gate)
        {
            Disconnect();
            (cutAt, counted, messages, HasCut) = (at, kinds, 0, false);
        }
    }

    async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync();
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The listener was stopped.
        }
    }

    async Task ServeAsync(Socket client)
    {
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        try
        {
            lock (gate)
            {
                if (HasCut)
                    return;
                open.Add(client);
                open.Add(server);
            }
            await server.ConnectAsync(target.Host!, target.Port);
            using NetworkStream down = new(server), up = new(client);
            await Task.WhenAny(ForwardAsync(new BufferedStream(up, 64 * 1024), down), down.CopyToAsync(up));
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
            client.Dispose();
            server.Dispose();
        }
    }

    /// <summary>From the client to the server, message by message.</summary>
    async Task ForwardAsync(Stream client, Stream server)
    {
        byte[] buffer = new byte[64 * 1024];
        for (bool isTyped = false; ;)
        {
            int header = isTyped ? 5 : 4;
            await client.ReadExactlyAsync(buffer.AsMemory(0, header));
            int length = BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(header - 4)) + header - 4;
            if (length > buffer.Length)
                Array.Resize(ref buffer, length);
            await client.ReadExactlyAsync(buffer.AsMemory(header, length - header));
            if (!isTyped)
                isTyped = BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(4)) switch { SslRequest or GssRequest => false, >= Startup and < SslRequest - 1 => true, _ => false };
            else if (!MayPass(buffer[0]))
                return;
            await server.WriteAsync(buffer.AsMemory(0, length));
        }
    }

    bool MayPass(byte type)
    {
        lock (gate)
        {
            if (HasCut)
                return false;
            if (type is Password or Terminate || counted.Length > 0 && !counted.Contains((char)type))
                return true;
            if (++messages != cutAt)
                return true;
            HasCut = true;
            Disconnect();
            return false;
        }
    }

    void Disconnect()
    {
        foreach (var socket in open)
            socket.Dispose();
        open.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            HasCut = true;
            Disconnect();
        }
        listener.Dispose();
        await accepting;
    }
}
