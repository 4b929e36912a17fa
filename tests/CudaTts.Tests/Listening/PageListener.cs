using System.Text.Json;
using CudaTts.Quality.Listening;
using CudaTts.Quality.Listening.Analysis;
using CudaTts.Quality.Tables;

namespace CudaTts.Tests.Listening;

/// <summary>
/// Takes a listening test in a browser as a person does, by the keyboard wherever that is possible; but it knows the key, and so what it hears. Each
/// picture of a step goes to the folder of CUDATTS_SCREENSHOTS, for people to look at, where that is set.
/// </summary>
/// <param name="page">The page, opened.</param>
/// <param name="key">Whose each clip is.</param>
/// <param name="score">What this listener thinks of sounds; the first is what the others are compared with.</param>
/// <param name="downloads">Where the browser saves files.</param>
internal sealed class PageListener(BrowserPage page, KeyFile key, Func<KeyRow[], int> score, string downloads)
{
    private const string Shown = "[...document.querySelectorAll('main > section')].find(section => !section.hidden).id";
    private const string Test = "JSON.parse(byId('test').textContent)";

    private const int MostAttempts = 2;

    private int _pictures;

    /// <summary>What was answered: blind names as exported, and the score.</summary>
    public List<(string Stimulus, int Score)> Answers { get; } = [];

    /// <summary>What is called when a trial is over, with how many are done.</summary>
    public Func<int, Task> AfterTrial { get; init; } = _ => Task.CompletedTask;

    /// <summary>How often the beeps are counted wrongly before they are counted rightly, or not at all.</summary>
    public int WrongCounts { get; init; }

    /// <summary>From the first page to the saved file.</summary>
    public async Task<ListenerResult> TakeAsync(string name = "")
    {
        await PrepareAsync(name);
        await RateAsync(name);
        return await FinishAsync(name);
    }

    /// <summary>Consent, questions and sound check.</summary>
    public async Task PrepareAsync(string name)
    {
        await page.UntilAsync("!byId('welcome').hidden");
        await PictureAsync(name, "welcome");
        await page.ClickAsync("#consent");
        await GoOnAsync("about");
        foreach (var (question, answer) in new[] { ("headset", "earphones"), ("hearing", "normal"), ("language", "fluent"), ("room", "quiet") })
        {
            await page.ClickAsync($"input[name={question}][value={answer}]");
        }

        await GoOnAsync("volume");
        await page.UntilAsync("!byId('volume-play').disabled");
        await page.PressAsync(" ");
        await page.UntilAsync("!byId('volume-next').disabled");
        await GoOnAsync("ears");
        for (var attempt = 0; attempt < WrongCounts; attempt++)
        {
            await CountBeepsAsync(attempt, off: 4);
            await page.UntilAsync($"{State("attempts")} === {attempt + 1} && byId('ears-left').disabled");
            await PictureAsync(name, "ears");
        }

        await (WrongCounts < MostAttempts ? CountBeepsAsync(WrongCounts, off: 0) : page.ClickAsync("#ears-anyway"));
        await page.UntilAsync($"{Shown} === 'instructions'");
        await PictureAsync(name, "instructions");
        await page.PressAsync("Enter");
    }

    /// <summary>All trials that are left.</summary>
    public async Task RateAsync(string name)
    {
        while (await page.EvaluateAsync<string>(Shown) is not "comment" and var section)
        {
            if (section == "ready")
            {
                await PictureAsync(name, "ready");
                await page.PressAsync("Enter");
                continue;
            }

            var done = await DoneAsync();
            await (section == "mushra" ? RatePageAsync(name) : RateClipsAsync(name));
            await page.PressAsync("Enter");
            await page.UntilAsync($"{State("trial")} === {done + 1}");
            await AfterTrial(done + 1);
        }
    }

    /// <summary>The comment and both files.</summary>
    public async Task<ListenerResult> FinishAsync(string name)
    {
        await page.EvaluateAsync<object?>("void (byId('comment-text').value = 'One was \"loud\",\\nand one not.')");
        await page.ClickAsync("#comment-next");
        await page.UntilAsync($"{Shown} === 'finish'");
        var json = await SaveAsync("json");
        var csv = await SaveAsync("csv");
        await PictureAsync(name, "finish");
        var result = JsonSerializer.Deserialize(json, ListeningJson.Instance.ListenerResult)!;
        var text = System.Text.Encoding.UTF8.GetString(csv);
        Assert.That(text, Does.StartWith(
            "test_id,listener,trial,block,stimulus,score,plays,played_to_end,seconds_to_rate,presented_at,page_version,user_agent\r\n"));
        var table = CsvTable.Parse(text, "csv", ["test_id", "listener", "trial", "block", "stimulus", "score", "user_agent"]);
        Assert.That(
            table.Select(row => (row[0], row[1], row[2], row[3], row[4], row[5], row[6])),
            Is.EqualTo(result.Ratings.Select(rating => (
                result.TestId, $"{result.Listener}", $"{rating.Trial}", rating.Block, rating.Stimulus, $"{rating.Score}",
                result.Environment.UserAgent))));
        Assert.That(await page.EvaluateAsync<string>("byId('fallback').value"), Is.EqualTo(System.Text.Encoding.UTF8.GetString(json)));
        return result;
    }

