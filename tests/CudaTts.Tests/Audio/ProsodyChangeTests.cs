using System.Globalization;
using CudaTts.Audio;

namespace CudaTts.Tests;

/// <summary>Speed, pitch and loudness of a waveform: exact lengths, frequencies by Fourier transform, levels, no clicks.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
internal sealed class ProsodyChangeTests
{
    private const int Rate = 22050;

    // Every value meets every other one: the resampler knows of the first two, the search for the best place to join of the last two.
    [Test]
    [Pairwise]
    public void Pitch_and_speed_are_what_was_asked_for(
        [Values(-24, -12, -5.5, 0, 3, 12, 24)] double semitones, [Values(0.25, 0.7, 1, 1.9, 4)] double speed,
            [Values(120, 300, 1000)] double frequency)
    {
        var changed = ProsodyChange.Apply(Tone(frequency, 2 * Rate), speed, semitones, 0).Samples;

        Assert.That(changed, Has.Length.EqualTo((int)Math.Round(2 * Rate / speed)));
        var inside = changed.AsSpan(changed.Length / 10, changed.Length * 8 / 10);
        var expected = frequency * Math.Pow(2, semitones / 12);
        Assert.That(Frequency(inside, expected), Is.EqualTo(expected).Within(0.5).Percent);
        Assert.That(Decibels(inside), Is.EqualTo(Decibels(Tone(frequency, Rate).Samples)).Within(0.5));
    }

    [Test]
    public void A_wrong_pitch_is_noticed()
    {
        var changed = ProsodyChange.Apply(Tone(300, Rate), 1, 0.2, 0).Samples;

        Assert.That(Frequency(changed.AsSpan(2000, 16000), 300), Is.Not.EqualTo(300).Within(0.5).Percent);
    }

    [TestCase(0.25, 0)]
    [TestCase(0.6, 12)]
    [TestCase(1, -24)]
    [TestCase(4, 24)]
    public void There_are_no_clicks(double speed, double semitones)
    {
        // The steepest a tone of this frequency and amplitude can be is its slope; an edge between windows would be steeper.
        var changed = ProsodyChange.Apply(Tone(200, Rate), speed, semitones, 0).Samples;
        var slope = 0.5 * 2 * Math.PI * 200 * Math.Pow(2, semitones / 12) / Rate;

        // The resampler sees silence before the first sample and after the last.
        for (var i = 200; i < changed.Length - 200; i++)
        {
            Assert.That(Math.Abs(changed[i] - changed[i - 1]), Is.LessThan(1.2 * slope), $"sample {i} of {changed.Length}");
        }
    }

    [Test]
    public void What_would_lie_above_half_the_sample_rate_is_taken_out()
    {
        var changed = ProsodyChange.Apply(Tone(8000, Rate), 1, 12, 0).Samples;

        Assert.That(Decibels(changed.AsSpan(1000, Rate - 2000)), Is.LessThan(-70));
    }

    [TestCase(6)]
    [TestCase(-6)]
    [TestCase(-60)]
    public void Loudness_changes_by_decibels(double decibels)
    {
        var tone = new Waveform([.. Tone(200, 1000).Samples.Select(sample => sample / 2)], Rate);
        var changed = ProsodyChange.Apply(tone, 1, 0, decibels);

        Assert.That(Decibels(changed.Samples), Is.EqualTo(Decibels(tone.Samples) + decibels).Within(0.01));
        Assert.That(tone.Samples.Max(), Is.EqualTo(0.25).Within(1e-3), "the input is left alone");
    }

    [Test]
    public void Loudness_rises_to_full_scale_at_most() =>
        Assert.That(ProsodyChange.Apply(Tone(200, 1000), 1, 0, 40).Samples.Max(), Is.EqualTo(1).Within(1e-6));

    [Test]
    public void Negative_infinity_is_silence() =>
        Assert.That(ProsodyChange.Apply(Tone(200, 1000), 1, 0, double.NegativeInfinity).Samples, Is.EqualTo(new float[1000]));

