using CudaTts.Quality.Levels;
using CudaTts.Quality.Signals;
using CudaTts.Quality.Spectra;

namespace CudaTts.Tests.Quality;

/// <summary>Loudness, levels, clicks and the distances of signals, on signals whose values are known.</summary>
[TestFixture]
internal sealed class LevelTests
{
    [TestCase(48000, -3.01027)]
    [TestCase(22050, -2.98095)]
    [TestCase(16000, -2.97004)]
    public void A_sine_at_full_scale_has_the_loudness_of_the_recommendation(int rate, double lufs) =>
        Golden.IsNear($"997 Hz at {rate} Hz", Loudness.Measure(TestSignals.Sine(997, 1, 5, rate))!.Value, lufs, 1e-5);

    [Test]
    public void A_sine_ten_decibels_softer_is_ten_units_softer()
    {
        var loud = Loudness.Measure(TestSignals.Sine(997, 1, 5, 48000))!.Value;
        Assert.That(Loudness.Measure(TestSignals.Sine(997, Math.Sqrt(0.1), 5, 48000)), Is.EqualTo(loud - 10).Within(1e-9));
    }

    [Test]
    public void Silence_between_does_not_count_for_loudness()
    {
        var sine = TestSignals.Sine(997, 0.5, 5, 48000).Samples;
        var without = Loudness.Measure(new Signal(sine, 48000))!.Value;
        Assert.That(Loudness.Measure(new Signal([.. sine, .. new double[48000 * 20]], 48000)), Is.EqualTo(without).Within(0.2));
    }

    [Test]
    public void What_is_too_short_or_too_soft_has_no_loudness()
    {
        Assert.That(Loudness.Measure(TestSignals.Sine(997, 1, 0.39, 48000)), Is.Null);
        Assert.That(Loudness.Measure(TestSignals.Sine(997, 1, 0.4, 48000)), Is.Not.Null);
        Assert.That(Loudness.Measure(TestSignals.Sine(997, 1e-4, 2, 48000)), Is.Null);
        Assert.That(Loudness.Measure(TestSignals.Silence(48000, 48000)), Is.Null);
    }

    [Test]
    public void Levels_of_a_sine_are_those_of_the_textbook()
    {
        var levels = SignalLevels.Of(TestSignals.Sine(1000, 0.5, 1, 16000));
        Assert.That(levels.PeakDbfs, Is.EqualTo(20 * Math.Log10(0.5)).Within(1e-9));
        Assert.That(levels.RmsDbfs, Is.EqualTo(20 * Math.Log10(0.5 / Math.Sqrt(2))).Within(1e-9));
        Assert.That(levels.CrestDb, Is.EqualTo(10 * Math.Log10(2)).Within(1e-9));
        Assert.That(levels.Dc, Is.EqualTo(0).Within(1e-12));
        Assert.That((levels.ClippedSamples, levels.Clicks), Is.EqualTo((0, 0)));
    }

    [Test]
    public void The_true_peak_lies_between_samples()
    {
        // A quarter of the rate, an eighth of a period late: every sample is 0.707 of the crest.
        var samples = Enumerable.Range(0, 16000).Select(n => Math.Sin((Math.PI / 2 * n) + (Math.PI / 4))).ToArray();
        var levels = SignalLevels.Of(new Signal(samples, 16000));
        Assert.That(levels.PeakDbfs, Is.EqualTo(-3.01).Within(0.01));
        Assert.That(levels.TruePeakDbtp, Is.EqualTo(0).Within(0.15));
    }

    [TestCase(new double[] { 0, 1, 0 }, 0)]
    [TestCase(new double[] { 0, 1, 1, 0 }, 2)]
    [TestCase(new double[] { -1, -1, -1, 0, 1, 1 }, 5)]
    [TestCase(new double[] { 0.9999, 0.9999 }, 0)]
    [TestCase(new double[] { 32767.0 / 32768, 32767.0 / 32768 }, 2)]
    public void Clipped_samples_are_those_at_full_scale_in_runs(double[] samples, int clipped) =>
        Assert.That(SignalLevels.Of(new Signal(samples, 16000)).ClippedSamples, Is.EqualTo(clipped));

