using Etl.Loading;

namespace Quality.Commands;

/// <summary>How far one dataset is, how fast it goes, and how long it will take. Times are ticks of the clock, as <see cref="TimeProvider.GetTimestamp"/> gives them.</summary>
internal sealed class DatasetPace
{
    /// <summary>The rate is that of the last while: what happened long ago does not tell when it will be done.</summary>
    static readonly TimeSpan Window = TimeSpan.FromSeconds(15);

    readonly TimeProvider time;
    readonly Queue<(long At, long Documents)> samples = [];

    /// <param name="since">When its reading began, as far as is known.</param>
    public DatasetPace(TimeProvider time, long since)
    {
        this.time = time;
        samples.Enqueue((since, 0));
    }

    public long Documents { get; private set; }

    /// <summary>The source's estimate; null where it gave none, or has been passed.</summary>
    public long? Expected { get; private set; }

    /// <summary>0 to 1; null: not known.</summary>
    public double? Share => Expected is { } all ? (double)Documents / all : null;

    /// <summary>Documents a second.</summary>
    public double Rate { get; private set; }

    public TimeSpan? Left => Expected is { } all && Rate > 0 ? TimeSpan.FromSeconds((all - Documents) / Rate) : null;

    public void Advance(SyncProgress progress)
    {
        long now = time.GetTimestamp();
        Documents = progress.Documents;
        Expected = progress.Expected >= Documents ? progress.Expected : null;
        samples.Enqueue((now, Documents));
        while (samples.Count > 2 && time.GetElapsedTime(samples.Peek().At, now) > Window)
            samples.Dequeue();
        var (began, before) = samples.Peek();
        double seconds = time.GetElapsedTime(began, now).TotalSeconds;
        if (seconds > 0)
            Rate = (Documents - before) / seconds;
    }
}
