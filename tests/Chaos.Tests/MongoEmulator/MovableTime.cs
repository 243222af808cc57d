namespace Chaos.Tests.MongoEmulator;

/// <summary>The system's time, put forward by hand.</summary>
sealed class MovableTime : TimeProvider
{
    long ahead;

    public void Forward(TimeSpan by) => Interlocked.Add(ref ahead, by.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref ahead));
}
