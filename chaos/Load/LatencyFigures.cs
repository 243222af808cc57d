namespace Chaos.Load;

/// <summary>What a histogram says, in milliseconds.</summary>
public sealed record LatencyFigures(double Min, double Mean, double Max, double Deviation, double P50, double P75, double P95, double P99, double P999)
{
    /// <returns>Null of a histogram that was told nothing: no figure would be true.</returns>
    public static LatencyFigures? Of(Histogram histogram)
    {
        return histogram.Count == 0 ? null
            : new(In(histogram.Min), In(histogram.Mean), In(histogram.Max), In(histogram.Deviation), At(50), At(75), At(95), At(99), At(99.9));

        double At(double percent) => In(histogram.Percentile(percent));
        static double In(TimeSpan duration) => duration.TotalMilliseconds;
    }
}
