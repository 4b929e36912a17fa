using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;

namespace CudaTts.Server.Tests.Page;

/// <summary>The page as somebody uses it, with what it says of itself on the document's element.</summary>
internal sealed class PageVisit(IPage page) : IAsyncDisposable
{
    // Collects the words that light up, as a reader sees them, from now on.
    private const string WatchWords = """
        () => {
          window.lit = [];
          const look = () => {
            const word = document.querySelector("#words [aria-current]")?.textContent;
            if (word && window.lit.at(-1) !== word) window.lit.push(word);
          };
          new MutationObserver(look).observe(document.getElementById("words"), { subtree: true, attributes: true, childList: true });
        }
        """;

    private readonly List<string> _console = [];

    /// <summary>The page, for what only one test does.</summary>
    public IPage Page => page;

    /// <summary>What the browser complains of: faults of scripts, and what the page's policy keeps out.</summary>
    public IReadOnlyList<string> Console => _console;

    /// <summary>Opens an address and waits for the list of voices.</summary>
    public async Task GoToAsync(Uri address)
    {
        page.Console += (_, message) => _console.Add($"{message.Type}: {message.Text}");
        page.PageError += (_, error) => _console.Add(error);
        await page.GotoAsync(address.AbsoluteUri, new() { WaitUntil = WaitUntilState.NetworkIdle });
        await page.EvaluateAsync(WatchWords);
    }

    /// <summary>Types a text in place of what stands there, and presses the key that speaks it.</summary>
    public async Task SpeakAsync(string text)
    {
        await page.FillAsync("#text", text);
        await page.Keyboard.PressAsync("Control+Enter");
    }

    /// <summary>Waits until one of the facts on the document's element is as expected.</summary>
    /// <param name="fact">Its name in <c>dataset</c>.</param>
    /// <param name="values">What it may be.</param>
    public Task WaitAsync(string fact, params string[] values) =>
        page.WaitForFunctionAsync("([fact, values]) => values.includes(document.documentElement.dataset[fact])", new object[] { fact, values });

    /// <summary>Waits until the speech is whole; most of it is still to be heard.</summary>
    public Task MadeAsync() => WaitAsync("speech", "whole");

    /// <summary>Waits until the speech is whole and has been heard to its end.</summary>
    public async Task HeardAsync()
    {
        await MadeAsync();
        await WaitAsync("player", "silent");
    }

    /// <summary>Reads a fact of the document's element.</summary>
    public Task<string> FactAsync(string name) => page.EvaluateAsync<string>("name => document.documentElement.dataset[name]", name);

    /// <summary>Reads a fact of the document's element that is a number.</summary>
    public async Task<double> NumberAsync(string name) => double.Parse(await FactAsync(name), CultureInfo.InvariantCulture);

    /// <summary>The line that says what is wrong; empty when nothing is.</summary>
    public Task<string> ErrorAsync() => page.InnerTextAsync("#error");

    /// <summary>The words that have lit up, in order.</summary>
    public Task<string[]> LitWordsAsync() => page.EvaluateAsync<string[]>("() => window.lit");

    /// <summary>How many colours each canvas has: one that is empty has one.</summary>
    public async Task<IReadOnlyList<int>> ColoursOfPicturesAsync()
    {
        var counts = await page.EvaluateAsync<JsonElement>("""
            () => [...document.querySelectorAll("canvas")].map((canvas) => {
              const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
              return new Set(new Uint32Array(data.buffer)).size;
            })
            """);
        return [.. counts.EnumerateArray().Select(count => count.GetInt32())];
    }

    /// <summary>Presses a button that downloads, and saves what comes.</summary>
    /// <returns>The name that the page gives the file.</returns>
    public async Task<string> DownloadAsync(string button, string path)
    {
        var download = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync(button));
        await download.SaveAsAsync(path);
        return download.SuggestedFilename;
    }

    /// <summary>Presses a key until something has the focus.</summary>
    /// <param name="key">The key.</param>
    /// <param name="selector">What shall have the focus.</param>
    public async Task PressUntilFocusedAsync(string key, string selector)
    {
        const int MostPresses = 60;
        for (var i = 0; i < MostPresses; i++)
        {
            if (await page.EvaluateAsync<bool>("selector => document.activeElement.matches(selector)", selector))
            {
                return;
            }

            await page.Keyboard.PressAsync(key);
        }

        Assert.Fail($"{key} does not come to {selector}");
    }

    public async ValueTask DisposeAsync() => await page.Context.CloseAsync();
}
