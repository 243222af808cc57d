using System.Numerics;

namespace Chaos.Load;

/// <summary>
/// Counts of durations in buckets that grow with them: each power of two is cut into <see cref="Parts"/>, so that a duration read from it is
/// wrong by less than 1 % whatever its size. Two can be added to one, as if it had been told everything; memory is bounded by the number of
/// buckets, not of durations. Not safe for several threads.
/// </summary>
/// <remarks>The layout is HdrHistogram's; below 25.6 µs every tick has a bucket of its own.</remarks>
public sealed class Histogram
{
    /// <summary>Buckets in each power of two, and its logarithm.</summary>
    const int Parts = 128, PartsBits = 7;

    readonly Dictionary<int, long> buckets = [];
    double mean, squares; // Welford: sums of squares of large numbers would lose what matters

    public long Count { get; private set; }
    public TimeSpan Min { get; private set; } = TimeSpan.MaxValue;
    public TimeSpan Max { get; private set; }

    /// <summary>Of all durations, exactly.</summary>
    public TimeSpan Mean => TimeSpan.FromTicks((long)Math.Round(mean));

    /// <summary>Of the durations told, not estimated for others.</summary>
    public TimeSpan Deviation => Count == 0 ? TimeSpan.Zero : TimeSpan.FromTicks((long)Math.Round(Math.Sqrt(squares / Count)));

    /// <param name="duration">Below zero, as a clock that was set back gives it, counts as zero.</param>
    public void Record(TimeSpan duration)
    {
        long ticks = Math.Max(0, duration.Ticks);
        int bucket = BucketOf(ticks);
        buckets[bucket] = buckets.GetValueOrDefault(bucket) + 1;
        Count++;
        double off = ticks - mean;
        mean += off / Count;
        squares += off * (ticks - mean);
        (Min, Max) = (TimeSpan.FromTicks(Math.Min(Min.Ticks, ticks)), TimeSpan.FromTicks(Math.Max(Max.Ticks, ticks)));
    }

    /// <summary>Takes in what another was told.</summary>
    public void Add(Histogram other)
    {
        if (other.Count == 0)
            return;
        foreach (var (bucket, count) in other.buckets)
            buckets[bucket] = buckets.GetValueOrDefault(bucket) + count;
        double off = other.mean - mean, all = Count + other.Count;
        squares += other.squares + off * off * Count * other.Count / all;
        mean += off * other.Count / all;
        Count += other.Count;
        (Min, Max) = (other.Min < Min ? other.Min : Min, other.Max > Max ? other.Max : Max);
    }

    /// <summary>The smallest duration that so many per cent do not exceed (nearest rank).</summary>
    /// <param name="percent">Above 0, up to 100.</param>
    /// <exception cref="InvalidOperationException">It was told nothing.</exception>
    public TimeSpan Percentile(double percent)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(percent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);
        long left = Math.Max(1, (long)Math.Ceiling(Count * (percent / 100) - 1e-9));
        foreach (int bucket in buckets.Keys.Order())
            if ((left -= buckets[bucket]) <= 0)
                return TimeSpan.FromTicks(Math.Clamp(MiddleOf(bucket), Min.Ticks, Max.Ticks));
        throw new InvalidOperationException("No duration was recorded.");
    }

    static int BucketOf(long ticks)
    {
        int shift = Math.Max(0, BitOperations.Log2((ulong)ticks) - PartsBits);
        return shift * Parts + (int)(ticks >> shift);
    }

    static long MiddleOf(int bucket)
    {
        int shift = Math.Max(0, bucket / Parts - 1);
        return ((long)(bucket - shift * Parts) << shift) + ((1L << shift) >> 1);
    }
}
