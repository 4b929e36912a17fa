using CudaTts.Audio;
using CudaTts.Cli.Reports;
using CudaTts.Quality.Evaluation;
using CudaTts.Quality.Pitch;
using CudaTts.Quality.Recognition;
using CudaTts.Quality.Signals;
using CudaTts.Quality.Statistics;
using CudaTts.Tensors;
using CudaTts.Tests.Quality;

namespace CudaTts.Tests.Reports;

/// <summary>Reports as <c>cudatts evaluate</c> makes them, for tests and for eyes: of real recordings, and of a voice that is made up.</summary>
internal sealed record ReportExample(EvaluationReport Report, IReadOnlyList<ShownClip> Shown)
{
    private static readonly string[] s_pairs =
    [
        "reversed", "other_sentence", "two_talkers", "lj1_white_15db", "lj3_reverb", "lj2_mulaw_lowpass", "pitch_like_speed_up_20",
        "lj1_variable_delay_noise", "r22_lowpass_4000", "r22_white_20db", "low_level_noise", "r22_identical",
    ];

    private string? _page;

    private static readonly Lazy<ReportExample> s_recordings = new(MakeRecordings);
    private static readonly Lazy<ReportExample> s_voice = new(MakeVoice);

    /// <summary>
    /// An example by its name: <c>recordings</c> are three, degraded in twelve ways, the ten worst shown; <c>voice</c> has texts, transcripts,
    /// faults, alignments, an earlier report and a clip that could not be made.
    /// </summary>
    public static ReportExample Named(string name) => name == "voice" ? s_voice.Value : s_recordings.Value;

    /// <summary>The page as text, written once.</summary>
    public string Page() => _page ??= WritePage();

