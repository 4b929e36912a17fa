using System.Text.Json;
using CudaTts.Audio;
using CudaTts.Cli;

namespace CudaTts.Tests.Cli;

[TestFixture]
internal sealed class SayCommandTests : CommandTestBase
{
    private const int StepSamples = 2 * 256;

    [Test]
    public void Say_writes_a_wav_of_exact_size()
    {
        var result = Run("say", "Hi.", "-o", At("out/hi.wav"), "--voice", Voice.FindDefault(), "--device", "cpu");
        Assert.That(result.Error, Is.Empty);
        Assert.That(result.Code, Is.EqualTo(ExitCode.Done));
        Assert.That(result.OutputBytes, Is.Empty);
        Assert.That((new FileInfo(At("out/hi.wav")).Length - 44) % (2 * 256), Is.Zero);
        Assert.That(WavFile.Read(At("out/hi.wav")).SampleRate, Is.EqualTo(22050));
        Assert.That(Outputs(), Is.EqualTo(new[] { "hi.wav" }));
    }

    [Test]
    public void Say_that_reaches_the_frame_limit_writes_and_returns_three()
    {
        AssertFails(Run("say", "This never ends.", "-o", At("out/x.wav"), "--voice", EndlessVoice), ExitCode.Incomplete, "frame_limit");
        Assert.That(Outputs(), Is.EqualTo(new[] { "x.wav" }));
    }

    [Test]
    public void Say_takes_the_same_text_from_argument_file_and_standard_input()
    {
        File.WriteAllText(At("text.txt"), "Hi.\n");
        Run("say", "Hi.", "-o", At("out/a.wav"), "--voice", StoppingVoice);
        Run("say", "-f", At("text.txt"), "-o", At("out/b.wav"), "--voice", StoppingVoice);
        RunWithInput("Hi.\n", "say", "-o", At("out/c.wav"), "--voice", StoppingVoice);
        var expected = File.ReadAllBytes(At("out/a.wav"));
        Assert.That(File.ReadAllBytes(At("out/b.wav")), Is.EqualTo(expected));
        Assert.That(File.ReadAllBytes(At("out/c.wav")), Is.EqualTo(expected));
    }

    [Test]
    public void Say_says_a_word_as_a_lexicon_or_the_text_has_it()
    {
        File.WriteAllText(At("lexicon.txt"), "gif JH IH1 F\n");
        Run("say", "A gif.", "-o", At("out/usual.wav"), "--voice", Voice.FindDefault(), "--device", "cpu");
        Run("say", "A gif.", "-o", At("out/lexicon.wav"), "--voice", Voice.FindDefault(), "--device", "cpu", "--lexicon", At("lexicon.txt"));
        Run("say", "A {JH IH1 F}.", "-o", At("out/arpabet.wav"), "--voice", Voice.FindDefault(), "--device", "cpu");
        Run("say", "A [[dʒɪf]].", "-o", At("out/ipa.wav"), "--voice", Voice.FindDefault(), "--device", "cpu");
        var expected = File.ReadAllBytes(At("out/lexicon.wav"));
        Assert.That(File.ReadAllBytes(At("out/arpabet.wav")), Is.EqualTo(expected));
        Assert.That(File.ReadAllBytes(At("out/ipa.wav")), Is.EqualTo(expected));
        Assert.That(File.ReadAllBytes(At("out/usual.wav")), Is.Not.EqualTo(expected));
        File.WriteAllText(At("lexicon.txt"), "gif\n");
        AssertFails(Run("say", "Hi.", "-o", At("out/x.wav"), "--lexicon", At("lexicon.txt")), ExitCode.Failed,
            "line 1: expected a word and its sound");
    }

