using System.Text.Json;
using CudaTts.Quality.Pesq;
using CudaTts.Quality.Signals;

namespace CudaTts.Tests.Quality;

/// <summary>PESQ against the scores and alignments of the original program, and with signals that it was not made for.</summary>
[TestFixture]
internal sealed class PesqTests
{
    private const double Tolerance = 2e-5;

    // The original correlates in single precision, whose rounding gives silent frames delays: they weigh little, but not nothing.
    private const double ConfidenceTolerance = 0.003;

    [TestCaseSource(typeof(QualityPairs), nameof(QualityPairs.Names))]
    public void A_pair_scores_and_aligns_as_in_the_original(string name)
    {
        var (reference, degraded) = QualityPairs.Make(name);
        var results = PerceptualQuality.MeasureBoth(reference, degraded);
        Check(name, "pesq_nb", "utterances_nb", results.NarrowBand);
        if (results.WideBand is { } wideBand)
        {
            Check(name, "pesq_wb", "utterances_wb", wideBand);
        }
        else
        {
            Assert.That(QualityPairs.Score(name, "pesq_wb"), Is.Null);
        }
    }

    [TestCaseSource(typeof(QualityPairs), nameof(QualityPairs.Refused))]
    public void A_pair_that_the_original_cannot_measure_is_refused_with_the_reason(string name)
    {
        var (reference, degraded) = QualityPairs.Make(name);
        var fault = QualityPairs.Refusal(name) == "too short" ? PesqFault.TooShort : PesqFault.NoUtterance;
        var results = PerceptualQuality.MeasureBoth(reference, degraded);
        Assert.That(results.NarrowBand, Is.EqualTo(new PesqResult(PesqMode.NarrowBand, null, null, results.NarrowBand.Utterances, fault)));
        Assert.That(results.WideBand, Is.EqualTo(new PesqResult(PesqMode.WideBand, null, null, results.WideBand!.Utterances, fault)));
        Assert.That(results.NarrowBand.Utterances, Is.Empty);
    }

    [TestCase("babble_0db")]
    [TestCase("r22_white_20db")]
    public void One_mode_gives_what_both_give(string name)
    {
        var (reference, degraded) = QualityPairs.Make(name);
        var both = PerceptualQuality.MeasureBoth(reference, degraded);
        AssertSame(PerceptualQuality.Measure(reference, degraded, PesqMode.NarrowBand), both.NarrowBand);
        AssertSame(PerceptualQuality.Measure(reference, degraded, PesqMode.WideBand), both.WideBand!);
    }

    [Test]
    public void Exchanged_signals_score_otherwise()
    {
        var (reference, degraded) = QualityPairs.Make("babble_0db");
        var swapped = PerceptualQuality.MeasureBoth(degraded, reference);
        Assert.That(swapped.WideBand!.Mos, Is.EqualTo(QualityPairs.Score("babble_0db_swapped", "pesq_wb")).Within(Tolerance));
        Assert.That(swapped.WideBand.Mos, Is.Not.EqualTo(QualityPairs.Score("babble_0db", "pesq_wb")).Within(0.01));
        Assert.That(swapped.NarrowBand.Mos, Is.Not.EqualTo(QualityPairs.Score("babble_0db", "pesq_nb")).Within(0.1));
        Assert.That(swapped.WideBand.Utterances, Has.Count.EqualTo(3));
    }

    [Test]
    public void A_little_noise_shows_in_the_score()
    {
        var (reference, degraded) = QualityPairs.Make("white_20db");
        var noise = TestSignals.Noise("a little", 2e-4, degraded.Samples.Length, degraded.SampleRate);
        var noisier = new Signal([.. degraded.Samples.Zip(noise.Samples, (a, b) => a + b)], degraded.SampleRate);
        var results = PerceptualQuality.MeasureBoth(reference, noisier);
        Assert.That(results.WideBand!.Raw, Is.Not.EqualTo(QualityPairs.Score("white_20db", "pesq_wb_raw")).Within(10 * Tolerance));
        Assert.That(results.NarrowBand.Raw, Is.Not.EqualTo(QualityPairs.Score("white_20db", "pesq_nb_raw")).Within(10 * Tolerance));
    }

