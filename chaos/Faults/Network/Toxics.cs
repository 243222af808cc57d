namespace Chaos.Faults.Network;

/// <summary>Every piece arrives later, by a time that varies: a distant or a crowded network.</summary>
/// <param name="jitter">Added to or taken from the latency, by chance.</param>
public sealed class Latency(Direction direction, TimeSpan latency, TimeSpan jitter = default, int seed = 1, TimeProvider? time = null) : Toxic(direction)
{
    readonly Random random = new(seed);
    readonly TimeProvider time = time ?? TimeProvider.System;

    internal override async ValueTask<bool> PassAsync(Memory<byte> piece, Link link, Passing next, CancellationToken cancellation)
    {
        double part;
        lock (random)
            part = random.NextDouble() * 2 - 1;
        var pause = latency + jitter * part;
        if (pause > TimeSpan.Zero)
            await Task.Delay(pause, time, cancellation);
        Fire();
        return await next(piece);
    }
}

/// <summary>So many bytes a second, and no more.</summary>
public sealed class Bandwidth(Direction direction, int bytesPerSecond, TimeProvider? time = null) : Toxic(direction)
{
    readonly TimeProvider time = time ?? TimeProvider.System;

    internal override async ValueTask<bool> PassAsync(Memory<byte> piece, Link link, Passing next, CancellationToken cancellation)
    {
        int slice = Math.Max(1, bytesPerSecond / 20);
        for (; piece.Length > 0; piece = piece[Math.Min(slice, piece.Length)..])
        {
            var now = piece[..Math.Min(slice, piece.Length)];
            await Task.Delay(TimeSpan.FromSeconds((double)now.Length / bytesPerSecond), time, cancellation);
            Fire();
            if (!await next(now))
                return false;
        }
        return true;
    }
}

/// <summary>Pieces of so many bytes, each sent alone: whoever takes what one read gives for a whole message is found out.</summary>
public sealed class Slices(Direction direction, int bytes = 1) : Toxic(direction)
{
    internal override async ValueTask<bool> PassAsync(Memory<byte> piece, Link link, Passing next, CancellationToken cancellation)
    {
        for (; piece.Length > 0; piece = piece[Math.Min(bytes, piece.Length)..])
        {
            Fire();
            if (!await next(piece[..Math.Min(bytes, piece.Length)]))
                return false;
        }
        return true;
    }
}

/// <summary>From so many bytes on, nothing arrives any more, and nobody says so: the connection stays open.</summary>
/// <param name="after">Bytes of each connection that still arrive.</param>
public sealed class BlackHole(Direction direction, long after = 0) : Toxic(direction)
{
    internal override async ValueTask<bool> PassAsync(Memory<byte> piece, Link link, Passing next, CancellationToken cancellation)
    {
        long left = after - link.Passed;
        if (left >= piece.Length)
            return await next(piece);
        if (left > 0)
            await next(piece[..(int)left]);
        Fire();
        return false;
    }

    /// <summary>Not even that the connection was closed.</summary>
    internal override async ValueTask CloseAsync(Link link, CancellationToken cancellation) => await Task.Delay(Timeout.Infinite, cancellation);
}

/// <summary>Behind so many bytes the connection is cut on both sides.</summary>
/// <param name="after">Bytes of each connection that still arrive; or of all of them together, where <paramref name="once"/>.</param>
/// <param name="once">Cut one connection only, and let everybody through then.</param>
/// <param name="reset">By a reset, which also takes what is on its way; else by an orderly end.</param>
public sealed class Cut(Direction direction, long after, bool once = false, bool reset = false) : Toxic(direction)
{
    long together; // bytes of all connections
    bool isOver;
    readonly Lock gate = new();

    internal override async ValueTask<bool> PassAsync(Memory<byte> piece, Link link, Passing next, CancellationToken cancellation)
    {
        int through = Through(piece.Length, link);
        if (through == piece.Length)
            return await next(piece);
        if (through > 0)
            await next(piece[..through]);
        Fire();
        link.Cut(reset);
        return false;
    }

    int Through(int length, Link link)
    {
        if (!once)
            return (int)Math.Clamp(after - link.Passed, 0, length);
        lock (gate)
        {
            long left = after - together;
            together += length;
            if (isOver || left >= length)
                return length;
            isOver = true;
            return (int)left;
        }
    }
}

/// <summary>The end of a connection is passed on late.</summary>
public sealed class SlowClose(Direction direction, TimeSpan pause, TimeProvider? time = null) : Toxic(direction)
{
    internal override ValueTask<bool> PassAsync(Memory<byte> piece, Link link, Passing next, CancellationToken cancellation) => next(piece);

    internal override async ValueTask CloseAsync(Link link, CancellationToken cancellation)
    {
        Fire();
        await Task.Delay(pause, time ?? TimeProvider.System, cancellation);
    }
}

/// <summary>Some bits are not what was sent: a length, an operation or a number of a request that is wrong.</summary>
/// <param name="at">Bytes of each connection before the one that is changed.</param>
/// <param name="mask">The bits that are turned.</param>
public sealed class Corrupt(Direction direction, long at, byte mask = 0xFF) : Toxic(direction)
{
    internal override ValueTask<bool> PassAsync(Memory<byte> piece, Link link, Passing next, CancellationToken cancellation)
    {
        if (at - link.Passed is >= 0 and var place && place < piece.Length)
        {
            piece.Span[(int)place] ^= mask;
            Fire();
        }
        return next(piece);
    }
}