    /// <summary>Writes the page anew.</summary>
    public string WritePage()
    {
        using var stream = new MemoryStream();
        EvaluationPage.Write(stream, Report, Shown);
        return new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true).GetString(stream.ToArray());
    }

    /// <summary>A report of clips that are made up, none of them shown.</summary>
    public static EvaluationReport Of(string kind, params IReadOnlyList<EvaluatedClip> clips) => new()
    {
        Format = EvaluationReport.FormatName,
        Kind = kind,
        Title = "made up",
        Created = "2026-11-27T10:15:30Z",
        Setting = new Dictionary<string, string> { ["version"] = "0.1.0", ["device"] = "CPU, 2 threads" },
        Summary = ReportStatistics.Summarise(clips.SelectMany(clip => clip.Measures.Keys).Distinct().Select(key => Measure.Of(key)!), clips),
        Clips = clips,
        Notes = ["clips are ordered by their first measure"],
    };

    /// <summary>A clip with some measures.</summary>
    public static EvaluatedClip Clip(string name, params (string Key, double? Value)[] measures) =>
        new(name, measures.ToDictionary(measure => measure.Key, measure => measure.Value), []);

    /// <summary>A second of a tone at 8 kHz.</summary>
    public static Signal Tone(double hertz) =>
        new([.. Enumerable.Range(0, 8000).Select(i => 0.5 * Math.Sin(2 * Math.PI * hertz * i / 8000))], 8000);

    private static ReportExample MakeRecordings()
    {
        var pairs = s_pairs.Select(name => (Name: name, Sounds: QualityPairs.Make(name))).ToList();
        var clips = pairs.Select(pair => Scored(pair.Name)).OrderBy(clip => clip.Measures["pesq_wb"]).ToList();
        var report = Of("pairs", clips) with { Title = "golden/speech, degraded", Notes = ["clips are ordered by PESQ wide-band"] };
        var shown = clips.Take(10).Select(clip =>
        {
            var (reference, degraded) = pairs.Single(pair => pair.Name == clip.Name).Sounds;
            return new ShownClip(clip, reference, degraded) { ReferencePitch = PitchTrack.Of(reference), SoundPitch = PitchTrack.Of(degraded) };
        });
        return new ReportExample(report with { Comparison = AgainstEarlier(report) }, [.. shown]);
    }

    // The scores that the original programs gave, which this library repeats.
    private static EvaluatedClip Scored(string name)
    {
        var measures = Measure.OfPairs.ToDictionary(measure => measure.Key, measure => measure.Key == "loudness_difference_lu"
            ? QualityPairs.Score(name, "loudness_lufs_degraded") - QualityPairs.Score(name, "loudness_lufs_reference")
            : QualityPairs.Score(name, measure.Key));
        return new EvaluatedClip(name, measures, ["click_difference, clipped_samples: not counted by the original programs"]);
    }

    // Whatever the measures are: a third better, a third worse, a third as before.
    private static BaselineComparison AgainstEarlier(EvaluationReport report) => new(
        "golden/speech, degraded, before the change", "2026-11-20T09:00:00Z",
        [.. report.Summary.Where(summary => summary.Count > 0).Index().Select(entry =>
        {
            var (i, summary) = entry;
            var (width, sign) = (0.04 * Math.Max(0.01, Math.Abs(summary.Mean)), i % 3 - 1);
            var isBetter = Measure.Of(summary.Measure)!.Better switch
            {
                BetterValue.Higher => sign > 0,
                BetterValue.Lower => sign < 0,
                _ => (bool?)null,
            };
            var verdict = sign == 0 ? "not told apart" : isBetter switch { true => "better", false => "worse", _ => "changed" };
            return new MeasureDifference(
                summary.Measure, summary.Count, summary.Mean - (2 * sign * width), summary.Mean, 2 * sign * width,
                (2 * sign * width) - width, (2 * sign * width) + width, verdict);
        })],
        ["lj9_not_here (only in the earlier report)"], ["version: was 0.0.9, is 0.1.0", "seed: was 0, is 1"]);

    private static ReportExample MakeVoice()
    {
        (string Name, string File, string Text, string Heard)[] lines =
        [
            ("line 3", "LJ030-0031", "The President and Mrs. Kennedy walked about fifteen feet from the car.",
                "the president and missus kennedy walked walked about fifty feet from car"),
            ("line 1", "LJ001-0012", "The lengthy Gothic type was in use at once, everywhere.",
                "the lengthy gothic type was in use everywhere"),
            ("line 2", "LJ050-0158", "Interagency cooperation was agreed upon.", "interagency cooperation was agreed upon"),
        ];
        var uniform = new UniformSequence("report.voice");
        var shown = lines.Select((line, i) => Spoken(line.Name, line.File, line.Text, line.Heard, i, uniform)).ToList();
        var more = Enumerable.Range(4, 37).Select(i => Clip(
            $"line {i}", ("word_error_rate", i < 30 ? 0 : 0.05 * Math.Floor(4 * uniform[i])), ("attention_faults", 0),
            ("words_per_minute", 140 + (60 * uniform[1000 + i])), ("loudness_lufs", -24 + (3 * uniform[2000 + i])),
            ("f0_mean_hz", 190 + (40 * uniform[3000 + i])), ("seconds", 2 + (6 * uniform[4000 + i]))));
        var failed = Clip("line 41") with { Error = "line 41: the text has no word that can be spoken" };
        var report = Of("voice", [.. shown.Select(clip => clip.Clip), .. more, failed]) with { Title = "ljspeech_tacotron2 with hifigan_v1" };
        return new ReportExample(report with { Comparison = AgainstEarlier(report) }, shown);
    }

    private static ShownClip Spoken(string name, string file, string text, string heard, int place, UniformSequence uniform)
    {
        var sound = Signal.Of(AudioFile.Read(Golden.Path($"speech/{file}.wav")));
        var clip = Clip(
            name, ("word_error_rate", 0.3 - (0.1 * place)), ("attention_faults", place == 0 ? 1 : 0), ("words_per_minute", 171.4 - (10 * place)),
            ("loudness_lufs", -22.5 + place), ("f0_mean_hz", 215.2), ("seconds", sound.Seconds), ("clicks", null));
        return new ShownClip(clip with { Text = text, Heard = heard, Faults = place == 0 ? ["repeats: 'walked' (2.1 to 2.6 s)"] : [] }, null, sound)
        {
            SoundPitch = PitchTrack.Of(sound),
            Words = WordErrors.Align(WordsOf(text), WordsOf(heard)),
            Alignments = [Alignment(text[..(text.Length / 2)], uniform), Alignment(text[(text.Length / 2)..], uniform)],
        };
    }

    private static string[] WordsOf(string text) => text.ToLowerInvariant().Split([' ', ',', '.'], StringSplitOptions.RemoveEmptyEntries);

    // As of a voice that reads on: each step looks at one token and a little at its neighbours.
    private static ShownAlignment Alignment(string text, UniformSequence uniform)
    {
        var weights = new Tensor(1, 5 * text.Length, text.Length);
        for (var step = 0; step < weights[1]; step++)
        {
            for (var token = 0; token < weights[2]; token++)
            {
                var away = token - (step / 5.0) - (0.4 * uniform[step]);
                weights.Span[(step * weights[2]) + token] = (float)Math.Exp(-away * away);
            }
        }

        return new ShownAlignment(weights, [.. text.Select(letter => letter.ToString())]);
    }
}
