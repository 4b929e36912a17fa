using CudaTts.Audio;

namespace CudaTts.Tests;

[TestFixture]
internal sealed class TimeStretchTests
{
    private const int Rate = 22050;

    [TestCase(0.25)]
    [TestCase(0.8)]
    [TestCase(1.3)]
    [TestCase(4)]
    public void Apply_changes_the_duration_and_keeps_pitch_and_loudness(double speed)
    {
        var stretched = TimeStretch.Apply(Tone(200, Rate), speed).Samples;
        Assert.That(stretched, Has.Length.EqualTo((int)Math.Round(Rate / speed)));

        // The ends of a window fade; the inside must be the tone that went in.
        var inside = stretched.AsSpan(1000, stretched.Length - 2500);
        var crossings = 0;
        double power = 0;
        for (var i = 1; i < inside.Length; i++)
        {
            crossings += inside[i - 1] < 0 && inside[i] >= 0 ? 1 : 0;
            power += inside[i] * inside[i];
        }

        Assert.That(crossings / (inside.Length / (double)Rate), Is.EqualTo(200).Within(3));
        Assert.That(power / inside.Length, Is.EqualTo(0.125).Within(0.01));
    }

    [Test]
    public void Apply_at_speed_one_changes_nothing()
    {
        var tone = Tone(200, 100);
        Assert.That(TimeStretch.Apply(tone, 1), Is.SameAs(tone));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(300)]
    [TestCase(700)]
    public void Apply_takes_sounds_shorter_than_a_window(int samples) =>
        Assert.That(TimeStretch.Apply(Tone(200, samples), 1.5).Samples, Has.Length.EqualTo((int)Math.Round(samples / 1.5)));

    [TestCase(0.2)]
    [TestCase(4.1)]
    [TestCase(double.NaN)]
    [TestCase(-1)]
    public void Apply_refuses_other_speeds(double speed) =>
        Assert.That(() => TimeStretch.Apply(Tone(200, 100), speed), Throws.TypeOf<AudioException>());

    private static Waveform Tone(double frequency, int samples) =>
        new([.. Enumerable.Range(0, samples).Select(i => 0.5f * (float)Math.Sin(2 * Math.PI * frequency * i / Rate))], Rate);
}
