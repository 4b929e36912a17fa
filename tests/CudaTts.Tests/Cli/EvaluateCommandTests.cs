using System.Text.Json;
using CudaTts.Audio;
using CudaTts.Cli;
using CudaTts.Quality.Evaluation;
using CudaTts.Tests.Quality;

namespace CudaTts.Tests.Cli;

/// <summary>The verb <c>evaluate</c>: pairs, lists, copy-synthesis, voices, recordings of texts, baselines, and what it says of nonsense.</summary>
[TestFixture]
internal sealed class EvaluateCommandTests : CommandTestBase
{
    [Test]
    public void One_pair_as_json_has_every_field_of_the_contract()
    {
        var (reference, degraded) = WritePair("a", 0.02);
        var result = Run("evaluate", reference, degraded, "--json");
        Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        var scores = JsonDocument.Parse(result.OutputBytes).RootElement;
        string[] fields =
        [
            "pesq_wb", "pesq_nb", "pesq_nb_raw", "stoi", "estoi", "mcd_db", "mcd_c0_db", "mcd_unaligned_db", "mcd_c0_unaligned_db", "log_f0_rmse",
            "gross_pitch_error", "voicing_error", "f0_frame_error", "f0_rmse_hz", "f0_correlation", "log_f0_rmse_unaligned",
            "gross_pitch_error_unaligned", "voicing_error_unaligned", "f0_frame_error_unaligned", "f0_rmse_hz_unaligned",
            "f0_correlation_unaligned", "si_sdr_db", "log_mel_l1", "log_spectral_distance_db", "loudness_lufs_reference",
            "loudness_lufs_degraded", "sample_rate", "samples_reference", "samples_degraded", "notes",
        ];
        Assert.That(fields.Where(field => !scores.TryGetProperty(field, out _)), Is.Empty);
        Assert.That(scores.GetProperty("sample_rate").GetInt32(), Is.EqualTo(16000));
        Assert.That(scores.GetProperty("samples_degraded").GetInt32(), Is.EqualTo(32000));
    }

    [Test]
    public void One_pair_as_text_names_every_convention()
    {
        var (reference, degraded) = WritePair("a", 0.02);
        var output = Run("evaluate", reference, degraded).Output;
        foreach (var measure in Measure.OfPairs)
        {
            Assert.That(output, Does.Contain(measure.Label).And.Contain(measure.Convention));
        }
    }

    [Test]
    public void A_missing_file_is_an_error_in_json_too()
    {
        var result = Run("evaluate", At("none.wav"), At("none either.wav"), "--json");
        AssertFails(result, ExitCode.Failed, "there is no such file");
        var error = JsonDocument.Parse(result.OutputBytes).RootElement.GetProperty("error");
        Assert.That(error.GetProperty("code").GetString(), Is.EqualTo("file"));
        Assert.That(error.GetProperty("message").GetString(), Does.Contain("there is no such file"));
    }

    [Test]
    public void Nonsense_as_json_is_an_error_of_its_own()
    {
        var result = Run("evaluate", At("one.wav"), "--json");
        AssertFails(result, ExitCode.Failed, "expected two recordings");
        Assert.That(JsonDocument.Parse(result.OutputBytes).RootElement.GetProperty("error").GetProperty("code").GetString(), Is.EqualTo("arguments"));
    }

    [TestCase("expected one of", "evaluate")]
    [TestCase("expected two recordings", "evaluate", "a.wav")]
    [TestCase("expected one of", "evaluate", "a.wav", "b.wav", "--list", "c.csv")]
    [TestCase("--vocoder with the vocoder", "evaluate", "--recordings", "dir")]
    [TestCase("leave out --voice", "evaluate", "--recordings", "dir", "--texts", "t.txt", "--voice", "v")]
    [TestCase("expected --texts", "evaluate", "a.wav", "b.wav", "--voice", "v")]
    [TestCase("leave it out", "evaluate", "--recordings", "dir", "--vocoder", "griffin-lim", "--voice", "v")]
    [TestCase("is to be heard", "evaluate", "a.wav", "b.wav", "--recogniser", "listen {}")]
    [TestCase("is also the file of", "evaluate", "a.wav", "b.wav", "-o", "b.wav")]
    public void What_makes_no_sense_together_is_refused(string message, params string[] arguments) =>
        AssertFails(Run(arguments), ExitCode.WrongArguments, message);

