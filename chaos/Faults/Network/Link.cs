using System.Net.Sockets;

namespace Chaos.Faults.Network;

/// <summary>One way of one connection through a <see cref="NetworkProxy"/>.</summary>
internal sealed class Link(Socket from, Socket to, Direction direction)
{
    public Direction Direction => direction;

    /// <summary>Bytes that were sent on.</summary>
    public long Passed { get; private set; }

    /// <summary>The other way of the connection.</summary>
    public Link Back { get; private set; } = null!;

    /// <summary>Both ways of a connection.</summary>
    public static (Link Up, Link Down) Of(Socket client, Socket server)
    {
        Link up = new(client, server, Direction.Up), down = new(server, client, Direction.Down);
        (up.Back, down.Back) = (down, up);
        return (up, down);
    }

    public ValueTask<int> ReceiveAsync(Memory<byte> into, CancellationToken cancellation) => from.ReceiveAsync(into, SocketFlags.None, cancellation);

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        for (; bytes.Length > 0;)
        {
            int sent = await to.SendAsync(bytes, SocketFlags.None, cancellation);
            Passed += sent;
            bytes = bytes[sent..];
        }
    }

    /// <summary>Tells the receiver that no more comes this way.</summary>
    public void End() => to.Shutdown(SocketShutdown.Send);

    /// <summary>Ends the connection: the sender is hung up on, the receiver gets what was sent to it, and the end.</summary>
    /// <param name="reset">Both are hung up on without a farewell, which also takes what is on its way.</param>
    public void Cut(bool reset)
    {
        if (reset)
            Close(reset: true);
        else
        {
            // What the receiver still says must be taken in: unread, it would turn the end into a reset, which takes back what it was sent.
            Back.Drains = true;
            End();
            from.Close();
        }
    }

    /// <summary>What comes is taken in, and goes nowhere.</summary>
    public bool Drains { get; private set; }

    /// <summary>Ends the connection on both sides at once.</summary>
    /// <param name="reset">Without a farewell.</param>
    public void Close(bool reset)
    {
        foreach (var socket in (Socket[])[from, to])
            if (reset)
                socket.Close(0);
            else
                socket.Close();
    }
}
