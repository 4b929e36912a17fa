using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace CudaTts.Tests.Listening;

/// <summary>A Chromium without a window, steered by the DevTools protocol over its WebSocket. Where there is none, the test is skipped.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private const string Announcement = "DevTools listening on ";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    // A person has pressed a button before anything plays; a driver has not.
    private static readonly string[] s_arguments =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-port=0",
        "--autoplay-policy=no-user-gesture-required", "about:blank",
    ];

    private static readonly string[] s_programs = ["chromium", "chromium-browser", "google-chrome"];

    private readonly Process _process;
    private readonly TemporaryFolder _profile;
    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _calls = [];
    private readonly ConcurrentDictionary<string, BrowserPage> _pages = [];
    private readonly ConcurrentDictionary<string, string> _downloadNames = [];
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _downloads = [];
    private int _lastCall;

    private Browser(Process process, TemporaryFolder profile)
    {
        _process = process;
        _profile = profile;
    }

    /// <summary>Starts a browser.</summary>
    public static async Task<Browser> StartAsync()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var program = s_programs.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        if (program is null)
        {
            Assert.Ignore($"no browser: none of {string.Join(", ", s_programs)} is installed; the page of listening tests is not tried out");
        }

        var profile = new TemporaryFolder();
        var start = new ProcessStartInfo(program!, [.. s_arguments, $"--user-data-dir={profile.Path("profile")}"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        var browser = new Browser(Process.Start(start)!, profile);
        using var patience = new CancellationTokenSource(s_patience);
        while (await browser._process.StandardError.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.StartsWith(Announcement, StringComparison.Ordinal))
            {
                await browser._socket.ConnectAsync(new Uri(line[Announcement.Length..]), patience.Token);
                _ = browser._process.StandardError.ReadToEndAsync(CancellationToken.None);
                _ = browser.ReceiveAsync();
                return browser;
            }
        }

        throw new InvalidOperationException("the browser ended before it said where it listens");
    }

    /// <summary>Opens a page that shares nothing with the others, and saves what it downloads to a folder.</summary>
    public async Task<BrowserPage> OpenAsync(string address, string downloads)
    {
        var context = (await CallAsync("Target.createBrowserContext", new { })).GetProperty("browserContextId").GetString()!;
        await CallAsync(
            "Browser.setDownloadBehavior", new { behavior = "allow", browserContextId = context, downloadPath = downloads, eventsEnabled = true });
        var created = await CallAsync("Target.createTarget", new { url = "about:blank", browserContextId = context });
        var target = created.GetProperty("targetId").GetString()!;
        var session = (await CallAsync("Target.attachToTarget", new { targetId = target, flatten = true })).GetProperty("sessionId").GetString()!;
        var page = new BrowserPage(this, session);
        _pages[session] = page;
        foreach (var domain in (string[])["Page", "Runtime", "Log", "Network"])
        {
            await page.CallAsync($"{domain}.enable", new { });
        }

        await page.GoToAsync(address);
        return page;
    }

    /// <summary>Calls a method of the protocol, and waits for its result.</summary>
    public async Task<JsonElement> CallAsync(string method, object parameters, string? session = null)
    {
        var id = Interlocked.Increment(ref _lastCall);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls[id] = answer;
        var message = session is null ? JsonSerializer.SerializeToUtf8Bytes(new { id, method, @params = parameters })
            : JsonSerializer.SerializeToUtf8Bytes(new { id, method, @params = parameters, sessionId = session });
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }

        return await answer.Task.WaitAsync(s_patience);
    }

    /// <summary>Waits until a file of this name has been downloaded whole.</summary>
    public Task DownloadedAsync(string name) => DownloadOf(name).Task.WaitAsync(s_patience);

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _socket.Dispose();
        _sending.Dispose();
        _profile.Dispose();
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (true)
            {
                Dispatch(await ReceiveMessageAsync());
            }
        }
        catch (Exception error)
        {
            foreach (var call in _calls.Values)
            {
                call.TrySetException(error);
            }
        }
    }

    private async Task<JsonElement> ReceiveMessageAsync()
    {
        using var message = new MemoryStream();
        var block = new byte[1 << 16];
        WebSocketReceiveResult received;
        do
        {
            received = await _socket.ReceiveAsync(block, CancellationToken.None);
            message.Write(block, 0, received.Count);
        }
        while (!received.EndOfMessage);

        return JsonDocument.Parse(Encoding.UTF8.GetString(message.ToArray())).RootElement;
    }

    private void Dispatch(JsonElement message)
    {
        if (message.TryGetProperty("id", out var id) && _calls.TryRemove(id.GetInt32(), out var call))
        {
            _ = message.TryGetProperty("error", out var error)
                ? call.TrySetException(new InvalidOperationException(error.ToString()))
                : call.TrySetResult(message.GetProperty("result"));
        }
        else if (message.TryGetProperty("sessionId", out var session) && _pages.TryGetValue(session.GetString()!, out var page))
        {
            page.Notice(message.GetProperty("method").GetString()!, message.GetProperty("params"));
        }
        else if (message.TryGetProperty("method", out var method))
        {
            Notice(method.GetString()!, message.GetProperty("params"));
        }
    }

    private void Notice(string method, JsonElement parameters)
    {
        if (method == "Browser.downloadWillBegin")
        {
            _downloadNames[parameters.GetProperty("guid").GetString()!] = parameters.GetProperty("suggestedFilename").GetString()!;
        }
        else if (method == "Browser.downloadProgress" && parameters.GetProperty("state").GetString() == "completed")
        {
            DownloadOf(_downloadNames[parameters.GetProperty("guid").GetString()!]).TrySetResult();
        }
    }

    private TaskCompletionSource DownloadOf(string name) =>
        _downloads.GetOrAdd(name, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
