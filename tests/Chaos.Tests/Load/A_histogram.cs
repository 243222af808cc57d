using Chaos.Load;
using FsCheck;
using FsCheck.Fluent;

namespace Chaos.Tests.Load;

public sealed class A_histogram
{
    static readonly double[] Percentiles = [0.1, 1, 25, 50, 75, 95, 99, 99.9, 100];

    /// <summary>From ticks to hours: latencies differ by orders of magnitude, so durations here do too.</summary>
    static readonly Gen<long[]> Ticks = Gen.ArrayOf(Gen.Choose(0, 40).SelectMany(bits => Gen.Choose(0, int.MaxValue).Select(n => (long)(Math.Pow(2, bits) * (n / (double)int.MaxValue)))));

    static Histogram Of(IEnumerable<long> ticks)
    {
        var histogram = new Histogram();
        foreach (long t in ticks)
            histogram.Record(TimeSpan.FromTicks(t));
        return histogram;
    }

    /// <summary>Nearest rank, of all values kept.</summary>
    static long Exact(long[] sorted, double percent) => sorted[Math.Max(1, (int)Math.Ceiling(sorted.Length * (percent / 100) - 1e-9)) - 1];

    static void AssertNear(long exact, TimeSpan read) => Assert.True(Math.Abs(read.Ticks - exact) <= exact * 0.01, $"{read.Ticks} for {exact}");

    [Fact]
    public void Tells_percentiles_within_one_per_cent_of_the_exact_ones() => Prop.ForAll(Ticks.Where(t => t.Length > 0).ToArbitrary(), ticks =>
    {
        var histogram = Of(ticks);
        long[] sorted = [.. ticks.Order()];
        foreach (double percent in Percentiles)
            AssertNear(Exact(sorted, percent), histogram.Percentile(percent));
        Assert.Equal((sorted.Length, sorted[0], sorted[^1]), (histogram.Count, histogram.Min.Ticks, histogram.Max.Ticks));
        Assert.Equal(sorted.Average(), histogram.Mean.Ticks, 1.0);
        double mean = sorted.Average(), deviation = Math.Sqrt(sorted.Average(t => (t - mean) * (t - mean)));
        Assert.Equal(deviation, histogram.Deviation.Ticks, 1.0 + deviation * 1e-9);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Added_to_another_is_as_if_one_had_been_told_everything() => Prop.ForAll(Ticks.ToArbitrary(), Ticks.ToArbitrary(), (left, right) =>
    {
        var (sum, all) = (Of(left), Of([.. left, .. right]));
        sum.Add(Of(right));
        Assert.Equal((all.Count, all.Min, all.Max), (sum.Count, sum.Min, sum.Max));
        foreach (double percent in all.Count == 0 ? [] : Percentiles)
            Assert.Equal(all.Percentile(percent), sum.Percentile(percent));
        Assert.Equal(all.Mean.Ticks, sum.Mean.Ticks, 1.0 + all.Mean.Ticks * 1e-9);
        Assert.Equal(all.Deviation.Ticks, sum.Deviation.Ticks, 1.0 + all.Deviation.Ticks * 1e-6);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Does_not_grow_with_what_it_is_told()
    {
        var random = new Random(1);
        var histogram = Of([]);
        for (int i = 0; i < 100_000; i++)
            histogram.Record(TimeSpan.FromMilliseconds(random.NextDouble() * 1_000));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000_000; i++)
            histogram.Record(TimeSpan.FromMilliseconds(random.NextDouble() * 1_000));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void Has_no_percentile_of_nothing()
    {
        Assert.Throws<InvalidOperationException>(() => new Histogram().Percentile(50));
        Assert.Null(LatencyFigures.Of(new Histogram()));
    }

    [Fact]
    public void Counts_a_clock_that_was_set_back_as_no_time_at_all() => Assert.Equal(TimeSpan.Zero, Of([-5]).Max);
}