    [Test]
    public void Say_writes_the_same_samples_to_standard_output()
    {
        Run("say", "Hi.", "-o", At("out/a.wav"), "--voice", StoppingVoice);
        var wav = File.ReadAllBytes(At("out/a.wav"));
        Assert.That(Run("say", "Hi.", "-o", "-", "--voice", StoppingVoice).OutputBytes, Is.EqualTo(wav));
        Assert.That(Run("say", "Hi.", "--output-raw", "--voice", StoppingVoice).OutputBytes, Is.EqualTo(wav[44..]));
    }

    [Test]
    public void Raw_output_has_the_pauses_of_the_file()
    {
        Run("say", "One. Two.", "-o", At("out/a.wav"), "--voice", StoppingVoice);
        Assert.That(Run("say", "One. Two.", "--output-raw", "--voice", StoppingVoice).OutputBytes,
            Is.EqualTo(File.ReadAllBytes(At("out/a.wav"))[44..]));
    }

    [Test]
    public void Lines_become_numbered_files_that_sound_as_if_alone()
    {
        var result = RunWithInput("One.\n\nThree.\n", "say", "--lines", At("out"), "--voice", Voice.FindDefault(), "--device", "cpu");
        Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        Assert.That(Outputs(), Is.EqualTo(new[] { "0001.wav", "0003.wav", "manifest.jsonl" }));
        Assert.That(result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Path.GetFileName(line.Trim())),
            Is.EqualTo(Outputs().Where(name => name.EndsWith(".wav", StringComparison.Ordinal))));
        Run("say", "Three.", "-o", At("alone.wav"), "--voice", Voice.FindDefault(), "--device", "cpu");
        Assert.That(File.ReadAllBytes(At("out/0003.wav")), Is.EqualTo(File.ReadAllBytes(At("alone.wav"))));
    }

    [Test]
    public void A_lines_job_resumes_where_it_was_interrupted()
    {
        string[] job = ["say", "--lines", At("out"), "--voice", Voice.FindDefault(), "--device", "cpu"];
        RunWithInput("One.\nTwo.\nThree.\n", job);
        File.Delete(At("out/0002.wav"));
        var cut = File.ReadAllText(At("out/manifest.jsonl"));
        File.WriteAllText(At("out/manifest.jsonl"), cut[..^10]);
        var result = RunWithInput("One.\nTwo.\nThree.\n", [.. job, "--resume"]);
        Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        Assert.That(result.Output.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries),
            Is.EqualTo(new[] { At("out/0002.wav"), At("out/0003.wav") }));
        Assert.That(RunWithInput("One.\nTwo.\nThree.\n", [.. job, "--resume"]).Output, Is.Empty, "all is done");
        var changed = RunWithInput("One.\nTwo changed.\nThree.\n", [.. job, "--resume"]);
        Assert.That(changed.Output.Trim(), Is.EqualTo(At("out/0002.wav")));
        Assert.That(RunWithInput("One.\n", [.. job, "--resume", "--seed", "4"]).Output.Trim(), Is.EqualTo(At("out/0001.wav")),
            "another seed is other speech");
    }

    [Test]
    public void Json_lines_choose_file_seed_and_speed()
    {
        var lines = """
            {"text": "One.", "output_file": "first.wav", "seed": 5}
            {"text": "One.", "output_file": "second.wav", "speed": 0.5}
            """;
        var result = RunWithInput(lines, "say", "--json-input", "--lines", At("out"), "--voice", Voice.FindDefault(), "--device", "cpu");
        Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        Assert.That(Outputs(), Is.EqualTo(new[] { "first.wav", "manifest.jsonl", "second.wav" }));
        Run("say", "One.", "--speed", "0.5", "-o", At("slow.wav"), "--voice", Voice.FindDefault(), "--device", "cpu");
        Assert.That(File.ReadAllBytes(At("out/second.wav")), Is.EqualTo(File.ReadAllBytes(At("slow.wav"))));
        Run("say", "One.", "--seed", "5", "-o", At("alone.wav"), "--voice", Voice.FindDefault(), "--device", "cpu");
        Assert.That(File.ReadAllBytes(At("out/first.wav")), Is.EqualTo(File.ReadAllBytes(At("alone.wav"))));
    }

    [TestCase("{\"text\": 5}", "line 1")]
    [TestCase("{\"txt\": \"x\"}", "line 1")]
    [TestCase("hello", "line 1")]
    [TestCase("{}", "the key 'text' is missing")]
    [TestCase("{\"text\": \"Hi.\", \"speaker\": 1}", "line 1: speaker 1: the voice 'tiny' has one voice")]
    [TestCase("{\"text\": \"Hi.\", \"speaker\": -1}", "line 1: speaker -1: the voice 'tiny' has one voice")]
    public void A_wrong_json_line_is_named(string line, string message) =>
        AssertFails(RunWithInput(line, "say", "--json-input", "--lines", At("out"), "--voice", StoppingVoice), ExitCode.Failed, message);

    [Test]
    public void Stats_are_one_line_of_json_on_standard_error()
    {
        var result = Run("say", "Hi. You.", "-o", At("out/a.wav"), "--voice", Voice.FindDefault(), "--stats", "--threads", "1", "--device", "cpu");
        using var json = JsonDocument.Parse(result.Error);
        var stats = json.RootElement;
        Assert.Multiple(() =>
        {
            Assert.That(stats.GetProperty("sentences").GetInt32(), Is.EqualTo(2));
            Assert.That(stats.GetProperty("attention").EnumerateArray().Select(sentence => sentence.GetProperty("faults").GetArrayLength()),
                Is.EqualTo(new[] { 0, 0 }));
            Assert.That(stats.GetProperty("attempts").GetInt32(), Is.EqualTo(2));
            Assert.That(stats.GetProperty("threads").GetInt32(), Is.EqualTo(1));
            Assert.That(stats.GetProperty("stop").GetString(), Is.EqualTo("gate"));
            Assert.That(stats.GetProperty("audio_seconds").GetDouble(),
                Is.EqualTo(((stats.GetProperty("frames").GetInt32() * 256) + 4410) / 22050.0).Within(1e-6));
            Assert.That(stats.GetProperty("peak_memory_bytes").GetInt64(), Is.GreaterThan(1_000_000));
        });
    }

    [Test]
    public void Plot_is_a_png_with_marks_on_it()
    {
        Run("say", "Hi there. You.", "-o", At("out/a.wav"), "--voice", EndlessVoice, "--plot", At("out/a.png"));
        using var bitmap = SkiaSharp.SKBitmap.Decode(At("out/a.png"));
        Assert.That(bitmap, Is.Not.Null);
        Assert.That(bitmap.Pixels.Distinct().Count(), Is.GreaterThan(50), "colours");
        Assert.That(bitmap.Pixels.Count(pixel => pixel == SkiaSharp.SKColors.Black), Is.GreaterThan(1000), "frame, ticks and letters");
        Assert.That(Outputs(), Is.EqualTo(new[] { "a.png", "a.wav" }));
    }

    [Test]
    public void A_text_may_begin_with_an_at_sign()
    {
        var result = Run("say", "@home we speak.", "-o", At("out/a.wav"), "--voice", StoppingVoice);
        Assert.That(Outputs(), Is.EqualTo(new[] { "a.wav" }), result.Error);
    }

    [TestCase("json", "{\"duration\":")]
    [TestCase("srt", "1\n00:00:00,000 --> 00:00:0")]
    [TestCase("VTT", "WEBVTT\n\n1\n00:00:00.000 --> 00:00:0")]
    public void Timestamps_are_written_in_the_form_of_the_extension(string extension, string start)
    {
        Run("say", "Hi there. You.", "-o", At("out/a.wav"), "--voice", Voice.FindDefault(), "--device", "cpu", "--timestamps",
            At($"out/t.{extension}"));
        Assert.That(Outputs(), Is.EqualTo(new[] { "a.wav", $"t.{extension}" }));
        Assert.That(File.ReadAllText(At($"out/t.{extension}")), Does.StartWith(start));
    }

    [Test]
    public void Timestamps_are_as_long_as_the_file()
    {
        Run("say", "Hi there. You.", "-o", At("out/a.wav"), "--voice", Voice.FindDefault(), "--device", "cpu", "--speed", "1.3", "--timestamps",
            At("out/t.json"));
        using var json = JsonDocument.Parse(File.ReadAllText(At("out/t.json")));
        var samples = (new FileInfo(At("out/a.wav")).Length - 44) / 2;
        Assert.That(json.RootElement.GetProperty("duration").GetDouble(), Is.EqualTo(samples / 22050.0).Within(1e-6));
        var words = json.RootElement.GetProperty("sentences").EnumerateArray().SelectMany(sentence => sentence.GetProperty("words").EnumerateArray());
        Assert.That(words.Select(word => word.GetProperty("text").GetString()), Is.EqualTo(new[] { "Hi", "there.", "You." }));
        Assert.That(words.First().GetProperty("phonemes")[0].GetProperty("symbol").GetString(), Is.EqualTo("HH"));
    }

    [Test]
    public void Every_line_has_its_timestamps_beside_it()
    {
        string[] job = ["say", "--lines", At("out"), "--voice", Voice.FindDefault(), "--device", "cpu", "--timestamps", "srt"];
        var result = RunWithInput("One.\n<speak>Two<break time='1s'/></speak>\n", job);
        Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        Assert.That(Outputs(), Is.EqualTo(new[] { "0001.srt", "0001.wav", "0002.srt", "0002.wav", "manifest.jsonl" }));
        Assert.That(File.ReadAllText(At("out/0002.srt")), Does.EndWith("\nTwo\n\n"));
        File.Delete(At("out/0001.srt"));
        Assert.That(RunWithInput("One.\n<speak>Two<break time='1s'/></speak>\n", [.. job, "--resume"]).Output.Trim(), Is.EqualTo(At("out/0001.wav")));
        File.WriteAllText(At("out/0002.srt"), "");
        Assert.That(RunWithInput("One.\n<speak>Two<break time='1s'/></speak>\n", [.. job, "--resume"]).Output.Trim(), Is.EqualTo(At("out/0002.wav")));
    }

    [Test]
    public void Mark_up_is_known_by_its_beginning()
    {
        const string Document = " <speak>One.<break time=\"1s\"/>Two.</speak>";
        Run("say", Document, "-o", At("out/a.wav"), "--voice", StoppingVoice);
        Run("say", Document, "--ssml", "-o", At("out/b.wav"), "--voice", StoppingVoice);
        Run("say", "One. Two.", "-o", At("out/c.wav"), "--voice", StoppingVoice);
        Assert.That(File.ReadAllBytes(At("out/a.wav")), Is.EqualTo(File.ReadAllBytes(At("out/b.wav"))));
        Assert.That(new FileInfo(At("out/a.wav")).Length - new FileInfo(At("out/c.wav")).Length, Is.EqualTo(2 * (22050 - 2205)));
        AssertFails(Run("say", "no mark-up", "--ssml", "-o", At("out/d.wav"), "--voice", StoppingVoice), ExitCode.Failed, "SSML");
    }

    [Test]
    public void Pitch_and_volume_change_the_sound()
    {
        Run("say", "One.", "-o", At("out/a.wav"), "--voice", EndlessVoice);
        Run("say", "One.", "--pitch", "4", "-o", At("out/b.wav"), "--voice", EndlessVoice);
        Run("say", "One.", "--volume", "-200", "-o", At("out/c.wav"), "--voice", EndlessVoice);
        var (usual, higher, silent) = (File.ReadAllBytes(At("out/a.wav")), File.ReadAllBytes(At("out/b.wav")), File.ReadAllBytes(At("out/c.wav")));
        Assert.That(higher, Has.Length.EqualTo(usual.Length).And.Not.EqualTo(usual));
        Assert.That(silent[44..], Is.All.Zero);
    }

    [Test]
    public void An_attention_window_is_off_unless_asked_for()
    {
        byte[] Spoken(params string[] options)
        {
            Run(["say", "One is here.", "--attempts", "1", "-o", At("out/a.wav"), "--voice", EndlessVoice, .. options]);
            return File.ReadAllBytes(At("out/a.wav"));
        }

        var usual = Spoken();
        Assert.That(Spoken("--attention-window", "off"), Is.EqualTo(usual));
        Assert.That(Spoken("--attention-window", "retry"), Is.EqualTo(usual), "the first attempt has none");
        Assert.That(Spoken("--attention-window", "always"), Is.Not.EqualTo(usual));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void A_long_text_shows_progress_on_a_terminal_only(bool isTerminal)
    {
        File.WriteAllText(At("book.txt"), string.Concat(Enumerable.Repeat("This is one sentence of a long book. ", 30)));
        using var error = new StringWriter();
        var terminal = new Terminal(Stream.Null, Stream.Null, error) { ErrorIsTerminal = isTerminal, Clock = new FastClock() };
        CommandLine.RunAsync(["say", "-f", At("book.txt"), "-o", At("out/a.wav"), "--voice", EndlessVoice], terminal, CancellationToken.None)
            .GetAwaiter().GetResult();
        var lines = error.ToString().Split('\r').Where(line => line.StartsWith("sentence ", StringComparison.Ordinal)).ToList();
        Assert.That(lines, isTerminal ? Has.Count.GreaterThan(30) : Is.Empty);
        Assert.That(lines.Any(line => line.StartsWith("sentence 30, ", StringComparison.Ordinal)), Is.EqualTo(isTerminal));
    }

    [TestCase("--output-raw", "-o", "x.wav")]
    [TestCase("--lines", "d", "--output-raw")]
    [TestCase("--lines", "d", "-o", "x.wav")]
    [TestCase("--json-input", "--plot", "x.png")]
    [TestCase("-f", "x.txt", "text")]
    [TestCase("--speed", "9")]
    [TestCase("--pitch", "25")]
    [TestCase("--volume", "50")]
    [TestCase("--attention-window", "sometimes")]
    [TestCase("--timestamps", "x.txt")]
    [TestCase("--timestamps", "x")]
    [TestCase("--lines", "d", "--timestamps", "x.srt")]
    [TestCase("--speed", "fast")]
    [TestCase("--seed", "-1")]
    [TestCase("--threads", "-2")]
    [TestCase("--device", "tpu")]
    [TestCase("--device", "cuda:x")]
    [TestCase("--nonsense")]
    public void Wrong_arguments_return_two(params string[] arguments) =>
        AssertFails(RunWithInput("Hi.", ["say", "--voice", StoppingVoice, .. arguments]), ExitCode.WrongArguments, "");

    // Which message depends on the machine: no driver, no such device, or a process that has chosen the emulated one.
    [Test]
    public void A_device_that_is_not_there_fails_in_one_line() =>
        AssertFails(Run("say", "Hi.", "--device", "cuda:999", "--voice", StoppingVoice), ExitCode.Failed, "th");

    [Test]
    public void A_cancelled_command_writes_nothing()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        using var error = new StringWriter();
        var terminal = new Terminal(Stream.Null, Stream.Null, error);
        var code = CommandLine.RunAsync(["say", "Hi.", "-o", At("out/a.wav"), "--voice", EndlessVoice], terminal, cancelled.Token).GetAwaiter()
            .GetResult();
        Assert.That(code, Is.EqualTo(ExitCode.Interrupted));
        Assert.That(error.ToString(), Does.StartWith("cudatts: interrupted"));
        Assert.That(Outputs(), Is.Empty);
    }

    /// <summary>A second passes every time that it is looked at.</summary>
    private sealed class FastClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Add(ref _ticks, TimeSpan.TicksPerSecond);
    }
}
