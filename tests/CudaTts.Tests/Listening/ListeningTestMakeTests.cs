using System.Text;
using System.Text.RegularExpressions;
using CudaTts.Audio;
using CudaTts.Cli;
using CudaTts.Quality.Levels;
using CudaTts.Quality.Listening;
using CudaTts.Quality.Signals;
using CudaTts.Tests.Cli;

namespace CudaTts.Tests.Listening;

/// <summary><c>listening-test make</c>: what is in the folder for listeners, and what must not be.</summary>
[TestFixture]
internal sealed partial class ListeningTestMakeTests : CommandTestBase
{
    private static readonly string[] s_systems = ["original", "vocoder", "griffin"];

    [TestCase("acr")]
    [TestCase("dcr")]
    [TestCase("ccr")]
    [TestCase("mushra")]
    public void The_page_has_every_clip_that_it_names_and_no_other(string method)
    {
        Make(method);
        var test = PageOf(At("out/test/page/index.html"));
        var trials = test.Grid.SelectMany(row => row).Concat(test.Training).Concat(test.Extras.SelectMany(pool => pool));
        string[] named = [.. trials.SelectMany(sounds => sounds).Append(test.Volume).Distinct().Order()];
        string[] files = [.. Directory.GetFiles(At("out/test/page/audio")).Select(path => Path.GetFileName(path)).Order()];
        Assert.That(files, Is.EqualTo(named.Select(name => $"{name}.wav")));
        Assert.That(named, Is.All.Match("^[0-9a-f]{12}$"));
        Assert.That(Key().Rows.Select(row => row.Stimulus).Order(), Is.EqualTo(named));
        Assert.That(Directory.GetFileSystemEntries(At("out/test")).Select(Path.GetFileName), Is.EquivalentTo(new[] { "page", "key.csv" }));
        Assert.That(Directory.GetFileSystemEntries(At("out/test/page")).Select(Path.GetFileName), Is.EquivalentTo(new[] { "index.html", "audio" }));
    }

    [TestCase("acr")]
    [TestCase("mushra")]
    public void The_page_asks_nobody_and_gives_nothing_away(string method)
    {
        Make(method);
        var page = File.ReadAllText(At("out/test/page/index.html"));
        Assert.That(Address().Matches(page), Is.Empty, "addresses of other machines");
        Assert.That(ForeignFile().Matches(page), Is.Empty, "files beside the page");
        Assert.That(page, Does.Not.Contain("{{"));
        var test = TestJson().Match(page).Groups[1].Value;
        foreach (var word in s_systems.Concat(["secret", "gold", "broken", "anchor", "hidden", Path.GetTempPath()]))
        {
            Assert.That(test, Does.Not.Contain(word).IgnoreCase);
        }

        foreach (var file in Directory.GetFiles(At("out/test/page/audio")))
        {
            var text = Encoding.Latin1.GetString(File.ReadAllBytes(file));
            Assert.That(s_systems.Where(text.Contains), Is.Empty);
        }
    }

    [Test]
    public void A_title_cannot_become_a_part_of_the_page()
    {
        Make("acr", "--title", "</script><b>\"&{{style}}", "--send-to", "<!--</script>");
        var page = File.ReadAllText(At("out/test/page/index.html"));
        Assert.That(page, Does.Contain("<h1 tabindex=\"-1\">&lt;/script&gt;&lt;b&gt;&quot;&amp;{{style}}</h1>"));
        Assert.That(PageOf(At("out/test/page/index.html")).Title, Is.EqualTo("</script><b>\"&{{style}}"));
        Assert.That(PageOf(At("out/test/page/index.html")).SendTo, Is.EqualTo("<!--</script>"));
        Assert.That(page.Split("</script>"), Has.Length.EqualTo(3), "two scripts, and no more ends of them");
    }