    [TestCase(1e-9)]
    [TestCase(0.3)]
    [TestCase(1e12)]
    [TestCase(1e300)]
    public void The_level_of_a_signal_does_not_matter(double gain)
    {
        var (reference, degraded) = QualityPairs.Make("babble_0db");
        var louder = new Signal(Array.ConvertAll(degraded.Samples, sample => sample * gain), degraded.SampleRate);
        var results = PerceptualQuality.MeasureBoth(reference, louder);
        Check("babble_0db", "pesq_nb", "utterances_nb", results.NarrowBand);
        Check("babble_0db", "pesq_wb", "utterances_wb", results.WideBand!);
    }

    [Test]
    public void Signals_of_two_rates_are_not_compared()
    {
        var fault = Assert.Throws<ArgumentException>(
            () => PerceptualQuality.MeasureBoth(TestSignals.Silence(16000, 16000), TestSignals.Silence(16000, 8000)));
        Assert.That(fault!.Message, Does.StartWith("Expected 16000 Hz, the reference's rate, found 8000 Hz."));
    }

    [Test]
    public void There_is_no_wide_band_at_8_kilohertz()
    {
        var speech = TestSignals.Chirp().Resample(8000);
        var fault = Assert.Throws<ArgumentException>(() => PerceptualQuality.Measure(speech, speech, PesqMode.WideBand));
        Assert.That(fault!.Message, Does.StartWith("Expected more than 8000 Hz for wide-band PESQ, found 8000 Hz"));
        Assert.That(PerceptualQuality.MeasureBoth(speech, speech).WideBand, Is.Null);
        Assert.That(PerceptualQuality.Measure(speech, speech, PesqMode.NarrowBand).Raw, Is.EqualTo(4.5).Within(1e-9));
    }

    [TestCase(1.0)]
    [TestCase(2.0)]
    [TestCase(3.5)]
    [TestCase(4.5)]
    public void The_mapping_is_the_published_curve_and_grows(double raw)
    {
        Assert.That(OpinionMapping.Apply(raw, PesqMode.NarrowBand), Is.EqualTo(0.999 + (4 / (1 + Math.Exp((-1.4945 * raw) + 4.6607)))).Within(1e-15));
        Assert.That(OpinionMapping.Apply(raw, PesqMode.WideBand), Is.EqualTo(0.999 + (4 / (1 + Math.Exp((-1.3669 * raw) + 3.8224)))).Within(1e-15));
        Assert.That(OpinionMapping.Apply(raw - 0.01, PesqMode.WideBand), Is.LessThan(OpinionMapping.Apply(raw, PesqMode.WideBand)));
    }

    [Test]
    public void A_hostile_signal_gets_a_score_or_a_reason([Values(8000, 16000, 22050)] int rate)
    {
        var speech = TestSignals.Chirp().Resample(rate);
        foreach (var (name, hostile) in TestSignals.Hostile(rate))
        {
            AssertSane(PerceptualQuality.MeasureBoth(speech, hostile), $"degraded: {name}");
            AssertSane(PerceptualQuality.MeasureBoth(hostile, speech), $"reference: {name}");
            AssertSane(PerceptualQuality.MeasureBoth(hostile, hostile), $"both: {name}");
        }
    }

    [Test]
    public void Random_pieces_of_sound_and_silence_get_a_score_or_a_reason([Range(0, 39)] int seed)
    {
        var random = new Random(seed);
        var rate = random.Next(2) == 0 ? 8000 : 16000;
        AssertSane(PerceptualQuality.MeasureBoth(Pieces(random, rate), Pieces(random, rate)));
    }

    [Test]
    public void Very_different_lengths_can_be_compared()
    {
        var speech = TestSignals.Chirp();
        var padded = new Signal([.. new double[16000 * 20], .. speech.Samples, .. new double[16000 * 40]], 16000);
        AssertSane(PerceptualQuality.MeasureBoth(speech, padded));
        AssertSane(PerceptualQuality.MeasureBoth(padded, speech));
    }

    [Test]
    public void More_utterances_than_the_original_has_room_for_are_measured()
    {
        var burst = TestSignals.Noise("burst", 0.3, 2000, 8000).Samples;
        double[] one = [.. burst, .. new double[2000]];
        var many = new Signal([.. Enumerable.Repeat(one, 400).SelectMany(samples => samples)], 8000);
        var result = PerceptualQuality.Measure(many, many, PesqMode.NarrowBand);
        Assert.That(result.Utterances, Has.Count.EqualTo(50));
        Assert.That(result.Raw, Is.EqualTo(4.5).Within(1e-6));
        AssertSane(PerceptualQuality.MeasureBoth(many, new Signal([.. Enumerable.Reverse(many.Samples)], 8000)));
    }

