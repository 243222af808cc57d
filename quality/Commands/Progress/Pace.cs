namespace Quality.Commands.Progress;

/// <summary>How far a dataset or a table is, how fast it goes, and how long it will take. Times are ticks of the clock, as <see cref="TimeProvider.GetTimestamp"/> gives them.</summary>
internal sealed class Pace
{
    /// <summary>The rate is that of the last while: what happened long ago does not tell when it will be done.</summary>
    static readonly TimeSpan Window = TimeSpan.FromSeconds(15);

    readonly TimeProvider time;
    readonly Queue<(long At, long Count)> samples = [];

    /// <param name="unit">Of what is counted: documents, rows.</param>
    /// <param name="since">When its reading began, as far as is known.</param>
    public Pace(string unit, TimeProvider time, long since)
    {
        (Unit, this.time) = (unit, time);
        samples.Enqueue((since, 0));
    }

    public string Unit { get; }

    public long Count { get; private set; }

    /// <summary>An estimate of how many there are; null where nobody gave one, or it has been passed.</summary>
    public long? Expected { get; private set; }

    /// <summary>0 to 1; null: not known.</summary>
    public double? Share => Expected is { } all ? (double)Count / all : null;

    /// <summary>A second.</summary>
    public double Rate { get; private set; }

    public TimeSpan? Left => Expected is { } all && Rate > 0 ? TimeSpan.FromSeconds((all - Count) / Rate) : null;

    public void Advance(long count, long? expected)
    {
        long now = time.GetTimestamp();
        Count = count;
        Expected = expected >= count ? expected : null;
        samples.Enqueue((now, count));
        while (samples.Count > 2 && time.GetElapsedTime(samples.Peek().At, now) > Window)
            samples.Dequeue();
        var (began, before) = samples.Peek();
        double seconds = time.GetElapsedTime(began, now).TotalSeconds;
        if (seconds > 0)
            Rate = (count - before) / seconds;
    }
}