    [Test]
    public void Silence_stays_silent([Values(0.25, 1, 4)] double speed, [Values(-24, 24)] double semitones) =>
        Assert.That(ProsodyChange.Apply(new Waveform(new float[5000], Rate), speed, semitones, 20).Samples, Is.All.Zero);

    [Test]
    public void Short_sounds_have_their_length_and_stay_finite(
        [Values(0, 1, 2, 3, 5, 100, 700)] int samples, [Values(0.25, 1, 1.7, 4)] double speed, [Values(-24, 0, 24)] double semitones)
    {
        var changed = ProsodyChange.Apply(Tone(200, samples), speed, semitones, 3).Samples;

        Assert.That(changed, Has.Length.EqualTo((int)Math.Round(samples / speed)));
        Assert.That(changed, Is.All.InRange(-1.5f, 1.5f));
    }

    [Test]
    public void No_change_is_the_waveform_itself()
    {
        var tone = Tone(200, 100);
        Assert.That(ProsodyChange.Apply(tone, 1, 0, 0), Is.SameAs(tone));
    }

    [TestCase(0.2, 0, 0, "speed")]
    [TestCase(4.1, 0, 0, "speed")]
    [TestCase(1, 24.5, 0, "semitones")]
    [TestCase(1, -25, 0, "semitones")]
    [TestCase(1, double.NaN, 0, "semitones")]
    [TestCase(1, 0, 41, "dB")]
    [TestCase(1, 0, double.NaN, "dB")]
    public void Other_values_are_refused(double speed, double semitones, double decibels, string message) =>
        Assert.That(
            () => ProsodyChange.Apply(Tone(200, 100), speed, semitones, decibels), Throws.TypeOf<AudioException>().With.Message.Contains(message));

    [Test]
    public void Numbers_of_messages_are_written_alike_everywhere()
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = ",", NaNSymbol = "n. def." } };
        try
        {
            Assert.That(() => ProsodyChange.Apply(Tone(200, 100), 0.2, 0, 0), Throws.Exception.With.Message.EndsWith("from 0.25 to 4, found 0.2."));
            Assert.That(() => ProsodyChange.Apply(Tone(200, 100), 1, 24.5, 0), Throws.Exception.With.Message.EndsWith("found 24.5."));
            Assert.That(() => ProsodyChange.Apply(Tone(200, 100), 1, 0, double.NaN), Throws.Exception.With.Message.EndsWith("found NaN."));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static Waveform Tone(double frequency, int samples) =>
        new([.. Enumerable.Range(0, samples).Select(i => 0.5f * (float)Math.Sin(2 * Math.PI * frequency * i / Rate))], Rate);

    private static double Decibels(ReadOnlySpan<float> samples)
    {
        var power = 1e-20;
        foreach (var sample in samples)
        {
            power += (double)sample * sample / samples.Length;
        }

        return 10 * Math.Log10(power);
    }

    /// <summary>
    /// The strongest frequency within a third of an expected one: the vertex of the parabola through the largest bin and its neighbours.
    /// </summary>
    private static double Frequency(ReadOnlySpan<float> samples, double near)
    {
        var transform = new FourierTransform(1 << 16);
        var re = new float[transform.Length];
        var (im, outRe, outIm) = (new float[re.Length], new float[re.Length], new float[re.Length]);
        var count = Math.Min(samples.Length, re.Length);
        for (var i = 0; i < count; i++)
        {
            re[i] = samples[i] * (float)(0.5 - (0.5 * Math.Cos(2 * Math.PI * (i + 0.5) / count)));
        }

        transform.Forward(re, im, outRe, outIm);
        double Level(int bin) => Math.Log((outRe[bin] * outRe[bin]) + (outIm[bin] * outIm[bin]) + 1e-20);
        var hertz = (double)Rate / re.Length;
        var first = (int)(near / 1.5 / hertz);
        var peak = Enumerable.Range(first, (int)(near * 1.5 / hertz) - first).MaxBy(Level);
        var (left, middle, right) = (Level(peak - 1), Level(peak), Level(peak + 1));
        return (peak + (0.5 * (left - right) / (left - (2 * middle) + right))) * hertz;
    }
}