    private async Task CountBeepsAsync(int attempt, int off)
    {
        await page.ClickAsync("#ears-play");
        await page.UntilAsync("!byId('ears-left').disabled");
        var counts = await page.EvaluateAsync<int[]>(
            $"(beeps => [beeps.left, beeps.right])(planBeeps({Test}, {State("listener")}, {attempt}))");
        await page.PressAsync($"{counts[0] + off}");
        await page.PressAsync("Tab");
        await page.PressAsync($"{counts[1]}");
        await page.PressAsync("Enter");
    }

    private async Task RateClipsAsync(string name)
    {
        await page.UntilAsync("!byId('rating-play').disabled");
        var isLocked = await page.EvaluateAsync<bool>("byId('rating-scale').disabled && byId('rating-next').disabled");
        Assert.That(isLocked, Is.True, "nothing was heard yet");
        await page.PressAsync("3");
        await page.PressAsync("Enter");
        await page.PressAsync(" ");
        await PictureAsync(name, "trial");
        await page.UntilAsync("!byId('rating-scale').disabled");
        var sounds = await page.EvaluateAsync<string[]>($"planTrials({Test}, {State("listener")})[{State("trial")}].sounds");
        var value = score([.. sounds.Select(sound => key.Find(sound)!)]);
        Answers.Add((string.Join('/', sounds), value));
        await page.PressAsync($"{value - RatingScale.Of(key.Method).Least + 1}");
        await PictureAsync(name, "rated");
    }

    private async Task RatePageAsync(string name)
    {
        await page.UntilAsync("!byId('mushra-play').disabled");
        var sounds = await page.EvaluateAsync<string[]>($"planTrials({Test}, {State("listener")})[{State("trial")}].sounds");
        await page.PressAsync("0");
        await page.UntilAsync("byId('mushra-reference').getAttribute('aria-pressed') === 'true'");
        await page.UntilAsync("byId('mushra-fill').style.transform !== 'scaleX(0)'");
        foreach (var (i, sound) in sounds.Skip(1).Index())
        {
            var value = score([key.Find(sounds[0])!, key.Find(sound)!]);
            Answers.Add((sound, value));
            await page.PressAsync($"{(char)('a' + i)}");
            await page.UntilAsync($"document.querySelectorAll('#mushra-sounds .pick')[{i}].getAttribute('aria-pressed') === 'true'");
            for (var tens = 0; tens < value / 10; tens++)
            {
                await page.PressAsync("PageUp");
            }

            for (var ones = 0; ones < value % 10; ones++)
            {
                await page.PressAsync("ArrowRight");
            }
        }

        await PictureAsync(name, "page");
    }

    private async Task<byte[]> SaveAsync(string extension)
    {
        await page.ClickAsync($"#save-{extension}");
        var name = await page.EvaluateAsync<string>($"`${{{Test}.test_id}}_${{{State("listener")}}}.{extension}`");
        await page.DownloadedAsync(name);
        return await File.ReadAllBytesAsync(Path.Combine(downloads, name));
    }

    private async Task GoOnAsync(string section)
    {
        await page.PressAsync("Enter");
        await page.UntilAsync($"{Shown} === '{section}'");
    }

    private Task<int> DoneAsync() => page.EvaluateAsync<int>(State("trial"));

    // What the page keeps of its only listener.
    private static string State(string field) =>
        $"JSON.parse(localStorage.getItem(Object.keys(localStorage).find(name => /\\.\\d+$/.test(name)))).{field}";

    private async Task PictureAsync(string name, string step)
    {
        if (Environment.GetEnvironmentVariable("CUDATTS_SCREENSHOTS") is { Length: > 0 } folder && name.Length > 0)
        {
            var picture = await page.CallAsync("Page.captureScreenshot", new { format = "png", captureBeyondViewport = true });
            Directory.CreateDirectory(folder);
            await File.WriteAllBytesAsync(
                Path.Combine(folder, $"{name}-{++_pictures:D2}-{step}.png"), picture.GetProperty("data").GetBytesFromBase64());
        }
    }
}
