using Microsoft.Playwright;

namespace Browser.Tests;

/// <summary>Debian's Chromium, one for all tests. Where there is none a test is skipped; in CI it fails.</summary>
public sealed class Chromium : IAsyncLifetime
{
    const string Install = "Chromium is not installed: apt-get install -y chromium";
    static readonly string? path = new[] { Environment.GetEnvironmentVariable("CHROMIUM"), "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);
    IPlaywright? playwright;
    IBrowser? browser;

    public async ValueTask InitializeAsync()
    {
        if (path is null) return;
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = path,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public IBrowser Browser
    {
        get
        {
            if (browser is null && Environment.GetEnvironmentVariable("CI") == "true") Assert.Fail(Install);
            Assert.SkipWhen(browser is null, Install);
            return browser!;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null) await browser.DisposeAsync();
        playwright?.Dispose();
    }
}
