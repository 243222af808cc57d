namespace Chaos.MongoEmulator.Commands;

/// <summary>maxTimeMS: how long the server may work for one command, or for all commands of one cursor together. Only one of them at a time uses it.</summary>
sealed class TimeLimit(TimeProvider time, TimeSpan allowed)
{
    public static readonly TimeLimit None = new(TimeProvider.System, Timeout.InfiniteTimeSpan);

    long started = time.GetTimestamp();
    TimeSpan used;

    public bool IsNone => allowed == Timeout.InfiniteTimeSpan;

    /// <summary>Begins to count again after <see cref="Pause"/>.</summary>
    public void Resume() => started = IsNone ? 0 : time.GetTimestamp();

    /// <summary>A client that thinks between two batches does not use up its cursor's time.</summary>
    public void Pause()
    {
        if (!IsNone)
            used += time.GetElapsedTime(started);
    }

    /// <summary>Infinite where there is no limit.</summary>
    public TimeSpan Left => IsNone ? TimeSpan.MaxValue : allowed - used - time.GetElapsedTime(started);

    /// <exception cref="CommandException">MaxTimeMSExpired.</exception>
    public void Check()
    {
        if (!IsNone && Left <= TimeSpan.Zero)
            throw Expired();
    }

    public static CommandException Expired() => new(ErrorCode.MaxTimeMSExpired, "operation exceeded time limit");
}
