namespace Chaos.MongoEmulator.FailPoints;

/// <summary>
/// mongod's fail point <c>failCommand</c>: makes chosen commands fail at chosen times
/// (https://github.com/mongodb/mongo/wiki/The-%22failCommand%22-fail-point). There is one a server; clients set it by
/// <c>configureFailPoint</c>, the process that hosts the server by <see cref="Set"/>. The latest setting counts.
/// </summary>
public sealed class FailCommand
{
    readonly Lock gate = new();
    readonly Random random;
    CommandFailure? failure;
    FailPointMode mode;
    long left, fired, total;

    internal FailCommand(Random random) => this.random = random;

    /// <summary>How often it fired since it was last set (to something other than off). An experiment whose fault did not fire proves nothing.</summary>
    public long Fired
    {
        get
        {
            lock (gate)
                return fired;
        }
    }

    /// <summary>How often it fired since the server began: what <c>configureFailPoint</c> answers as <c>count</c>.</summary>
    public long TotalFired
    {
        get
        {
            lock (gate)
                return total;
        }
    }

    public void Set(FailPointMode mode, CommandFailure failure)
    {
        lock (gate)
        {
            this.mode = mode;
            left = mode.Count;
            if (mode.When == FailPointMode.Kind.Off)
                return;
            this.failure = failure;
            fired = 0;
        }
    }

    /// <summary>Fires no more; <see cref="Fired"/> stays to be read.</summary>
    public void Off()
    {
        lock (gate)
            mode = FailPointMode.Off;
    }

    /// <param name="afterwards">Whether the command has been carried out: then only a write concern's error is left to fail with.</param>
    /// <returns>What is to be done to the command; null when it goes its way.</returns>
    internal CommandFailure? Enter(string command, string? appName, string? @namespace, bool afterwards)
    {
        lock (gate)
        {
            if (mode.When == FailPointMode.Kind.Off || failure == null || !failure.AppliesTo(command, appName, @namespace))
                return null;
            if (!(afterwards ? failure.WriteConcernError != null && !failure.FailsBefore : failure.FailsBefore) || !Fires())
                return null;
            fired++;
            total++;
            return failure;
        }
    }

    bool Fires()
    {
        switch (mode.When)
        {
            case FailPointMode.Kind.Times:
                if (--left == 0)
                    mode = FailPointMode.Off;
                return true;
            case FailPointMode.Kind.Skip:
                return left == 0 || left-- < 0;
            case FailPointMode.Kind.Probability:
                return random.NextDouble() < mode.Chance;
            default:
                return true;
        }
    }
}
