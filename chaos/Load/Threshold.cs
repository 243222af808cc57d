using System.Globalization;
using System.Text.RegularExpressions;
using Etl;

namespace Chaos.Load;

/// <summary>A figure that must not be passed: <c>p99 &lt; 200 ms</c>, <c>failures &lt; 1 %</c>, <c>sync documents &gt; 5000 /s</c>.</summary>
/// <param name="Step">The step that it is about; null: every one.</param>
public sealed partial record Threshold(string Text, string? Step, string Metric, string Comparison, double Limit, string Unit)
{
    const string Forms = "Write [STEP] METRIC < LIMIT, for instance 'p99 < 200 ms', 'failures < 1 %', 'insert mean <= 5 ms', 'sync documents > 5000 /s'. "
        + "Metrics: min, mean, max, stddev, p50, p75, p95, p99, p99.9 (us, ms, s, min); failures (%, or a number without unit); throughput and documents (/s).";

    [GeneratedRegex(@"^\s*(?:(?<step>[a-z][a-z-]*)\s+)?(?<metric>min|mean|max|stddev|p50|p75|p95|p99\.9|p99|failures|throughput|documents)\s*(?<than><=|>=|<|>)\s*(?<limit>\d+(?:\.\d+)?)\s*(?<unit>us|µs|ms|s|min|%|/s)?\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();

    /// <exception cref="UsageException">It cannot be read.</exception>
    public static Threshold Parse(string text)
    {
        var match = Form().Match(text);
        string metric = match.Groups["metric"].Value, unit = match.Groups["unit"].Value;
        bool fits = match.Success && (metric switch { "failures" => unit is "" or "%", "throughput" or "documents" => unit is "/s", _ => unit is "us" or "µs" or "ms" or "s" or "min" });
        return fits ? new Threshold(text.Trim(), match.Groups["step"] is { Success: true } step ? step.Value : null, metric, match.Groups["than"].Value, double.Parse(match.Groups["limit"].Value, CultureInfo.InvariantCulture), unit)
            : throw new UsageException($"'{text}' is no threshold. {Forms}");
    }

    /// <summary>One judgement for each step that it is about. What was not measured is not met.</summary>
    public IEnumerable<ThresholdResult> Judge(IEnumerable<StepResult> steps) =>
        steps.Where(s => Step is null || s.Step == Step).Select(s => Measure(s) is { } measured
            ? new ThresholdResult(Text, s.Step, $"{measured.ToString("0.###", CultureInfo.InvariantCulture)} {Unit}".TrimEnd(), Holds(measured))
            : new ThresholdResult(Text, s.Step, "nothing was measured", false));

    bool Holds(double measured) => Comparison switch { "<" => measured < Limit, "<=" => measured <= Limit, ">" => measured > Limit, _ => measured >= Limit };

    double? Measure(StepResult step) => Metric switch
    {
        "failures" => Unit == "%" ? step.FailedShare * 100 : step.Failed,
        "throughput" => step.Throughput,
        "documents" => step.DocumentsPerSecond,
        _ => step.Latency is { } latency ? Milliseconds(latency) / UnitMilliseconds : null,
    };

    double Milliseconds(LatencyFigures latency) => Metric switch
    {
        "min" => latency.Min,
        "mean" => latency.Mean,
        "max" => latency.Max,
        "stddev" => latency.Deviation,
        "p50" => latency.P50,
        "p75" => latency.P75,
        "p95" => latency.P95,
        "p99" => latency.P99,
        _ => latency.P999,
    };

    double UnitMilliseconds => Unit switch { "us" or "µs" => 0.001, "ms" => 1, "s" => 1_000, _ => 60_000 };
}
