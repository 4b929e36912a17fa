using System.Text.Json;
using CudaTts.Quality.Listening;
using CudaTts.Quality.Listening.Analysis;

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

    private int _pictures;

    /// <summary>What was answered: blind names as exported, and the score.</summary>
    public List<(string Stimulus, int Score)> Answers { get; } = [];

    /// <summary>What is called when a trial is over, with how many are done.</summary>
    public Func<int, Task> AfterTrial { get; init; } = _ => Task.CompletedTask;

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
        await CountBeepsAsync(attempt: 0, wrong: true);
        await page.UntilAsync("!byId('ears-again').hidden");
        await PictureAsync(name, "ears");
        await CountBeepsAsync(attempt: 1, wrong: false);
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
        var table = CsvText.Read(System.Text.Encoding.UTF8.GetString(csv), "csv");
        Assert.That(table[0], Is.EqualTo((string[])
        [
            "test_id", "listener", "trial", "block", "stimulus", "score", "plays", "played_to_end", "seconds_to_rate", "presented_at", "page_version",
            "user_agent",
        ]));
        Assert.That(
            table.Skip(1).Select(row => (row[0], row[1], row[2], row[3], row[4], row[5], row[11])),
            Is.EqualTo(result.Ratings.Select(rating => (
                result.TestId, $"{result.Listener}", $"{rating.Trial}", rating.Block, rating.Stimulus, $"{rating.Score}",
                result.Environment.UserAgent))));
        Assert.That(await page.EvaluateAsync<string>("byId('fallback').value"), Is.EqualTo(System.Text.Encoding.UTF8.GetString(json)));
        return result;
    }

    private async Task CountBeepsAsync(int attempt, bool wrong)
    {
        await page.ClickAsync("#ears-play");
        await page.UntilAsync("!byId('ears-left').disabled");
        var counts = await page.EvaluateAsync<int[]>(
            $"(beeps => [beeps.left, beeps.right])(planBeeps({Test}, {State("listener")}, {attempt}))");
        await page.PressAsync($"{counts[0] + (wrong ? 4 : 0)}");
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
        var path = Path.Combine(downloads, name);

        // The browser renames it when it is complete.
        await page.UntilAsync($"byId('saved').textContent.startsWith({JsonSerializer.Serialize(name)})");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!File.Exists(path))
        {
            patience.Token.ThrowIfCancellationRequested();
            await page.EvaluateAsync<object?>("new Promise(resolve => setTimeout(resolve, 5))");
        }

        return await File.ReadAllBytesAsync(path);
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