    [Test]
    public void Folders_are_paired_by_name_and_compared_with_a_baseline()
    {
        string[] names = ["a", "b", "c", "d", "e", "f"];
        Array.ForEach(names, name => WritePair(name, 0.02));
        WritePair("g", 0.01);
        File.Delete(At("out/degraded/g.wav"));
        var first = Run("evaluate", "--pairs", At("out/reference"), At("out/degraded"), "-o", At("out/before.json"));
        Assert.That(first.Code, Is.EqualTo(ExitCode.Done), first.Error);
        Assert.That(first.Error, Does.Contain("left out: g only in"));

        Array.ForEach(names, name => WritePair(name, 0.2));
        var second = Run(
            "evaluate", "--pairs", At("out/reference"), At("out/degraded"), "-o", At("out/after.json"), "--baseline", At("out/before.json"));
        Assert.That(second.Code, Is.EqualTo(ExitCode.Done), second.Error);
        var report = JsonSerializer.Deserialize(File.ReadAllBytes(At("out/after.json")), CliJson.Instance.EvaluationReport)!;
        Assert.That(report.Clips.Select(clip => clip.Name), Is.EquivalentTo(names));
        var stoi = report.Comparison!.Differences.Single(difference => difference.Measure == "stoi");
        Assert.That((stoi.Count, stoi.Verdict), Is.EqualTo((6, "worse")));
        Assert.That(second.Output, Does.Contain("worse").And.Contain("against"));
    }

    [Test]
    public void Five_clips_that_are_all_worse_tell_nothing_apart()
    {
        EvaluatedClip[] Clips(double stoi) => [.. Enumerable.Range(0, 5)
            .Select(n => new EvaluatedClip($"{n}", new Dictionary<string, double?> { ["stoi"] = stoi + (0.001 * n) }, []))];
        EvaluationReport Report(EvaluatedClip[] clips) => new()
        {
            Format = EvaluationReport.FormatName, Kind = "pairs", Title = "", Created = "", Setting = new Dictionary<string, string>(),
            Summary = ReportStatistics.Summarise(Measure.OfPairs, clips), Clips = clips, Notes = [],
        };
        var difference = ReportStatistics.Compare(Report(Clips(0.5)), Report(Clips(0.9))).Differences.Single();
        Assert.That(difference.Difference, Is.EqualTo(-0.4).Within(1e-9));
        Assert.That(difference.Verdict, Is.EqualTo("not told apart"));
    }

    [Test]
    public void The_worst_clip_comes_first_and_one_that_cannot_be_read_is_named()
    {
        WritePair("good", 0.01);
        WritePair("bad", 0.4);
        File.WriteAllText(At("out/list.csv"), """
            name,reference,degraded
            first,reference/good.wav,degraded/good.wav
            "second, and worse",reference/bad.wav,degraded/bad.wav
            third,reference/good.wav,degraded/none.wav
            """);
        var result = Run("evaluate", "--list", At("out/list.csv"), "--json");
        Assert.That(result.Code, Is.EqualTo(ExitCode.Failed));
        var report = JsonSerializer.Deserialize(result.OutputBytes, CliJson.Instance.EvaluationReport)!;
        Assert.That(report.Clips.Select(clip => clip.Name), Is.EqualTo((string[])["third", "second, and worse", "first"]));
        Assert.That(report.Clips[0].Error, Does.Contain("there is no such file"));
        Assert.That(report.Summary.Single(summary => summary.Measure == "stoi"), Has.Property("Count").EqualTo(2).And.Property("Missing").EqualTo(1));
    }

    [TestCase("", "expected a table with a first line")]
    [TestCase("reference,other\na.wav,b.wav\n", "'degraded'")]
    [TestCase("reference,degraded\n", "found no such line")]
    [TestCase("reference,degraded\na.wav\n", "not a table")]
    [TestCase("reference,degraded\na.wav,b.wav\nc.wav,b.wav\n", "is there twice")]
    public void A_list_that_is_none_is_refused(string text, string message)
    {
        File.WriteAllText(At("list.csv"), text);
        AssertFails(Run("evaluate", "--list", At("list.csv")), ExitCode.Failed, message);
    }

    [Test]
    public void Recordings_are_copied_through_a_vocoder()
    {
        WritePair("a", 0);
        var result = Run("evaluate", "--vocoder", "griffin-lim", "--recordings", At("out/reference"), "--device", "cpu", "--json");
        Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        var report = JsonSerializer.Deserialize(result.OutputBytes, CliJson.Instance.EvaluationReport)!;
        Assert.That(report.Kind, Is.EqualTo("vocoder"));
        Assert.That(report.Setting["vocoder"], Is.EqualTo("griffin-lim"));
        Assert.That(report.Clips.Single().Measures["stoi"], Is.GreaterThan(0.5));
    }

