using Quality.Reports;

namespace Quality.Tests.Reports;

public sealed class The_load_in_a_report
{
    static LoadPoint Point(int second, long operations) => new(second, operations, second % 7 == 3 ? 1 : 0, operations * 2, operations == 0 ? null : Latency(second));

    static LoadLatency Latency(double at) => new(1, 2, 9 + at, 1, 2, 3, 4 + at, 5 + at, 6 + at);

    internal static LoadFacts Soaked(int seconds = 30) => new(9, "soak", 5, 50, SampleReport.Start, seconds + 4, Etl.Loading.Verdict.Mismatched, "1 of 1 thresholds were passed.", 300L << 20,
        [new("insert p99 < 30 ms", "insert", "34 ms", false)],
        [
            new("writers", "insert", 1_234, 4, 1_234, seconds, Latency(29), [new("<b>not primary</b>", 4)], 1, [.. Enumerable.Range(0, seconds).Select(s => Point(s, 40))]),
            new("syncs", "sync", 10, 0, 56_000, seconds, Latency(2_900), [], 1, [.. Enumerable.Range(0, seconds - 3).Select(s => Point(s, s % 3 == 0 ? 1 : 0))]),
            new("syncs", "idle", 0, 0, 0, seconds, null, [], 1, []),
        ]);

    static Task<string> RenderAsync(params LoadFacts[] loads) =>
        ReportHtml.RenderAsync(QualityReport.Of(SampleReport.Start, "Quality", [(SampleReport.Pipeline() with { Loads = loads }).Judged()]));

    [Fact]
    public async Task Shows_figures_curves_thresholds_and_failures()
    {
        string html = await RenderAsync(Soaked());
        Assert.Contains("1,234", html);
        Assert.Contains("insert p99 &lt; 30 ms", html);
        Assert.Contains("passed", html);
        Assert.Contains("50 writes a second meant", html);
        Assert.Contains("300 MiB", html);
        Assert.Contains("&lt;b&gt;not primary&lt;/b&gt;", html);
        // Every curve is told in words, too.
        Assert.Contains("aria-label=\"soak: documents a second by the writers. insert: from 80 to 80 documents/s, least 80, greatest 80", html);
        Assert.Contains("aria-label=\"soak: latency of the writers. insert p50: from 2 to 2 ms, least 2, greatest 2. insert p99: from 5 to 34 ms, least 5, greatest 34", html);
        Assert.DoesNotContain("No load test has been run.", html);
    }

    [Fact]
    public async Task Says_that_there_was_none() => Assert.Contains("No load test has been run.", await RenderAsync());

    [Fact]
    public void Draws_points_together_without_losing_an_operation()
    {
        var points = Soaked(601).Steps[0].Series;
        var fewer = LoadPoint.Fewer(points, 60);
        Assert.InRange(fewer.Count, 30, 60);
        Assert.Equal((points.Sum(p => p.Operations), points.Sum(p => p.Failed), points.Sum(p => p.Documents)), (fewer.Sum(p => p.Operations), fewer.Sum(p => p.Failed), fewer.Sum(p => p.Documents)));
        Assert.Equal((0, 11, 22), (fewer[0].Second, fewer[1].Second, fewer[2].Second));
        Assert.Equal(points.Take(11).Max(p => p.Latency!.P99), fewer[0].Latency!.P99);
        Assert.Same(points, LoadPoint.Fewer(points, 601));
    }
}
