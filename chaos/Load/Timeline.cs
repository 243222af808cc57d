namespace Chaos.Load;

/// <summary>
/// A curve over time, in slots of a second. When there are more than <see cref="Most"/>, each two become one, twice as long: an hour takes
/// no more memory than ten minutes. Not safe for several threads.
/// </summary>
sealed class Timeline
{
    internal const int Most = 600;

    readonly List<Slot> slots = [];

    sealed class Slot
    {
        public Histogram Latency { get; } = new();
        public long Failed, Documents;
    }

    public TimeSpan Width { get; private set; } = TimeSpan.FromSeconds(1);

    public void Record(TimeSpan at, TimeSpan latency) => At(at).Latency.Record(latency);

    public void Fail(TimeSpan at) => At(at).Failed++;

    public void Count(TimeSpan at, long documents) => At(at).Documents += documents;

    Slot At(TimeSpan at)
    {
        while (at.Ticks / Width.Ticks >= Most)
            Halve();
        int slot = (int)(Math.Max(0, at.Ticks) / Width.Ticks);
        while (slots.Count <= slot)
            slots.Add(new Slot());
        return slots[slot];
    }

    void Halve()
    {
        for (int i = 0; i < slots.Count; i += 2)
        {
            var into = slots[i];
            if (i + 1 < slots.Count)
            {
                into.Latency.Add(slots[i + 1].Latency);
                into.Failed += slots[i + 1].Failed;
                into.Documents += slots[i + 1].Documents;
            }
            slots[i / 2] = into;
        }
        int kept = (slots.Count + 1) / 2;
        slots.RemoveRange(kept, slots.Count - kept);
        Width *= 2;
    }

    public IReadOnlyList<SeriesPoint> Points() =>
        [.. slots.Select((s, i) => new SeriesPoint(i * Width.TotalSeconds, s.Latency.Count, s.Failed, s.Documents, LatencyFigures.Of(s.Latency)))];
}