    [Test]
    public void A_voice_speaks_texts_and_a_recogniser_hears_them()
    {
        File.WriteAllText(At("texts.txt"), "A|Four words are here.\nB|It is 2 o'clock.\n");
        var result = Run(
            "evaluate", "--voice", StoppingVoice, "--texts", At("texts.txt"), "--device", "cpu", "--json",
            "--recogniser", Script("test -s \"$1\" && echo four words are there"));
        var report = JsonSerializer.Deserialize(result.OutputBytes, CliJson.Instance.EvaluationReport)!;
        var rates = report.Clips.ToDictionary(clip => clip.Name, clip => clip.Measures["word_error_rate"]);
        Assert.That(rates["A"], Is.EqualTo(0.25));
        Assert.That(rates["B"], Is.EqualTo(1));
        Assert.That(report.Clips.Single(clip => clip.Name == "A").Heard, Is.EqualTo("four words are there"));
        Assert.That(report.Clips.Select(clip => clip.Measures["attention_faults"]), Has.All.GreaterThan(0));
        Assert.That(report.Notes, Has.Some.Contains("word error of all words together"));
    }

    [TestCase(".")]
    [TestCase("...")]
    [TestCase("")]
    public void What_nobody_can_say_is_heard_as_no_word(string heard)
    {
        WritePair("A", 0);
        File.WriteAllText(At("texts.txt"), "A|One two.\nB|:-)\n");
        File.Copy(At("out/reference/A.wav"), At("out/reference/B.wav"));
        var result = Run(
            "evaluate", "--recordings", At("out/reference"), "--texts", At("texts.txt"), "--json", "--recogniser", Script($"echo {heard}"));
        Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        var clips = JsonSerializer.Deserialize(result.OutputBytes, CliJson.Instance.EvaluationReport)!.Clips;
        Assert.That(clips.Single(clip => clip.Name == "A").Measures["word_error_rate"], Is.EqualTo(1));
    }

    [Test]
    public void Recordings_of_texts_are_measured_as_a_voice_is()
    {
        WritePair("A", 0);
        File.WriteAllText(At("texts.txt"), "A|Twenty-three words.|ignored\nB|There is no recording of this.\n");
        var result = Run(
            "evaluate", "--recordings", At("out/reference"), "--texts", At("texts.txt"), "--json", "--recogniser", Script("echo 23 words"));
        Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        var clip = JsonSerializer.Deserialize(result.OutputBytes, CliJson.Instance.EvaluationReport)!.Clips.Single();
        Assert.That((clip.Name, clip.Measures["word_error_rate"]), Is.EqualTo(("A", 0.0)));
        Assert.That(clip.Measures["f0_mean_hz"], Is.EqualTo(150).Within(10));
        Assert.That(clip.Measures["seconds"], Is.EqualTo(2));
    }

    [TestCase("listen", "expected a command with {}")]
    [TestCase("no-such-program-anywhere {}", "is not there, or not on the PATH")]
    public void A_recogniser_that_is_none_is_refused(string command, string message)
    {
        File.WriteAllText(At("texts.txt"), "Hello.");
        AssertFails(Run("evaluate", "--voice", StoppingVoice, "--texts", At("texts.txt"), "--recogniser", command), ExitCode.WrongArguments, message);
    }

    [Test]
    public void A_clip_that_the_recogniser_fails_on_is_named_and_the_others_are_measured()
    {
        WritePair("A", 0);
        WritePair("B", 0);
        File.WriteAllText(At("texts.txt"), "A|Hello.\nB|Hello.\n");
        var result = Run(
            "evaluate", "--recordings", At("out/reference"), "--texts", At("texts.txt"), "--json",
            "--recogniser", Script($"test -e {At("once")} && echo hello && exit 0; touch {At("once")}; echo no model >&2; exit 3"));
        Assert.That(result.Code, Is.EqualTo(ExitCode.Failed));
        var clips = JsonSerializer.Deserialize(result.OutputBytes, CliJson.Instance.EvaluationReport)!.Clips;
        Assert.That(clips, Has.Count.EqualTo(2));
        Assert.That(clips[0].Error, Does.Contain("exit code 3: no model"));
    }

