using CudaTts.Audio;
using Microsoft.Playwright;

namespace CudaTts.Server.Tests.Page;

/// <summary>The page in a real browser, against the real server with the default voice.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class PageTests
{
    private const string Text = "Good morning. In 1912 the weather was unusually mild.";
    private const int SampleRate = 22050;

    // A key of nobody; what the settings hold is its SHA-256 in another case than this one's.
    private const string OtherKeysHash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    private static readonly BrowserNewContextOptions s_telephone = new()
    {
        ViewportSize = new() { Width = 360, Height = 740 }, DeviceScaleFactor = 2, HasTouch = true, IsMobile = true,
    };

    private PageBrowser _browser = null!;

    private static Uri Address => SharedServer.Instance.Address;

    [OneTimeSetUp]
    public async Task Start() => _browser = await PageBrowser.StartAsync();

    [OneTimeTearDown]
    public async Task End()
    {
        // Null where there is no browser.
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }
    }

    [Test]
    public async Task Words_light_up_in_order_while_the_speech_is_heard()
    {
        await using var visit = await _browser.OpenAsync(Address);
        await visit.SpeakAsync(Text);
        await visit.HeardAsync();
        var lit = await visit.LitWordsAsync();
        var words = Text.Split(' ');

        // A machine under load draws fewer pictures than there are words, and leaves some out.
        Assert.That(lit, Is.EqualTo(words.Where(lit.Contains)));
        Assert.That(lit, Has.Member("unusually"));
        Assert.That(visit.Console, Is.Empty);
    }

    [Test]
    public async Task What_is_downloaded_is_what_was_scheduled_to_be_heard()
    {
        await using var visit = await _browser.OpenAsync(Address);
        using var folder = new TemporaryFolder();
        await visit.SpeakAsync(Text);
        await visit.MadeAsync();
        var name = await visit.DownloadAsync("#download-wav", folder.Path("heard.wav"));
        var heard = WavFile.Read(folder.Path("heard.wav"));
        Assert.Multiple(() =>
        {
            Assert.That(name, Is.EqualTo("speech-1.wav"));
            Assert.That(heard.SampleRate, Is.EqualTo(SampleRate));
            Assert.That(heard.Samples.Max(), Is.GreaterThan(0.05));
        });
        Assert.That(await visit.NumberAsync("scheduledSeconds"), Is.EqualTo((double)heard.Samples.Length / SampleRate).Within(0.001));
    }

    [Test]
    public async Task The_server_makes_the_same_speech_as_a_file()
    {
        await using var visit = await _browser.OpenAsync(Address);
        using var folder = new TemporaryFolder();
        await visit.SpeakAsync("Good morning.");
        await visit.MadeAsync();
        await visit.DownloadAsync("#download-wav", folder.Path("heard.wav"));
        await visit.Page.SelectOptionAsync("#format", "wav");
        var name = await visit.DownloadAsync("#download-format", folder.Path("made.wav"));
        Assert.That(name, Is.EqualTo("speech.wav"));
        Assert.That(WavFile.Read(folder.Path("made.wav")).Samples, Is.EqualTo(WavFile.Read(folder.Path("heard.wav")).Samples));
    }

    [Test]
    public async Task Each_sentence_has_a_verdict_pictures_and_the_symbols_that_were_read()
    {
        await using var visit = await _browser.OpenAsync(Address);
        await visit.SpeakAsync(Text);
        await visit.MadeAsync();
        var sentences = visit.Page.Locator("#sentences > details");
        await sentences.Nth(1).Locator("> summary").ClickAsync();
        await sentences.Nth(1).Locator(".reading > summary").ClickAsync();
        var verdicts = await visit.Page.Locator("#sentences .verdict").AllInnerTextsAsync();
        var rows = await sentences.Nth(1).Locator("tbody tr").AllInnerTextsAsync();
        Assert.Multiple(() =>
        {
            Assert.That(verdicts, Is.EqualTo((string[])["sound", "sound"]));
            Assert.That(rows[1], Does.StartWith("1912\tN AY1 N T"));
        });
        var colours = await visit.ColoursOfPicturesAsync();
        Assert.That(colours, Has.Count.EqualTo(4));
        Assert.That(colours, Has.All.GreaterThan(20));
        Assert.That(await sentences.Nth(1).Locator("canvas").First.GetAttributeAsync("aria-label"), Does.Contain("80 channels"));
    }

    [Test]
    public async Task Everything_can_be_done_by_keyboard()
    {
        await using var visit = await _browser.OpenAsync(Address);
        var keyboard = visit.Page.Keyboard;
        await visit.PressUntilFocusedAsync("Tab", "#text");
        await keyboard.PressAsync("Control+A");
        await keyboard.TypeAsync(Text);
        await visit.PressUntilFocusedAsync("Tab", "#speak");
        await keyboard.PressAsync("Enter");
        await visit.MadeAsync();
        await visit.PressUntilFocusedAsync("Tab", "#words button");
        await keyboard.PressAsync("End");
        Assert.That(await visit.Page.EvaluateAsync<string>("() => document.activeElement.textContent"), Is.EqualTo("mild."));
        await keyboard.PressAsync("Home");
        await keyboard.PressAsync("ArrowRight");
        await keyboard.PressAsync("Enter");
        await visit.WaitAsync("word", "morning.");
        await keyboard.PressAsync("Escape");
        Assert.That(await visit.FactAsync("player"), Is.EqualTo("silent"));
        Assert.That(await visit.Page.InnerTextAsync("#status"), Is.EqualTo("Stopped."));
    }

    [Test]
    public async Task Escape_ends_the_request_and_keeps_what_was_made()
    {
        await using var visit = await _browser.OpenAsync(Address);
        await visit.SpeakAsync(string.Concat(Enumerable.Repeat(Text + " ", 40)));
        await visit.WaitAsync("player", "playing");
        await visit.Page.Keyboard.PressAsync("Escape");
        await visit.WaitAsync("speech", "stopped");
        Assert.That(await visit.FactAsync("player"), Is.EqualTo("silent"));
        Assert.That(await visit.Page.InnerTextAsync("#history"), Does.Contain("stopped early").And.Contain("s of speech"));
        await visit.Page.ClickAsync("#play");
        await visit.WaitAsync("player", "playing");
    }

    [Test]
    public async Task A_telephone_shows_the_page_without_scrolling_sideways_and_with_buttons_to_touch()
    {
        await using var visit = await _browser.OpenAsync(Address, s_telephone);
        await visit.Page.FillAsync("#text", Text);
        await visit.Page.TapAsync("#speak");
        await visit.MadeAsync();
        Assert.That(await visit.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"), Is.EqualTo(360));
        var small = await visit.Page.EvaluateAsync<string[]>("""
            () => [...document.querySelectorAll("button, select, textarea, summary, label.check, input:not([type=checkbox])")]
              .filter((element) => element.checkVisibility())
              .filter((element) => element.getBoundingClientRect().height < 44)
              .map((element) => element.id || element.textContent)
            """);
        Assert.That(small, Is.Empty);
    }

    [Test]
    public async Task A_document_is_known_by_its_beginning_and_its_words_light_up_between_the_tags()
    {
        await using var visit = await _browser.OpenAsync(Address);
        await visit.SpeakAsync("<speak>Good <break time=\"200ms\"/><sub alias=\"morning\">m.</sub> to you.</speak>");
        await visit.MadeAsync();
        Assert.That(await visit.Page.IsCheckedAsync("#ssml"), Is.True);
        Assert.That(await visit.Page.Locator("#words .markup").AllInnerTextsAsync(), Has.Member("<break time=\"200ms\"/>"));
        Assert.That(await visit.Page.Locator("#words button").AllInnerTextsAsync(), Has.Member("Good").And.Member("to"));
        await visit.Page.FillAsync("#text", "Good morning.");
        Assert.That(await visit.Page.IsCheckedAsync("#ssml"), Is.False);
    }

    [Test]
    public async Task What_the_server_refuses_is_said_in_one_line()
    {
        await using var visit = await _browser.OpenAsync(Address);
        await visit.SpeakAsync(new string('a', 5000));
        await visit.WaitAsync("speech", "refused");
        Assert.That(
            await visit.ErrorAsync(),
            Does.StartWith("The server refused the request (400). input: expected at most 4096 characters, found 5000"));
        Assert.That(await visit.Page.GetAttributeAsync("#error", "role"), Is.EqualTo("alert"));
    }

    [Test]
    public async Task A_stream_that_breaks_keeps_what_was_made_and_says_so()
    {
        await using var visit = await _browser.OpenAsync(Address);
        var silence = Convert.ToBase64String(new byte[SampleRate]);
        await visit.Page.RouteAsync("**/captioned", route => route.FulfillAsync(new()
        {
            ContentType = "application/x-ndjson",
            Body = $$"""{"type":"audio","sentence":0,"sample_rate":{{SampleRate}},"audio":"{{silence}}"}""" + "\n",
        }));
        await visit.SpeakAsync(Text);
        await visit.WaitAsync("speech", "broken");
        Assert.That(
            await visit.ErrorAsync(),
            Is.EqualTo("The speech broke off after 0.5 seconds. The connection closed before the end. What was made is kept."));
    }

    [Test]
    public async Task A_key_that_the_server_does_not_know_is_said_to_be_wrong()
    {
        await using var server = await RunningServer.StartTinyAsync("--CudaTts:Keys:0:Name", "somebody", "--CudaTts:Keys:0:Sha256", OtherKeysHash);
        await using var visit = await _browser.OpenAsync(server.Address);
        await visit.Page.ClickAsync("details:has(#key) > summary");
        await visit.Page.FillAsync("#key", "wrong");
        await visit.SpeakAsync(Text);
        await visit.WaitAsync("speech", "refused");
        Assert.That(await visit.ErrorAsync(), Does.StartWith("The server asks for an API key that it knows"));
        Assert.That(await visit.Page.GetAttributeAsync("#key", "aria-invalid"), Is.EqualTo("true"));
        Assert.That(await visit.Page.InnerTextAsync("#curl"), Does.Not.Contain("wrong"));
        Assert.That(await visit.Page.EvaluateAsync<int>("() => sessionStorage.length"), Is.Zero);
    }
}
