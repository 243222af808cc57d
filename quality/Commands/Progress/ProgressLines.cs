namespace Quality.Commands.Progress;

/// <summary>A line every few seconds, with figures: for logs, where nothing can be rewritten.</summary>
internal sealed class ProgressLines(TimeProvider time, Action<string> say) : ProgressView(time)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    readonly TimeProvider time = time;
    long said = time.GetTimestamp();

    protected override void Show(string name, Pace pace)
    {
        if (time.GetElapsedTime(said) < Interval)
            return;
        said = time.GetTimestamp();
        say(PaceText.Line(name, pace));
    }
}