    [Test]
    public void A_recording_that_is_measured_is_not_replaced()
    {
        var (reference, degraded) = WritePair("a", 0.1);
        File.WriteAllText(At("out/list.csv"), "reference,degraded\nreference/a.wav,degraded/a.wav\n");
        string[][] ways =
        [
            ["--pairs", At("out/reference"), At("out/degraded"), "--report", reference],
            ["--list", At("out/list.csv"), "-o", degraded],
            ["--recordings", At("out/reference"), "--vocoder", "griffin-lim", "-o", reference],
        ];
        foreach (var way in ways)
        {
            AssertFails(Run(["evaluate", .. way]), ExitCode.WrongArguments, "is also the file of a recording that is measured");
        }

        Assert.That(WavFile.Read(reference).Samples, Has.Length.EqualTo(32000));
    }

    [Test]
    public void A_baseline_of_other_clips_or_another_kind_is_refused()
    {
        var (reference, degraded) = WritePair("a", 0.1);
        WritePair("b", 0.1);
        Run("evaluate", reference, degraded, "-o", At("before.json"));
        AssertFails(
            Run("evaluate", At("out/reference/b.wav"), At("out/degraded/b.wav"), "--baseline", At("before.json")), ExitCode.Failed,
            "expected clips of the same names, such as 'b'");
        AssertFails(
            Run("evaluate", "--recordings", At("out/reference"), "--vocoder", "griffin-lim", "--device", "cpu", "--baseline", At("before.json")),
            ExitCode.Failed, "expected a report of the kind 'vocoder'");
    }

    [TestCase("{}", "'format' is missing")]
    [TestCase("[]", "expected a JSON object")]
    [TestCase("{\"format\": \"other\"", "not JSON")]
    public void A_baseline_that_is_none_is_refused(string text, string message)
    {
        var (reference, degraded) = WritePair("a", 0.1);
        File.WriteAllText(At("before.json"), text);
        AssertFails(Run("evaluate", reference, degraded, "--baseline", At("before.json")), ExitCode.Failed, message);
    }

    [Test]
    public void A_baseline_with_bytes_changed_is_read_or_refused_in_one_line()
    {
        var (reference, degraded) = WritePair("a", 0.1);
        Run("evaluate", reference, degraded, "-o", At("before.json"));
        var original = File.ReadAllBytes(At("before.json"));
        var random = new Random(1);
        var refused = 0;
        for (var round = 0; round < 40; round++)
        {
            var bytes = original[..];
            for (var change = 0; change < 3; change++)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            File.WriteAllBytes(At("changed.json"), bytes);
            var result = Run("evaluate", "--list", At("none.csv"), "--baseline", At("changed.json"));
            Assert.That(result.Error.TrimEnd().Split('\n'), Has.Length.EqualTo(1));
            Assert.That(result.Error, Does.Not.Contain("fault of this program"), $"round {round}");
            refused += result.Error.Contains("changed.json", StringComparison.Ordinal) ? 1 : 0;
        }

        Assert.That(refused, Is.GreaterThan(20));
    }

    [Test]
    public void A_progress_bar_tells_how_many_clips_are_done()
    {
        using var screen = new StringWriter();
        var terminal = new Terminal(Stream.Null, Stream.Null, screen) { ErrorIsTerminal = true, Clock = new LateClock() };
        using (var bar = new ProgressBar(terminal))
        {
            bar.Report("3 of 6 clips", 0.5);
        }

        Assert.That(screen.ToString(), Does.Contain("[###############...............] 3 of 6 clips"));
    }

    private (string Reference, string Degraded) WritePair(string name, double noise)
    {
        var chirp = TestSignals.Chirp();
        var added = TestSignals.Noise($"pair.{name}", noise, chirp.Samples.Length, 16000).Samples;
        Directory.CreateDirectory(At("out/reference"));
        Directory.CreateDirectory(At("out/degraded"));
        var (reference, degraded) = (At($"out/reference/{name}.wav"), At($"out/degraded/{name}.wav"));
        WavFile.Write(reference, new Waveform(Array.ConvertAll(chirp.Samples, sample => (float)sample), 16000));
        WavFile.Write(degraded, new Waveform([.. chirp.Samples.Zip(added, (sample, n) => (float)(sample + n))], 16000));
        return (reference, degraded);
    }

    /// <summary>A command whose program is a script of one line, the file being its first argument.</summary>
    private string Script(string line)
    {
        var path = At($"listen{Directory.GetFiles(At("out")).Length}.sh");
        File.WriteAllText(path, $"{line}\n");
        return $"/bin/sh '{path}' {{}}";
    }

    /// <summary>A clock that has always run for hours.</summary>
    private sealed class LateClock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _now += 3600;
    }
}
