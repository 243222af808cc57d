using Etl.Loading;

namespace Quality.Commands;

/// <summary>A line every few seconds, with figures: for logs, where nothing can be rewritten.</summary>
internal sealed class SyncLines(TimeProvider time, Action<string> say) : IProgress<SyncProgress>
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    readonly SyncPace paces = new(time);
    long said = time.GetTimestamp();

    public void Report(SyncProgress value) => paces.Advance(value, pace =>
    {
        if (time.GetElapsedTime(said) < Interval)
            return;
        said = time.GetTimestamp();
        say(PaceText.Line(value.Dataset, pace));
    });
}
