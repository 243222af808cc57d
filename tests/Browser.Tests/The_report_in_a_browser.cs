using Microsoft.Playwright;
using Quality.Reports;
using Quality.Tests.Reports;

namespace Browser.Tests;

[Trait("Category", "Browser")]
public sealed class The_report_in_a_browser(Chromium chromium) : IClassFixture<Chromium>
{
    static Task<string> Written(string name, QualityReport? report = null) =>
        ReportWriter.WriteAsync(report ?? SampleReport.Of(), Artifacts.Path("browser-tests", name + ".html"));

    [Fact]
    public async Task Opens_from_disk_without_complaint_or_network()
    {
        var file = await Written("opens");
        await using var open = await OpenPage.Of(chromium.Browser, file);
        await open.Page.WaitForTimeoutAsync(200);
        Assert.Empty(open.Complaints);
        Assert.Equal(new Uri(file).AbsoluteUri, Assert.Single(open.Requests));
        Assert.Equal("Reconciled", await open.Page.InnerTextAsync("h1"));
        // The policy let the style through: the verdict stands on its colour.
        Assert.NotEqual("rgba(0, 0, 0, 0)", await open.Page.EvaluateAsync<string>("getComputedStyle(document.querySelector('.verdict')).backgroundColor"));
    }

    [Fact]
    public async Task Changes_between_light_and_dark_at_a_click()
    {
        await using var open = await OpenPage.Of(chromium.Browser, await Written("theme"));
        var light = await Background(open.Page);
        await open.Page.ClickAsync("#theme");
        Assert.NotEqual(light, await Background(open.Page));
        Assert.Equal("true", await open.Page.GetAttributeAsync("#theme", "aria-pressed"));
        await open.Page.ReloadAsync();
        Assert.NotEqual(light, await Background(open.Page));
        await open.Page.ClickAsync("#theme");
        Assert.Equal(light, await Background(open.Page));
    }

    [Fact]
    public async Task Shows_values_on_hover_and_by_the_keyboard()
    {
        await using var open = await OpenPage.Of(chromium.Browser, await Written("hover"));
        await open.Page.Locator("#throughput .hit").Nth(18).HoverAsync();
        Assert.Contains("rows/s", await open.Page.InnerTextAsync("#tip"));
        await open.Page.Mouse.MoveAsync(2, 2);
        Assert.False(await open.Page.IsVisibleAsync("#tip"));
        await open.Page.Locator("#history .strip").FocusAsync();
        await open.Page.Keyboard.PressAsync("ArrowRight");
        Assert.Contains("Run 1 ", await open.Page.InnerTextAsync("#tip"));
        await open.Page.Keyboard.PressAsync("End");
        Assert.Contains("Run 42 ", await open.Page.InnerTextAsync("#tip"));
        await open.Page.Keyboard.PressAsync("Escape");
        Assert.False(await open.Page.IsVisibleAsync("#tip"));
        Assert.Empty(open.Complaints);
    }

    [Theory]
    [InlineData(360), InlineData(768), InlineData(1280), InlineData(2560)]
    public async Task Fits_the_window(int width)
    {
        foreach (var (name, report) in Looks.All)
            foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                var look = $"{name}-{width}-{scheme.ToString().ToLowerInvariant()}";
                await using var open = await OpenPage.Of(chromium.Browser, await Written(look, report), width, scheme);
                await open.Page.ScreenshotAsync(new() { Path = Artifacts.Path("screenshots", $"report-{look}.png"), FullPage = true });
                Assert.True(await open.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), look + " scrolls sideways");
                Assert.Empty(await open.Page.EvaluateAsync<string[]>(CutOff));
                Assert.Empty(await open.Page.EvaluateAsync<string[]>(Contrast.Script));
            }
    }

    /// <summary>What is wider than the box around it, which hides or overlaps what it cannot hold; tables and charts scroll in their own.</summary>
    const string CutOff = """
        [...document.querySelectorAll('.pair header, .pair td, .pair th, .verdict .say, .facts dd, .tile, .card > header, .story li, .bars dt, .missed li, .empty, .foot')]
          .filter(e => e.offsetParent && e.scrollWidth > e.clientWidth + 1).map(e => `${e.tagName}.${e.className}: ${e.textContent.trim().slice(0, 60)}`)
        """;

    [Theory]
    [InlineData(360), InlineData(800)]
    public async Task Keeps_the_verdict_of_each_table_in_sight(int width)
    {
        await using var open = await OpenPage.Of(chromium.Browser, await Written($"in-sight-{width}", SampleReport.Of(reconciled: false)), width);
        var badges = open.Page.Locator("#reconciliation tbody .badge");
        for (int i = 0; i < await badges.CountAsync(); i++)
            Assert.InRange((await badges.Nth(i).BoundingBoxAsync())!.X + (await badges.Nth(i).BoundingBoxAsync())!.Width, 0, width);
        // A chart shrinks with the window; its words must not.
        Assert.InRange(await open.Page.EvaluateAsync<double>("Math.min(...[...document.querySelectorAll('.chart text')].map(t => t.getBoundingClientRect().height))"), 11, 30);
    }

    [Fact]
    public async Task Prints_on_A4()
    {
        await using var open = await OpenPage.Of(chromium.Browser, await Written("print"), scheme: ColorScheme.Dark);
        var pdf = await open.Page.PdfAsync(new() { Path = Artifacts.Path("screenshots", "report.pdf"), PreferCSSPageSize = true, PrintBackground = true });
        Assert.True(pdf.Length > 20_000);
    }

    [Fact]
    public async Task Gains_nothing_from_what_a_document_contains()
    {
        await using var open = await OpenPage.Of(chromium.Browser, await Written("hostile", Looks.Hostile));
        Assert.Equal(1, await open.Page.Locator("script").CountAsync());
        Assert.Equal(0, await open.Page.Locator("img, iframe, object, [style], [onerror], [onclick]").CountAsync());
        Assert.Empty(open.Complaints);
        Assert.Single(open.Requests);
    }

    static Task<string> Background(IPage page) => page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
}
