using System.Collections.Concurrent;
using System.Text.Json;

namespace CudaTts.Tests.Listening;

/// <summary>One page of a <see cref="Browser"/>, with what went wrong in it and what it asked for.</summary>
internal sealed class BrowserPage(Browser browser, string session)
{
    private const int PatienceMilliseconds = 30_000;

    private static readonly Dictionary<string, (int Code, string? Text)> s_keys = new()
    {
        ["Enter"] = (13, "\r"),
        [" "] = (32, " "),
        ["ArrowRight"] = (39, null),
        ["PageUp"] = (33, null),
        ["Tab"] = (9, null),
    };

    /// <summary>Errors of scripts, and what the browser complained of.</summary>
    public ConcurrentQueue<string> Errors { get; } = [];

    /// <summary>Addresses that the page asked for.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>Calls a method of the protocol on this page.</summary>
    public Task<JsonElement> CallAsync(string method, object parameters) => browser.CallAsync(method, parameters, session);

    /// <summary>Loads an address, also the one that is there already.</summary>
    public async Task GoToAsync(string address)
    {
        await CallAsync("Page.navigate", new { url = address });
        await UntilAsync($"location.href === {JsonSerializer.Serialize(address)} && document.readyState === 'complete'");
    }

    /// <summary>The value of an expression of JavaScript, which may be a promise.</summary>
    public async Task<T> EvaluateAsync<T>(string expression)
    {
        var answer = await CallAsync("Runtime.evaluate", new { expression, awaitPromise = true, returnByValue = true });
        return answer.TryGetProperty("exceptionDetails", out var fault) ? throw new InvalidOperationException($"{expression}: {fault}")
            : answer.GetProperty("result").TryGetProperty("value", out var value) ? value.Deserialize<T>()!
            : default!;
    }

    /// <summary>Waits until an expression is true; what it needs may not be there yet.</summary>
    public async Task UntilAsync(string condition)
    {
        while (true)
        {
            try
            {
                await LookAsync(condition);
                return;
            }
            catch (InvalidOperationException error) when (error.Message.Contains("navigated", StringComparison.Ordinal))
            {
                // The page is loaded anew under the question: the next one is asked.
            }
        }
    }

    private Task<bool> LookAsync(string condition) => EvaluateAsync<bool>($$"""
        new Promise((resolve, reject) => {
          const end = performance.now() + {{PatienceMilliseconds}};
          const look = () => {
            let holds = false;
            try { holds = {{condition}}; } catch { }
            if (holds) resolve(true);
            else if (performance.now() > end) reject(new Error("did not become true"));
            else setTimeout(look, 5);
          };
          look();
        })
        """);

    /// <summary>Presses and releases a key, as a keyboard does.</summary>
    public async Task PressAsync(string key)
    {
        var (code, text) = s_keys.TryGetValue(key, out var known) ? known : (char.ToUpperInvariant(key[0]), key);
        var down = text is null ? "rawKeyDown" : "keyDown";
        await CallAsync("Input.dispatchKeyEvent", new { type = down, key, text = text ?? "", windowsVirtualKeyCode = code });
        await CallAsync("Input.dispatchKeyEvent", new { type = "keyUp", key, windowsVirtualKeyCode = code });
    }

    /// <summary>Clicks what a selector finds.</summary>
    public Task ClickAsync(string selector) => EvaluateAsync<object?>($"document.querySelector({JsonSerializer.Serialize(selector)}).click()");

    /// <summary>Waits until a file is complete in the folder of downloads.</summary>
    public Task DownloadedAsync(string name) => browser.DownloadedAsync(name);

    /// <summary>Takes note of what the browser tells.</summary>
    public void Notice(string method, JsonElement parameters)
    {
        switch (method)
        {
            case "Runtime.exceptionThrown":
                Errors.Enqueue(parameters.GetProperty("exceptionDetails").ToString());
                break;
            case "Log.entryAdded" when parameters.GetProperty("entry").GetProperty("level").GetString() is "error" or "warning":
                Errors.Enqueue(parameters.GetProperty("entry").GetProperty("text").GetString()!);
                break;
            case "Network.requestWillBeSent":
                Requests.Enqueue(parameters.GetProperty("request").GetProperty("url").GetString()!);
                break;
        }
    }
}
