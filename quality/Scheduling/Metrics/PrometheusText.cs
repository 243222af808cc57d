using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Quality.Scheduling.Metrics;

/// <summary>Writes metrics as Prometheus reads them, text format 0.0.4.</summary>
internal sealed class PrometheusText : BaseExporter<Metric>, IPullMetricExporter
{
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    readonly Lock gate = new();
    string text = "";

    /// <summary>Set by the reader: collects, and calls <see cref="Export"/>.</summary>
    public Func<int, bool>? Collect { get; set; }

    public string Read()
    {
        lock (gate)
        {
            Collect!(Timeout.Infinite);
            return text;
        }
    }

    public override ExportResult Export(in Batch<Metric> batch)
    {
        var page = new StringBuilder();
        foreach (var metric in batch)
            Write(page, metric);
        text = page.ToString();
        return ExportResult.Success;
    }

    static void Write(StringBuilder page, Metric metric)
    {
        string type = metric.MetricType.IsHistogram() ? "histogram" : metric.MetricType.IsGauge() ? "gauge" : "counter";
        string name = Name(metric.Name) + (metric.Unit is "s" ? "_seconds" : "") + (type == "counter" ? "_total" : "");
        if (metric.Description.Length > 0)
            page.Append(CultureInfo.InvariantCulture, $"# HELP {name} {Escaped(metric.Description)}\n");
        page.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {type}\n");
        foreach (ref readonly var point in metric.GetMetricPoints())
            if (type == "histogram")
                WriteHistogram(page, name, point);
            else
                Line(page, name, point.Tags, null, metric.MetricType switch
                {
                    MetricType.LongSum or MetricType.LongSumNonMonotonic => point.GetSumLong(),
                    MetricType.LongGauge => point.GetGaugeLastValueLong(),
                    MetricType.DoubleGauge => point.GetGaugeLastValueDouble(),
                    _ => point.GetSumDouble(),
                });
    }

    static void WriteHistogram(StringBuilder page, string name, in MetricPoint point)
    {
        long below = 0;
        foreach (var bucket in point.GetHistogramBuckets())
            Line(page, name + "_bucket", point.Tags, bucket.ExplicitBound, below += bucket.BucketCount);
        Line(page, name + "_sum", point.Tags, null, point.GetHistogramSum());
        Line(page, name + "_count", point.Tags, null, point.GetHistogramCount());
    }

    static void Line(StringBuilder page, string name, ReadOnlyTagCollection tags, double? upTo, double value)
    {
        page.Append(name);
        char before = '{';
        foreach (var (label, content) in tags)
        {
            page.Append(before).Append(Name(label)).Append("=\"").Append(Escaped(Convert.ToString(content, CultureInfo.InvariantCulture) ?? "").Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
            before = ',';
        }
        if (upTo is { } bound)
        {
            page.Append(before).Append("le=\"").Append(Number(bound)).Append('"');
            before = ',';
        }
        page.Append(before == ',' ? "} " : " ").Append(Number(value)).Append('\n');
    }

    static string Number(double value) => double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>Of names: letters, digits and underscores, no digit first.</summary>
    static string Name(string text)
    {
        string name = string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        return char.IsAsciiDigit(name[0]) ? "_" + name : name;
    }

    static string Escaped(string text) => text.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
}
