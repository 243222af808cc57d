using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Quality.Scheduling;
using Quality.Scheduling.Metrics;

namespace Quality.Tests.Scheduling;

public sealed class Prometheus_text
{
    static string Read(Action<Meter> use)
    {
        var text = new PrometheusText();
        string name = $"test-{text.GetHashCode()}";
        using var meter = new Meter(name);
        using var telemetry = new Telemetry(name, text);
        use(meter);
        return text.Read();
    }

    [Fact]
    public void Has_help_type_and_a_line_for_each_set_of_labels()
    {
        string text = Read(meter =>
        {
            var rows = meter.CreateCounter<long>("quality.rows", null, "Rows written.");
            rows.Add(3, new KeyValuePair<string, object?>("table", "a.b"));
            rows.Add(4, new KeyValuePair<string, object?>("table", "a.b"));
            rows.Add(1, new KeyValuePair<string, object?>("table", "c"));
            meter.CreateObservableGauge("quality.lag", () => 1.5, "s", "Age.");
        });
        Assert.Equal("""
            # HELP quality_rows_total Rows written.
            # TYPE quality_rows_total counter
            quality_rows_total{table="a.b"} 7
            quality_rows_total{table="c"} 1
            # HELP quality_lag_seconds Age.
            # TYPE quality_lag_seconds gauge
            quality_lag_seconds 1.5

            """, text);
    }

    [Fact]
    public void Escapes_what_would_end_a_line_or_a_label()
    {
        string text = Read(meter => meter.CreateCounter<long>("odd-name.1", null, "One\\two\nthree").Add(1, new KeyValuePair<string, object?>("a.b", "say \"x\\y\"\nz")));
        Assert.Equal("# HELP odd_name_1_total One\\\\two\\nthree\n# TYPE odd_name_1_total counter\nodd_name_1_total{a_b=\"say \\\"x\\\\y\\\"\\nz\"} 1\n", text);
    }

    [Fact]
    public void Adds_up_the_buckets_of_a_histogram()
    {
        string text = Read(meter =>
        {
            var took = meter.CreateHistogram("took", "s", "Time.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 5] });
            foreach (double seconds in (double[])[0.1, 0.2, 3, 60])
                took.Record(seconds, new KeyValuePair<string, object?>("step", "sync"));
        });
        Assert.Equal("""
            # HELP took_seconds Time.
            # TYPE took_seconds histogram
            took_seconds_bucket{step="sync",le="0.5"} 2
            took_seconds_bucket{step="sync",le="5"} 3
            took_seconds_bucket{step="sync",le="+Inf"} 4
            took_seconds_sum{step="sync"} 63.3
            took_seconds_count{step="sync"} 4

            """, text);
    }

    [Fact]
    public void Tells_how_a_pipeline_stands()
    {
        var time = new SettableTime("2026-11-22 12:00:00");
        var text = new PrometheusText();
        const string own = "tests of how a pipeline stands"; // others run at the same time
        using var meter = new ChainMeter(time, own);
        using var telemetry = new Telemetry(own, text);
        meter.Stands("p", new PipelineState(Etl.Loading.Verdict.Mismatched, time.Now.AddHours(-2), time.Now.AddMinutes(-1), [("p.users", "missing", 3)]));
        meter.Count(new ChainResult(1, "p", null, time.Now, [new StepResult(Steps.Sync, time.Now, time.Now, Etl.Loading.Verdict.Mismatched, "")]));
        string page = text.Read();
        Assert.All((string[])["quality_verdict{pipeline=\"p\"} 1", "quality_lag_seconds{pipeline=\"p\"} 7200", "quality_freshness_seconds{pipeline=\"p\"} 60",
            "quality_differences{kind=\"missing\",pipeline=\"p\",table=\"p.users\"} 3", "quality_chains_total{pipeline=\"p\",verdict=\"mismatched\"} 1", "quality_warehouse_up 1"],
            line => Assert.Contains(line + "\n", page));
        Assert.All(page.TrimEnd('\n').Split('\n'), line => Assert.Matches(@"^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z_]+=""[^""\n]*"",?)+\})? [0-9.+eE-]+)$", line));
        var types = Regex.Matches(page, @"^# TYPE ([a-z_]+)", RegexOptions.Multiline).Select(m => m.Groups[1].Value).ToList();
        Assert.Equal(types.Distinct(), types);
    }
}
