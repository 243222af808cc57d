using Microsoft.Playwright;

namespace Browser.Tests;

/// <summary>A page opened from disk, with everything it complained of and everything it asked the network for.</summary>
sealed record OpenPage(IPage Page, List<string> Complaints, List<string> Requests) : IAsyncDisposable
{
    public static async Task<OpenPage> Of(IBrowser browser, string file, int width = 1280, ColorScheme scheme = ColorScheme.Light)
    {
        var page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = 900 }, ColorScheme = scheme });
        OpenPage open = new(page, [], []);
        page.Console += (_, message) => { if (message.Type is "error" or "warning") open.Complaints.Add(message.Text); };
        page.PageError += (_, error) => open.Complaints.Add(error);
        page.Request += (_, request) => open.Requests.Add(request.Url);
        await page.GotoAsync(new Uri(Path.GetFullPath(file)).AbsoluteUri);
        return open;
    }

    public async ValueTask DisposeAsync() => await Page.CloseAsync();
}
