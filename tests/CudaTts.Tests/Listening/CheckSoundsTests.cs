using CudaTts.Audio;
using CudaTts.Quality.Listening;
using CudaTts.Quality.Signals;

namespace CudaTts.Tests.Listening;

/// <summary>The anchor, the broken clip and the trap: what they do to a sound.</summary>
[TestFixture]
internal sealed class CheckSoundsTests
{
    [TestCase(16000, 1000, 0)]
    [TestCase(22050, 3000, 0)]
    [TestCase(22050, 3300, 0)]
    [TestCase(48000, 1000, 0)]
    public void The_anchor_lets_low_tones_pass(int rate, double frequency, double decibels) =>
        Assert.That(Gain(rate, frequency), Is.EqualTo(decibels).Within(0.2));

    [TestCase(16000, 4000)]
    [TestCase(22050, 3750)]
    [TestCase(22050, 10000)]
    [TestCase(48000, 4000)]
    public void The_anchor_takes_high_tones_away(int rate, double frequency) => Assert.That(Gain(rate, frequency), Is.LessThan(-40));

    [Test]
    public void The_anchor_is_not_delayed()
    {
        var tone = Tone(16000, 500);
        var anchor = CheckSounds.Anchor(tone);
        Assert.That(anchor.Samples[2000..3000], Is.EqualTo(tone.Samples[2000..3000]).Within(1e-3f));
    }

    [TestCase(1)]
    [TestCase(50)]
    public void A_sound_that_is_shorter_than_the_filter_has_an_anchor(int length) =>
        Assert.That(CheckSounds.Anchor(new Waveform(new float[length], 22050)).Samples, Has.Length.EqualTo(length));

    [Test]
    public void What_is_broken_has_more_noise_than_speech_and_gaps()
    {
        var speech = MadeUpSpeech.Clip(0, 0, seconds: 0.6);
        var broken = CheckSounds.Broken(speech);
        var gap = (int)(0.04 * speech.SampleRate);
        Assert.That(broken.Samples[(2 * gap)..(3 * gap)], Is.All.Zero);
        double error = 0, power = 0;
        for (var i = 0; i < 2 * gap; i++)
        {
            error += Math.Pow(broken.Samples[i] - speech.Samples[i], 2);
            power += Math.Pow(speech.Samples[i], 2);
        }

        Assert.That(10 * Math.Log10(error / power), Is.EqualTo(6).Within(1), "dB of noise over speech");
    }

    [Test]
    public void A_trap_begins_like_a_clip_and_then_asks()
    {
        var clip = MadeUpSpeech.Clip(0, 0, seconds: 3);
        var instruction = MadeUpSpeech.Clip(5, 0, seconds: 1, gain: 0.01, rate: 8000);
        var trap = CheckSounds.Trap(clip, instruction);
        Assert.That(trap.SampleRate, Is.EqualTo(clip.SampleRate));
        Assert.That(trap.Duration.TotalSeconds, Is.EqualTo(2 + 0.2 + 1).Within(0.001));
        Assert.That(trap.Samples[..20000], Is.EqualTo(clip.Samples[..20000]));
        Assert.That(trap.Samples[32000..35200], Is.All.Zero);
        var spoken = new Waveform(trap.Samples[35200..], trap.SampleRate);
        Assert.That(ClipLevels.LoudnessOf(spoken), Is.EqualTo(ClipLevels.LoudnessOf(clip)).Within(0.1), "as loud");
        Assert.That(clip.Samples[31999], Is.Not.Zero, "the clip itself is left alone");
    }

    private static Waveform Tone(int rate, double frequency) =>
        new([.. Enumerable.Range(0, rate / 4).Select(i => (float)(0.5 * Math.Sin(2 * Math.PI * frequency * i / rate)))], rate);

    // In the middle, where the filter lies within the sound.
    private static double Gain(int rate, double frequency)
    {
        var tone = Tone(rate, frequency);
        var (before, after) = (Signal.Of(tone).Samples, Signal.Of(CheckSounds.Anchor(tone)).Samples);
        var middle = (rate / 10)..(rate * 15 / 100);
        return 10 * Math.Log10(after[middle].Sum(sample => sample * sample) / before[middle].Sum(sample => sample * sample));
    }
}