    [Test]
    public void Silence_at_the_ends_is_measured()
    {
        double[] samples = [.. new double[1600], .. TestSignals.Sine(500, 0.1, 0.5, 16000).Samples, .. new double[3200]];
        var levels = SignalLevels.Of(new Signal(samples, 16000));
        Assert.That(levels.LeadingSilenceMs, Is.EqualTo(100).Within(1e-9));
        Assert.That(levels.TrailingSilenceMs, Is.EqualTo(200).Within(1e-9));
        Assert.That(SignalLevels.Of(TestSignals.Silence(1600, 16000)).LeadingSilenceMs, Is.EqualTo(100));
    }

    [TestCase(1)]
    [TestCase(7)]
    public void Inserted_clicks_are_counted(int clicks)
    {
        var samples = TestSignals.Sine(200, 0.2, 2, 16000).Samples;
        for (var click = 1; click <= clicks; click++)
        {
            samples[click * 4000] += 0.4 * (click % 2 == 0 ? 1 : -1);
        }

        Assert.That(Clicks.Count(new Signal(samples, 16000)), Is.EqualTo(clicks));
    }

    [Test]
    public void Smooth_sounds_and_noise_have_no_clicks()
    {
        Assert.That(Clicks.Count(TestSignals.Sine(200, 0.9, 1, 16000)), Is.Zero);
        Assert.That(Clicks.Count(TestSignals.Noise("clicks", 0.9, 16000, 16000)), Is.Zero);
        Assert.That(Clicks.Count(TestSignals.Silence(2, 16000)), Is.Zero);
    }

    [Test]
    public void The_ratio_of_signal_to_distortion_does_not_depend_on_scale()
    {
        var speech = TestSignals.Chirp();
        var noise = TestSignals.Noise("sdr", 0.01, speech.Samples.Length, 16000).Samples;
        Signal Mixed(double scale) => new([.. speech.Samples.Select((sample, n) => scale * (sample + noise[n]))], 16000);
        var ratio = SignalToDistortion.Measure(speech, Mixed(1))!.Value;
        Assert.That(ratio, Is.EqualTo(28).Within(3));
        Assert.That(SignalToDistortion.Measure(speech, Mixed(-3)), Is.EqualTo(ratio).Within(1e-9));
        Assert.That(SignalToDistortion.Measure(speech, speech), Is.EqualTo(100));
        Assert.That(SignalToDistortion.Measure(speech, new Signal(noise, 16000)), Is.LessThan(-20));
        Assert.That(SignalToDistortion.Measure(speech, TestSignals.Silence(32000, 16000)), Is.Null);
        Assert.That(SignalToDistortion.Measure(new Signal([.. Enumerable.Repeat(0.3, 32000)], 16000), speech), Is.Null);
    }

    [Test]
    public void Distances_of_spectra_are_zero_of_one_sound_and_ln_2_of_half_its_level()
    {
        var speech = TestSignals.Noise("spectra", 0.5, 16000, 16000);
        var half = new Signal(Array.ConvertAll(speech.Samples, sample => sample / 2), 16000);
        Assert.That(SpectralDistances.Measure(speech, speech), Is.EqualTo(new SpectralDistances(0, 0)));
        var distances = SpectralDistances.Measure(speech, half)!.Value;
        Assert.That(distances.LogMelL1, Is.EqualTo(Math.Log(2)).Within(1e-4));
        Assert.That(distances.LogSpectralDistanceDb, Is.EqualTo(20 * Math.Log10(2)).Within(1e-4));
        Assert.That(SpectralDistances.Measure(speech, TestSignals.Silence(384, 16000)), Is.Null);
        Assert.That(SpectralDistances.Measure(speech, TestSignals.Silence(385, 16000)), Is.Not.Null);
    }
}
