namespace Chaos.Generation;

/// <summary>
/// Makes ObjectIds from simulated time, never from the wall clock. Ids of one source differ by their counter,
/// ids of two sources by their five bytes of chance.
/// </summary>
sealed class ObjectIdSource(ulong chance)
{
    const int CounterBits = 24;
    readonly ulong prefix = chance << CounterBits;
    uint counter;

    public ObjectId Next(DateTimeOffset moment)
    {
        if (counter >> CounterBits != 0)
            throw new InvalidOperationException($"More than {1 << CounterBits:N0} ids from one source.");
        return new ObjectId((uint)moment.ToUnixTimeSeconds(), prefix | counter++);
    }
}
