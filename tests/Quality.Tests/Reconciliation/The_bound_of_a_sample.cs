using Quality.Reconciliation;

namespace Quality.Tests.Reconciliation;

public sealed class The_bound_of_a_sample
{
    /// <summary>What it says is wrong in at most one sample of a hundred, and would be wrong more often if it said a segment less.</summary>
    [Theory]
    [InlineData(20, 10)]
    [InlineData(100, 5)]
    [InlineData(100, 90)]
    [InlineData(1_000, 300)]
    [InlineData(4_096, 459)]
    public void Holds_in_a_simulation(int segments, int read)
    {
        const int samples = 20_000;
        int bad = (int)Math.Round(SampleBound.Of(segments, read) * segments);
        var random = new Random(7);
        Assert.InRange(ShareOfCleanSamples(bad), 0, 0.0125); // 1 %, and what chance adds to 20,000 samples
        if (bad > 1)
            Assert.InRange(ShareOfCleanSamples(bad - 1), 0.0075, 1);

        double ShareOfCleanSamples(int differing)
        {
            int clean = 0;
            for (int i = 0; i < samples; i++)
                clean += IsClean(differing) ? 1 : 0;
            return (double)clean / samples;
        }

        // Draws segments one after the other without replacement; the first of them are the differing ones.
        bool IsClean(int differing)
        {
            for (int drawn = 0; drawn < read; drawn++)
                if (random.Next(segments - drawn) < differing)
                    return false;
            return true;
        }
    }

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(1, 1, 0)]
    [InlineData(100, 0, 1)]
    [InlineData(100, 100, 0)]
    [InlineData(100, 99, 0.01)] // one was not read; it differs or not, and 1 % of all samples leave just it out
    [InlineData(1_000_000, 459, 0.009981)] // draws with replacement: 1 − 0.01^(1/459) = 0.009983
    public void Is_known_at_its_ends(int segments, int read, double bound) => Assert.Equal(bound, SampleBound.Of(segments, read), 5);

    [Fact]
    public void Shrinks_with_every_segment_read()
    {
        double[] bounds = [.. Enumerable.Range(0, 501).Select(read => SampleBound.Of(500, read))];
        Assert.Equal(bounds.OrderDescending(), bounds);
        Assert.All(bounds.SkipLast(1), b => Assert.True(b > 0, "less than everything leaves something open"));
    }

    [Fact]
    public void Is_refused_for_more_than_there_is() => Assert.Throws<ArgumentOutOfRangeException>(() => SampleBound.Of(3, 4));
}
