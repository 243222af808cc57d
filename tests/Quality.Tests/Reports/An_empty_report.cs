using Quality.Reports;

namespace Quality.Tests.Reports;

public sealed class An_empty_report
{
    [Fact]
    public async Task Says_that_nothing_has_run()
    {
        var html = await Rendered([]);
        Assert.Contains("<h1>Unknown</h1>", html);
        Assert.Contains("No run is in the journal.", html);
    }

    [Fact]
    public async Task Says_that_nothing_was_compared()
    {
        var html = await Rendered([(SampleReport.Pipeline() with { Rounds = [], Comparison = null }).Judged()]);
        Assert.Contains("<h1>Unknown</h1>", html);
        Assert.Contains("Nothing was compared.", html);
        Assert.Contains("quality reconcile community", html);
    }

    [Fact]
    public async Task Says_that_nothing_was_refused_or_broken() =>
        Assert.All(["No document was refused.", "Nothing was broken on purpose."],
            text => Assert.Contains(text, Rendered([PipelineReport.Blank("crm").Judged()]).Result));

    static Task<string> Rendered(IReadOnlyList<PipelineReport> pipelines) =>
        ReportHtml.RenderAsync(QualityReport.Of(SampleReport.Start, "Quality", pipelines));
}
