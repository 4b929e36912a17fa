using Microsoft.Playwright;

namespace CudaTts.Server.Tests.Page;

/// <summary>The Chromium of this machine, without a window. Where there is none, the tests are skipped.</summary>
internal sealed class PageBrowser : IAsyncDisposable
{
    private static readonly string[] s_programs = ["chromium", "chromium-browser", "google-chrome"];

    // A virtual machine often has neither the rights for Chromium's own sandbox nor a graphics card.
    private static readonly string[] s_arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private PageBrowser(IPlaywright playwright, IBrowser browser)
    {
        _playwright = playwright;
        _browser = browser;
    }

    /// <summary>Starts the browser.</summary>
    public static async Task<PageBrowser> StartAsync()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator);
        var program = s_programs.SelectMany(name => folders.Select(folder => System.IO.Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        if (program is null)
        {
            Assert.Ignore($"no browser: none of {string.Join(", ", s_programs)} is installed; the page is not tried out");
        }

        var playwright = await Playwright.CreateAsync();
        return new PageBrowser(playwright, await playwright.Chromium.LaunchAsync(new() { ExecutablePath = program, Args = s_arguments }));
    }

    /// <summary>Opens the page in a session of its own.</summary>
    /// <param name="address">The server's address.</param>
    /// <param name="options">Size of the window, kind of screen.</param>
    public async Task<PageVisit> OpenAsync(Uri address, BrowserNewContextOptions? options = null)
    {
        var context = await _browser.NewContextAsync(options ?? new() { ViewportSize = new() { Width = 1280, Height = 900 } });
        var visit = new PageVisit(await context.NewPageAsync());
        await visit.GoToAsync(address);
        return visit;
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