    [Test]
    public void All_clips_are_alike_but_for_what_they_sound_like()
    {
        Make("acr");
        var files = Directory.GetFiles(At("out/test/page/audio"));
        var format = File.ReadAllBytes(files[0])[20..34];
        foreach (var file in files)
        {
            var bytes = File.ReadAllBytes(file);
            Assert.That(bytes[20..34], Is.EqualTo(format), "PCM, one channel, one rate");
            Assert.That(BitConverter.ToInt16(bytes, 34), Is.EqualTo(16), "bits");
            Assert.That(Loudness.Measure(Signal.Of(WavFile.Read(file))), Is.EqualTo(-23).Within(0.05));
        }

        var times = files.Append(At("out/test/page/index.html")).Select(File.GetLastWriteTimeUtc).Distinct().ToList();
        Assert.That(times, Has.Count.EqualTo(1));
        Assert.That(times[0].TimeOfDay, Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void No_clip_is_louder_than_its_highest_peak_allows()
    {
        Make("acr", "--loudness", "-10");
        var sounds = Directory.GetFiles(At("out/test/page/audio")).Select(WavFile.Read).ToList();
        Assert.That(sounds.Max(sound => sound.Samples.Max(Math.Abs)), Is.EqualTo(ClipLevels.Ceiling).Within(0.001));
        var levels = sounds.Select(sound => Loudness.Measure(Signal.Of(sound))!.Value).ToList();
        Assert.That(levels.Max() - levels.Min(), Is.LessThan(0.05));
    }

    [Test]
    public void The_same_recordings_have_other_names_every_time()
    {
        Make("acr");
        var first = Key().Rows.Select(row => row.Stimulus).ToList();
        MakeIn("again", "acr");
        var second = KeyFile.Read(At("out/again/key.csv")).Rows.Select(row => row.Stimulus);
        Assert.That(second.Intersect(first), Is.Empty);
    }

    [Test]
    public void A_clip_of_a_higher_rate_sets_that_of_all()
    {
        var fast = MadeUpSpeech.WriteSystem(At("fast"), 2, 0);
        foreach (var file in Directory.GetFiles(fast))
        {
            WavFile.Write(file, WavFile.Read(file).Resample(24000));
        }

        var slow = MadeUpSpeech.WriteSystem(At("slow"), 2, 0);
        var result = Run("listening-test", "make", "--system", $"a={slow}", "--system", $"b={fast}", "-o", At("out/test"));
        Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        Assert.That(Directory.GetFiles(At("out/test/page/audio")).Select(file => WavFile.Read(file).SampleRate), Is.All.EqualTo(24000));
    }

    [Test]
    public void Sounds_of_one_page_of_mushra_last_equally_long()
    {
        MadeUpSpeech.WriteSystem(At("systems/original"), 2, 0, seconds: 0.5);
        MadeUpSpeech.WriteSystem(At("systems/vocoder"), 2, 0.1, seconds: 0.7);
        var result = Run(
            "listening-test", "make", "--method", "mushra", "--system", $"o={At("systems/original")}", "--system", $"v={At("systems/vocoder")}",
            "--reference", "o", "-o", At("out/test"));
        Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        Assert.That(Key().Rows.Select(row => row.Seconds), Is.All.EqualTo(0.7));
        Assert.That(Key().Rows.CountBy(row => row.Kind), Is.EquivalentTo(new Dictionary<ClipKind, int>
        {
            [ClipKind.Rating] = 2, [ClipKind.HiddenReference] = 2, [ClipKind.OpenReference] = 2, [ClipKind.Anchor] = 2,
        }));
    }

    [Test]
    public void Checks_are_of_a_known_quality()
    {
        var trap = At("please select poor=2.wav");
        WavFile.Write(trap, MadeUpSpeech.Clip(9, 0, seconds: 0.4));
        Make("acr", "--trap", $"{trap}=2");
        var rows = Key().Rows;
        Assert.That(
            rows.Where(row => row.Kind == ClipKind.Gold).Select(row => (row.System, row.Expected)),
            Is.EquivalentTo(new (string, int?)[] { ("clean", 5), ("broken", 1) }));
        var trapped = rows.Single(row => row.Kind == ClipKind.Trap);
        Assert.That(trapped.Expected, Is.EqualTo(2));
        Assert.That(trapped.Seconds, Is.EqualTo(0.5 + 0.2 + 0.4).Within(0.01));
        Assert.That(PageOf(At("out/test/page/index.html")).Extras, Has.Length.EqualTo(2));
    }

    [Test]
    public void What_was_made_is_told()
    {
        var output = Make("acr").Output;
        Assert.That(output, Does.Contain("ACR, \"How natural does the speech sound?\""));
        Assert.That(output, Does.Contain("6 sentences to rate, 1 more for practice"));
        Assert.That(output, Does.Contain("3 listeners, or a multiple of them, balance the design"));
        Assert.That(output, Does.Contain(At("out/test/key.csv")));
        Assert.That(MakeIn("pages", "mushra").Output, Does.Contain("pages in about").And.Not.Contain("balance"));
    }

    [Test]
    public void What_is_there_is_not_replaced()
    {
        Make("acr");
        AssertFails(Run([.. Arguments("acr"), "-o", At("out/test")]), ExitCode.Failed, "page: is there already; name another folder, or remove it.");
        Directory.Delete(At("out/test/page"), recursive: true);
        AssertFails(Run([.. Arguments("acr"), "-o", At("out/test")]), ExitCode.Failed, "key.csv: is there already");
        Assert.That(Directory.GetFileSystemEntries(At("out/test")), Has.Length.EqualTo(1));
    }

    [TestCase("--system original=DIR --system original=DIR", "--system: 'original' is there twice")]
    [TestCase("--system original=DIR", "--system: expected from 2 to 24 systems, found 1")]
    [TestCase("--system original", "--system: expected NAME=DIR, found 'original'")]
    [TestCase("--system =DIR --system b=DIR", "--system: expected NAME=DIR, found '=")]
    [TestCase("--system a= --system b=DIR", "--system: expected NAME=DIR, found 'a='")]
    [TestCase("--system a=DIR --system b=DIR --method mos", "--method: expected acr or dcr or ccr or mushra, found 'mos'")]
    [TestCase("--system a=DIR --system b=DIR --method mushra", "--reference: DCR and MUSHRA compare with the original")]
    [TestCase("--system a=DIR --system b=DIR --method dcr", "--reference: DCR and MUSHRA compare with the original")]
    [TestCase("--system a=DIR --system b=DIR --reference c", "--reference: expected the name of a system (a, b), found 'c'")]
    [TestCase("--system a=DIR --system b=DIR --trap DIR/secret-00.wav=6", "--trap: expected a score from 1 to 5 after the last =, found '6'")]
    [TestCase("--system a=DIR --system b=DIR --method ccr --trap DIR/secret-00.wav=4", "--trap: expected a score from -3 to 3")]
    [TestCase("--system a=DIR --system b=DIR --trap poor.wav", "--trap: expected FILE=SCORE, found 'poor.wav'")]
    [TestCase("--system a=DIR --system b=DIR --seed 4294967296", "--seed: expected a whole number")]
    [TestCase("--system a=DIR --system b=DIR --loudness -3", "--loudness: expected a number, -40 to -10")]
    [TestCase("--system a=DIR --system b=DIR --question beauty", "--question: expected naturalness or overall")]
    public void Arguments_that_cannot_be_meant_are_refused(string arguments, string message)
    {
        var folder = MadeUpSpeech.WriteSystem(At("folder"), 2, 0);
        AssertFails(
            Run(["listening-test", "make", "-o", At("out/test"), .. arguments.Replace("DIR", folder, StringComparison.Ordinal).Split(' ')]),
            ExitCode.WrongArguments, message);
        Assert.That(Outputs(), Is.Empty);
    }

    [Test]
    public void Eleven_systems_beside_the_reference_fill_no_page_of_mushra()
    {
        var folder = MadeUpSpeech.WriteSystem(At("folder"), 1, 0);
        string[] systems = [.. Enumerable.Range(0, 12).SelectMany(i => new[] { "--system", $"s{i}={folder}" })];
        string[] arguments = ["listening-test", "make", "--method", "mushra", "--reference", "s0", "-o", At("out/test")];
        AssertFails(Run([.. arguments, .. systems]), ExitCode.WrongArguments, "at most 10 systems beside the reference, found 11");
        Assert.That(Run([.. arguments, .. systems[..^2]]).Code, Is.EqualTo(ExitCode.Done));
        Assert.That(PageOf(At("out/test/page/index.html")).Grid[0][0], Has.Length.EqualTo(1 + ListeningTest.MostSoundsPerPage));
    }

    [Test]
    public void Folders_that_do_not_fit_together_are_refused()
    {
        var full = MadeUpSpeech.WriteSystem(At("full"), 3, 0);
        var fewer = MadeUpSpeech.WriteSystem(At("fewer"), 2, 0);
        var silent = MadeUpSpeech.WriteSystem(At("silent"), 3, 0, gain: 0);
        Directory.CreateDirectory(At("empty"));
        var message = $"{fewer}: expected the same sentences in every folder, found none that is called 'secret-02'";
        AssertFails(MakeOf(full, fewer), ExitCode.Failed, message);
        AssertFails(MakeOf(fewer, full), ExitCode.Failed, message);
        AssertFails(MakeOf(full, At("empty")), ExitCode.Failed, $"{At("empty")}: expected recordings (WAV, AIFF or MP3), found none");
        AssertFails(MakeOf(full, At("none")), ExitCode.Failed, $"{At("none")}: cannot be read: the folder does not exist");
        AssertFails(MakeOf(full, silent), ExitCode.Failed, "the clip 'secret-00' of 's1' is silent");
        AssertFails(MakeOf(full, full, full, full), ExitCode.Failed, "expected at least 4 sentences");
        File.WriteAllText(Path.Combine(full, "secret-00.mp3"), "x");
        AssertFails(MakeOf(full, full), ExitCode.Failed, "is of the same sentence; remove one of them");
        File.Delete(Path.Combine(full, "secret-00.mp3"));
        File.WriteAllText(Path.Combine(full, "secret-01.wav"), "x");
        AssertFails(MakeOf(full, full), ExitCode.Failed, "secret-01.wav");
        Assert.That(Outputs(), Is.Empty);
    }

    [Test]
    public void A_full_design_needs_no_multiple()
    {
        var folder = MadeUpSpeech.WriteSystem(At("folder"), 1, 0);
        string[] systems = [.. Enumerable.Range(0, 3).SelectMany(i => new[] { "--system", $"s{i}={folder}" })];
        Assert.That(Run(["listening-test", "make", "--full", "-o", At("out/test"), .. systems]).Code, Is.EqualTo(ExitCode.Done));
        Assert.That(ListeningPlan.Of(PageOf(At("out/test/page/index.html")), 0).Count(trial => trial.Block == "rating"), Is.EqualTo(3));
    }

    [TestCase("color-scheme: light dark;")]
    [TestCase("@media (prefers-color-scheme: dark)")]
    public void Text_stands_out_from_its_ground(string scheme)
    {
        var style = TestPage.Of(ListeningPlanTests.Test(1, 1)).Split(scheme)[1].Split('}')[0];
        var colours = Colour().Matches(style).ToDictionary(match => match.Groups[1].Value, match => Convert.ToInt32(match.Groups[2].Value, 16));
        foreach (var (text, ground) in new[]
        {
            ("ink", "paper"), ("ink", "ground"), ("ink", "accent-soft"), ("soft", "paper"), ("soft", "ground"), ("accent-ink", "accent"),
            ("warn", "warn-soft"), ("bad", "paper"),
        })
        {
            Assert.That(Contrast(colours[text], colours[ground]), Is.GreaterThanOrEqualTo(4.5), $"{text} on {ground}");
        }
    }

    // Relative luminance and contrast of WCAG 2.1.
    private static double Contrast(int first, int second)
    {
        var (a, b) = (Luminance(first), Luminance(second));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    private static double Luminance(int colour)
    {
        double[] parts = [.. new[] { colour >> 16, (colour >> 8) & 255, colour & 255 }.Select(value => value / 255.0)
            .Select(value => value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4))];
        return (0.2126 * parts[0]) + (0.7152 * parts[1]) + (0.0722 * parts[2]);
    }

    private CommandResult Make(string method, params string[] more) => MakeIn("test", method, more);

    private CommandResult MakeIn(string folder, string method, params string[] more)
    {
        var result = Run([.. Arguments(method), "-o", At($"out/{folder}"), .. more]);
        Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        return result;
    }

    private string[] Arguments(string method)
    {
        var folders = s_systems.Index().Select(system => MadeUpSpeech.WriteSystem(
            At($"systems/{system.Item}"), 7, noise: system.Index * 0.3, seconds: 0.5, gain: 0.1 + (0.2 * system.Index)));
        return
        [
            "listening-test", "make", "--method", method, "--reference", "original",
            .. s_systems.Zip(folders).SelectMany(system => new[] { "--system", $"{system.First}={system.Second}" }),
        ];
    }

    private CommandResult MakeOf(params string[] folders) => Run(
    [
        "listening-test", "make", "-o", At("out/test"),
        .. folders.Index().SelectMany(folder => new[] { "--system", $"s{folder.Index}={folder.Item}" }),
    ]);

    private KeyFile Key() => KeyFile.Read(At("out/test/key.csv"));

    private static PageTest PageOf(string path) =>
        System.Text.Json.JsonSerializer.Deserialize(TestJson().Match(File.ReadAllText(path)).Groups[1].Value, ListeningJson.Instance.PageTest)!;

    [GeneratedRegex("<script type=\"application/json\" id=\"test\">(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex TestJson();

    [GeneratedRegex("(https?:|wss?:)?//[a-z0-9-]+\\.", RegexOptions.IgnoreCase)]
    private static partial Regex Address();

    [GeneratedRegex("<script[^>]+src=|<link(?![^>]*href=\"data:)|@import|url\\(|<img|<iframe")]
    private static partial Regex ForeignFile();

    [GeneratedRegex("--([a-z-]+): #([0-9a-f]{6})")]
    private static partial Regex Colour();
}