    [Test]
    public void Three_minutes_can_be_measured()
    {
        var random = new Random(3);
        var reference = new List<double>();
        while (reference.Count < 180 * 8000)
        {
            reference.AddRange(Pieces(random, 8000).Samples);
        }

        var clean = new Signal([.. reference], 8000);
        var noise = TestSignals.Noise("three minutes", 0.01, reference.Count, 8000).Samples;
        var noisy = new Signal([.. reference.Zip(noise, (a, b) => a + b)], 8000);
        AssertSane(PerceptualQuality.MeasureBoth(clean, noisy));
    }

    /// <summary>
    /// Up to twelve pieces of silence, noise, tones, clicks and constants of up to half a second, at levels from a millionth to full scale.
    /// </summary>
    private static Signal Pieces(Random random, int rate)
    {
        var samples = new List<double>();
        for (var piece = random.Next(1, 13); piece > 0; piece--)
        {
            var (kind, level, period) = (random.Next(5), Math.Pow(10, -6 * random.NextDouble()), random.Next(2, 400));
            samples.AddRange(Enumerable.Range(0, random.Next(rate / 2)).Select(n => level * kind switch
            {
                0 => 0,
                1 => (2 * random.NextDouble()) - 1,
                2 => Math.Sin(2 * Math.PI * n / period),
                3 => n % period == 0 ? 1 : 0,
                _ => 1,
            }));
        }

        return new Signal([.. samples], rate);
    }

    private static void AssertSane(PesqResults results, string about = "")
    {
        AssertSane(results.NarrowBand, about);
        if (results.WideBand is { } wideBand)
        {
            AssertSane(wideBand, about);
        }
    }

    private static void AssertSane(PesqResult result, string about)
    {
        if (result.Fault != PesqFault.None)
        {
            Assert.That((result.Raw, result.Mos, result.Utterances.Count), Is.EqualTo(((double?)null, (double?)null, 0)), about);
            return;
        }

        // Disturbances are limited to 45, so the score is too.
        Assert.That(result.Raw, Is.InRange(4.5 - (45 * 0.1309) - 1e-9, 4.5), about);
        Assert.That(result.Mos, Is.InRange(0.999, 4.65), about);
        Assert.That(result.Utterances, Is.Not.Empty, about);
        Assert.That(result.Utterances, Has.All.Matches<PesqUtterance>(utterance => utterance.Confidence is >= 0 and <= 1 + 1e-12), about);
    }

    private static void AssertSame(PesqResult actual, PesqResult expected)
    {
        Assert.That((actual.Mode, actual.Raw, actual.Mos, actual.Fault), Is.EqualTo((expected.Mode, expected.Raw, expected.Mos, expected.Fault)));
        Assert.That(actual.Utterances, Is.EqualTo(expected.Utterances));
    }

    private static void Check(string name, string measure, string utterances, PesqResult result)
    {
        Golden.IsNear($"{name} {measure}", result.Mos!.Value, QualityPairs.Score(name, measure)!.Value, Tolerance);
        Golden.IsNear($"{name} {measure}_raw", result.Raw!.Value, QualityPairs.Score(name, $"{measure}_raw")!.Value, Tolerance);
        var expected = QualityPairs.Tool(name).GetProperty(utterances).EnumerateArray().Select(Row).ToArray();
        Golden.AreEqual($"{name} {utterances}", result.Utterances.Select(WithoutConfidence), expected.Select(WithoutConfidence));
        for (var u = 0; u < expected.Length; u++)
        {
            Golden.IsNear($"{name} confidence {u}", result.Utterances[u].Confidence, expected[u].Confidence, ConfidenceTolerance);
        }
    }

    private static PesqUtterance WithoutConfidence(PesqUtterance utterance) => utterance with { Confidence = 0 };

    private static PesqUtterance Row(JsonElement row) => new(row[0].GetInt32(), row[1].GetInt32(), row[2].GetInt32(), row[3].GetDouble());
}
