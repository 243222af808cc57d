using System.Globalization;

namespace Quality.Tests.Scheduling;

/// <summary>A clock that stands where it is put; timers go by the system's.</summary>
sealed class SettableTime(string now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = At(now);

    public override DateTimeOffset GetUtcNow() => Now;

    public static DateTimeOffset At(string text) => DateTimeOffset.Parse(text + "Z", CultureInfo.InvariantCulture);
}
