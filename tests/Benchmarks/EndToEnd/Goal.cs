namespace Benchmarks.EndToEnd;

/// <summary>One measured figure, and what it should be.</summary>
/// <param name="Part">What was measured with it, in one run.</param>
/// <param name="Limit">The least or the most that passes; null: shown for information, judged by nobody.</param>
/// <param name="AtLeast">Whether the limit is the least; else it is the most.</param>
/// <param name="Samples">All that was measured; the value is their median, or for memory their maximum.</param>
sealed record Goal(string Part, string Name, double Value, string Unit, double? Limit, bool AtLeast, IReadOnlyList<double> Samples)
{
    public bool? Passed => Limit is not { } limit ? null : AtLeast ? Value >= limit : Value < limit;

    /// <summary>The median of paired ratios: what disturbs one round disturbs both of its sides.</summary>
    public static Goal Ratio(string part, string name, IEnumerable<double> samples, double? least)
    {
        double[] all = [.. samples];
        return new Goal(part, name, Median(all), "×", least, true, all);
    }

    /// <summary>The median of paired ratios that may not be larger.</summary>
    public static Goal Most(string part, string name, IReadOnlyList<double> samples, double most) => new(part, name, Median(samples), "×", most, false, samples);

    /// <summary>The median of rates, in documents a second.</summary>
    public static Goal Rate(string part, string name, IReadOnlyList<double> samples, double? least) => new(part, name, Median(samples), "/s", least, true, samples);

    /// <summary>The most memory that any of the processes had.</summary>
    public static Goal Memory(string part, string name, IEnumerable<SyncMeasure> measures, double most)
    {
        double[] peaks = [.. measures.Select(m => m.PeakBytes / 1e6)];
        return new Goal(part, name, peaks.Max(), "MB", most, false, peaks);
    }

    public static double Median(IReadOnlyList<double> samples)
    {
        double[] sorted = [.. samples.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
