using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using CudaTts.Cli;
using CudaTts.Quality.Listening;
using CudaTts.Quality.Listening.Analysis;
using CudaTts.Quality.Statistics;
using CudaTts.Tests.Cli;

namespace CudaTts.Tests.Listening;

/// <summary>The page in a browser, taken by listeners who know what they hear; then what they said is analysed, and must come out.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class ListeningPageTests : CommandTestBase
{
    private static readonly string[] s_systems = ["original", "middle", "worst"];

    private Browser _browser = null!;

    [OneTimeSetUp]
    public async Task StartBrowser() => _browser = await Browser.StartAsync();

    [OneTimeTearDown]
    public async Task StopBrowser()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }
    }

    [Test]
    public async Task Listeners_of_known_taste_are_recovered_and_a_straight_liner_is_left_out()
    {
        var key = Make("acr", sentences: 10, "--trap", $"{Trap()}=2");
        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(async number =>
        {
            var page = await _browser.OpenAsync($"{FileAddress}?listener={number}", At("out"));
            var listener = new PageListener(page, key, rows => TasteOf(number, rows[0]), At("out")) { WrongCounts = number == 1 ? 1 : 0 };
            var result = await listener.TakeAsync(number == 0 ? "acr" : "");
            Assert.That(page.Errors, Is.Empty);
            Assert.That(page.Requests, Is.All.StartsWith("file://").Or.StartsWith("blob:").Or.StartsWith("data:"));
            return result;
        }));

        foreach (var result in results)
        {
            Assert.That(result.Ratings.Select(rating => rating.Trial), Is.EqualTo(Enumerable.Range(1, result.Ratings.Count)));
            Assert.That(result.Ratings.Select(rating => rating.PlayedToEnd), Is.All.True);
            Assert.That(result.Ratings.Select(rating => rating.Plays), Is.All.EqualTo(1));
            Assert.That(result.Ratings.Select(rating => rating.SecondsToRate), Is.All.InRange(0.25, 60));
            Assert.That(result.Answers.BothEars, Is.True, "at the first or second try");
            Assert.That(result.Comment, Is.EqualTo("One was \"loud\",\nand one not."));
            Assert.That(result.Environment.SampleRate, Is.GreaterThan(8000));
        }

        Assert.That(results.Select(result => result.Listener), Is.EqualTo(new[] { 0, 1, 2, 3 }));
        var report = Analyse(results);
        Assert.That(
            report.Screening.SelectMany(step => step.Dropped.Select(dropped => (step.Name, dropped.Listener))),
            Is.EqualTo(new[] { ("always the same score", 3L) }));
        foreach (var summary in report.AfterScreening)
        {
            var given = results.Take(3).SelectMany(result => result.Ratings).Where(rating => rating.Block == "rating")
                .Where(rating => key.Find(rating.Stimulus) is { IsJudged: true } row && row.System == summary.Condition).ToList();
            Assert.That(summary.Votes, Is.EqualTo(9), "three listeners, each three sentences through it");
            Assert.That(summary.Mean, Is.EqualTo(given.Average(rating => rating.Score)).Within(1e-12));
        }

        Assert.That(report.AfterScreening.OrderByDescending(summary => summary.Mean).Select(summary => summary.Condition), Is.EqualTo(s_systems));
        Assert.That(
            report.Comparisons.Where(comparison => comparison.First == "original").Select(comparison => comparison.Difference.Low),
            Is.All.GreaterThan(0));
    }

    [Test]
    public async Task Pairs_come_out_with_their_sign([Values("ccr", "dcr")] string method)
    {
        var key = Make(method, sentences: 5);
        var page = await _browser.OpenAsync($"{FileAddress}?listener=1", At("out"));
        int ScoreOf(KeyRow[] rows) => method == "ccr" ? Level(rows[1]) - Level(rows[0]) : 5 - (2 * (4 - Level(rows[1])));
        var listener = new PageListener(page, key, ScoreOf, At("out"));
        var report = Analyse([await listener.TakeAsync(method)]);
        Assert.That(page.Errors, Is.Empty);
        Assert.That(report.Screening.SelectMany(step => step.Dropped), Is.Empty);
        Assert.That(report.BeforeScreening.Select(summary => (summary.Condition, summary.Mean)), Is.EqualTo(method == "ccr"
            ? new[] { ("middle against original", -1.0), ("worst against original", -2.0) }
            : [("middle", 3.0), ("worst", 1.0)]));

        static int Level(KeyRow row) => row.Kind == ClipKind.Gold ? (row.Expected == 5 ? 4 : 2)
            : row.System switch { "original" => 4, "middle" => 3, _ => 2 };
    }

    [Test]
    public async Task Sliders_come_out_from_a_disk_and_from_a_server([Values(false, true)] bool served)
    {
        var key = Make("mushra", sentences: 3);
        using var server = served ? new PageServer(At("out/test/page")) : null;
        var page = await _browser.OpenAsync($"{server?.Address ?? FileAddress}?listener=2", At("out"));
        var listener = new PageListener(page, key, rows => ScoreOf(rows[1]), At("out"));
        var result = await listener.TakeAsync(served ? "served" : "mushra");
        Assert.That(page.Errors, Is.Empty);
        Assert.That(page.Requests, Is.All.StartsWith(served ? server!.Origin : "file://").Or.StartsWith("blob:").Or.StartsWith("data:"));
        Assert.That(result.Ratings.Select(rating => rating.Plays), Is.All.GreaterThan(0));
        Assert.That(result.Ratings.Select(rating => (rating.Stimulus, rating.Score)), Is.EqualTo(listener.Answers));
        var report = Analyse([result]);
        Assert.That(report.Screening.SelectMany(step => step.Dropped), Is.Empty);
        Assert.That(report.AfterScreening.Select(summary => (summary.Condition, summary.Median)), Is.EqualTo(new[]
        {
            ("middle", 67.0), ("worst", 35.0), ("original", 100.0), ("anchor", 21.0),
        }));

        static int ScoreOf(KeyRow row) => row.Kind switch
        {
            ClipKind.HiddenReference => 100,
            ClipKind.Anchor => 21,
            _ => row.System == "middle" ? 67 : 35,
        };
    }

    [Test]
    public async Task A_page_that_was_closed_goes_on_where_it_was()
    {
        var key = Make("acr", sentences: 4);
        using var server = new PageServer(At("out/test/page"));
        var page = await _browser.OpenAsync(server.Address, At("out"));
        var listener = new PageListener(page, key, rows => TasteOf(0, rows[0]), At("out"))
        {
            WrongCounts = 2,
            AfterTrial = async done =>
            {
                if (done == 3)
                {
                    await page.GoToAsync("about:blank");
                    await page.GoToAsync(server.Address);
                    await page.UntilAsync("!byId('resume').hidden && byId('first-time').hidden");
                    Assert.That(await page.EvaluateAsync<string>("byId('resume-count').textContent"), Does.StartWith("3 of "));
                    await page.PressAsync("Enter");
                    await page.UntilAsync("!byId('rating').hidden");
                }
            },
        };
        var result = await listener.TakeAsync();
        Assert.That(page.Errors, Is.Empty);
        Assert.That(result.Ratings.Select(rating => (rating.Stimulus, rating.Score)), Is.EqualTo(listener.Answers));
        Assert.That(result.Ratings.Select(rating => rating.Trial), Is.EqualTo(Enumerable.Range(1, listener.Answers.Count)));
        Assert.That(result.Answers.BothEars, Is.False, "wrong twice");
        Assert.That(Analyse([result]).Listeners.Single().Dropped, Is.EqualTo("invalid session: the check of both ears was not passed"));

        await page.GoToAsync("about:blank");
        await page.GoToAsync(server.Address);
        await page.ClickAsync("#start-again");
        await page.UntilAsync("byId('confirm').open");
        await page.ClickAsync("#confirm-yes");
        await page.UntilAsync("!byId('first-time').hidden");
        Assert.That(await page.EvaluateAsync<int>("localStorage.length"), Is.LessThanOrEqualTo(1), "the check of the storage is all that is left");
    }

    [Test]
    public async Task A_browser_that_keeps_nothing_is_warned_of()
    {
        var key = Make("acr", sentences: 4);
        var page = await _browser.OpenAsync("about:blank", At("out"));
        await page.CallAsync("Page.addScriptToEvaluateOnNewDocument", new
        {
            source = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('blocked'); } });",
        });
        await page.GoToAsync($"{FileAddress}?listener=5");
        Assert.That(await page.EvaluateAsync<bool>("byId('storage-warning').hidden"), Is.False);
        await page.ClickAsync("#consent");
        await page.PressAsync("Enter");
        await page.UntilAsync("!byId('about').hidden");
        Assert.That(page.Errors, Is.Empty);
        Assert.That(key.Rows, Is.Not.Empty);
    }

    [Test]
    public async Task The_page_draws_as_the_program_does()
    {
        Make("acr", sentences: 4);
        var page = await _browser.OpenAsync(FileAddress, At("out"));
        var drawn = await page.EvaluateAsync<double[]>("Array.from({ length: 50 }, (_, i) => uniformSequence('mos.1 é')(i * 1e9))");
        var uniform = new UniformSequence("mos.1 é");
        Assert.That(drawn, Is.EqualTo(Enumerable.Range(0, 50).Select(i => uniform[i * 1_000_000_000L])));
        foreach (var test in Tests())
        {
            foreach (var listener in (uint[])[0, 1, 5, 4_000_000_007, uint.MaxValue])
            {
                var json = JsonSerializer.Serialize(test, ListeningJson.Instance.PageTest);
                var planned = await page.EvaluateAsync<string[]>(
                    $"planTrials({json}, {listener}).map(trial => [trial.block, ...trial.sounds].join(' '))");
                Assert.That(planned, Is.EqualTo(Planned(test, listener)));
                Assert.That(planned, Is.Not.EqualTo(Planned(test, listener ^ 1)), "another listener");
            }
        }
    }

    [Test]
    public async Task Everything_to_press_or_choose_has_a_name()
    {
        Make("mushra", sentences: 3);
        var page = await _browser.OpenAsync(FileAddress, At("out"));
        Assert.That(await page.EvaluateAsync<string[]>("""
            [...document.querySelectorAll("input, textarea")].filter(input => input.labels.length === 0 && !input.ariaLabel).map(input => input.id)
            """), Is.Empty);
        Assert.That(await page.EvaluateAsync<string[]>("""
            [...document.querySelectorAll("button")].filter(button => button.textContent.trim() === "" || button.type !== "button")
              .map(button => button.id)
            """), Is.Empty);
        Assert.That(await page.EvaluateAsync<string[]>("""
            [...document.querySelectorAll("fieldset")].filter(set => set.querySelector("legend") === null).map(set => set.id)
            """), Is.Empty);
    }

    [Test]
    public async Task Nothing_is_cut_off_on_a_phone()
    {
        var key = Make("ccr", sentences: 2, "--title", "A title that is quite a bit longer than a telephone is wide");
        var page = await _browser.OpenAsync($"{FileAddress}?listener=4294967295", At("out"));
        await page.CallAsync("Emulation.setDeviceMetricsOverride", new { width = 360, height = 740, deviceScaleFactor = 2, mobile = true });
        var listener = new PageListener(page, key, _ => 0, At("out")) { AfterTrial = async _ => await AssertFits() };
        await AssertFits();
        await listener.PrepareAsync("phone");
        await listener.RateAsync("phone");

        async Task AssertFits() => Assert.That(await page.EvaluateAsync<int>("document.documentElement.scrollWidth"), Is.LessThanOrEqualTo(360));
    }

    private string FileAddress => new Uri(At("out/test/page/index.html")).AbsoluteUri;

    // The first three differ a little by sentence; the fourth listens to nothing but the checks.
    private static int TasteOf(int listener, KeyRow row)
    {
        var sway = (row.Sentence[^1] + listener) % 3 == 0 ? -1 : 0;
        return row.Expected ?? (listener == 3 ? 3 : row.System switch { "original" => 5 + sway, "middle" => 3 - sway, _ => 2 + sway });
    }

    private static IEnumerable<string> Planned(PageTest test, uint listener) =>
        ListeningPlan.Of(test, listener).Select(trial => string.Join(' ', [trial.Block, .. trial.Sounds]));

    private static IEnumerable<PageTest> Tests()
    {
        string[][][] extras = [[["g0"], ["g1"]], [["t0"]]];
        yield return ListeningPlanTests.Test(12, 4) with { Extras = extras };
        yield return ListeningPlanTests.Test(6, 3) with { Full = true, Extras = extras };
        yield return ListeningPlanTests.Test(5, 4) with { Full = true };
        yield return ListeningPlanTests.Test(6, 3, sounds: 2) with { Method = ListeningMethod.Ccr };
        yield return ListeningPlanTests.Test(5, 1, sounds: 7) with { Method = ListeningMethod.Mushra };
        yield return ListeningPlanTests.Test(35, 1) with { Extras = extras };
    }

    private string Trap()
    {
        CudaTts.Audio.WavFile.Write(At("trap.wav"), MadeUpSpeech.Clip(11, 0, seconds: 0.2));
        return At("trap.wav");
    }

    private KeyFile Make(string method, int sentences, params string[] more)
    {
        string[] systems = [.. s_systems.Index().SelectMany(system => new[]
        {
            "--system", $"{system.Item}={MadeUpSpeech.WriteSystem(At($"systems/{system.Item}"), sentences, system.Index * 0.3)}",
        })];
        var result = Run(["listening-test", "make", "--method", method, "--reference", "original", "-o", At("out/test"), .. systems, .. more]);
        Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        return KeyFile.Read(At("out/test/key.csv"));
    }

    private ListeningReport Analyse(ListenerResult[] results)
    {
        string[] files = [.. results.Select(result => At($"out/{result.TestId}_{result.Listener}.json"))];
        var run = Run(["listening-test", "analyse", .. files, "--key", At("out/test/key.csv"), "--json", "--html", At("out/report.html")]);
        Assert.That(run.Code, Is.EqualTo(ExitCode.Done), run.Error);
        return JsonSerializer.Deserialize(run.Output, ListeningJson.Instance.ListeningReport)!;
    }

    /// <summary>Serves a folder to this machine, as any web server would.</summary>
    private sealed class PageServer : IDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly string _folder;

        public PageServer(string folder)
        {
            _folder = folder;
            using (var probe = new TcpListener(IPAddress.Loopback, 0))
            {
                probe.Start();
                Origin = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
            }

            _listener.Prefixes.Add($"{Origin}/");
            _listener.Start();
            _ = ServeAsync();
        }

        public string Origin { get; }

        public string Address => $"{Origin}/index.html";

        public void Dispose() => _listener.Close();

        private async Task ServeAsync()
        {
            while (_listener.IsListening)
            {
                HttpListenerContext context;
                try
                {
                    context = await _listener.GetContextAsync();
                }
                catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }

                var path = Path.Combine(_folder, context.Request.Url!.AbsolutePath.TrimStart('/'));
                var bytes = await File.ReadAllBytesAsync(path);
                context.Response.ContentType = path.EndsWith(".wav", StringComparison.Ordinal) ? "audio/wav" : "text/html; charset=utf-8";
                await context.Response.OutputStream.WriteAsync(bytes);
                context.Response.Close();
            }
        }
    }
}
