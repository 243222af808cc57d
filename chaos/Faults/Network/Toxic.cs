namespace Chaos.Faults.Network;

/// <summary>Which way bytes go.</summary>
public enum Direction
{
    /// <summary>From the client to the server.</summary>
    Up,

    /// <summary>From the server to the client.</summary>
    Down,
}

/// <summary>Sends a piece of bytes on; false: nothing more is to be sent.</summary>
internal delegate ValueTask<bool> Passing(Memory<byte> piece);

/// <summary>
/// What is wrong with a link. It counts what it did at the place where it did it: a toxic that was only set up has not fired.
/// One toxic may act on any number of connections at once.
/// </summary>
/// <param name="direction">Bytes of which way it acts on.</param>
public abstract class Toxic(Direction direction)
{
    long fired;

    public Direction Direction => direction;

    /// <summary>How often it acted: on a piece of bytes, or, where it ends connections, on a connection.</summary>
    public long Fired => Interlocked.Read(ref fired);

    private protected void Fire() => Interlocked.Increment(ref fired);

    /// <summary>Does to a piece of bytes what it does.</summary>
    /// <param name="piece">May be changed.</param>
    /// <param name="link">The connection, and this way of it.</param>
    /// <param name="next">Takes what is let through.</param>
    /// <returns>False: nothing more is to be sent this way.</returns>
    internal abstract ValueTask<bool> PassAsync(Memory<byte> piece, Link link, Passing next, CancellationToken cancellation);

    /// <summary>Told that the sender has closed this way; returns when that may be passed on.</summary>
    internal virtual ValueTask CloseAsync(Link link, CancellationToken cancellation) => ValueTask.CompletedTask;
}
