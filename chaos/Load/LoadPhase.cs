using Etl;

namespace Chaos.Load;

/// <summary>
/// A stretch of a load, by NBomber's names. <b>Open</b> (<see cref="Inject"/>, <see cref="RampingInject"/>): work begins by the clock, however
/// slow the answers are, as visitors of a site come. <b>Closed</b> (<see cref="KeepConstant"/>, <see cref="RampingConstant"/>): so many copies
/// go round and round, each beginning anew when it has ended.
/// </summary>
/// <param name="During">How long it lasts.</param>
public abstract record LoadPhase(TimeSpan During)
{
    /// <summary>Begins <paramref name="Rate"/> operations in each interval, evenly.</summary>
    public sealed record Inject(int Rate, TimeSpan Interval, TimeSpan During) : LoadPhase(During);

    /// <summary>From the rate at which the phase before ended, evenly to this one. After a pause, a closed phase or nothing it begins at none.</summary>
    public sealed record RampingInject(int Rate, TimeSpan Interval, TimeSpan During) : LoadPhase(During);

    /// <summary>Keeps so many copies going.</summary>
    public sealed record KeepConstant(int Copies, TimeSpan During) : LoadPhase(During);

    /// <summary>From the number of copies at which the phase before ended, evenly to this one.</summary>
    public sealed record RampingConstant(int Copies, TimeSpan During) : LoadPhase(During);

    /// <summary>Nothing begins.</summary>
    public sealed record Pause(TimeSpan During) : LoadPhase(During);

    /// <exception cref="UsageException">No time, or less than nothing to do.</exception>
    internal LoadPhase Checked()
    {
        if (During <= TimeSpan.Zero)
            throw new UsageException($"A phase of a load lasts longer than {During}.");
        if (this is Inject { Interval: var every } && every <= TimeSpan.Zero || this is RampingInject { Interval: var each } && each <= TimeSpan.Zero)
            throw new UsageException("The interval of a rate is longer than nothing.");
        int amount = this switch { Inject i => i.Rate, RampingInject r => r.Rate, KeepConstant k => k.Copies, RampingConstant c => c.Copies, _ => 0 };
        return amount >= 0 ? this : throw new UsageException($"A load cannot be {amount}: say 0 or more.");
    }
}
