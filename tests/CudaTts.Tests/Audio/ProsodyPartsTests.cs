using CudaTts.Audio;

namespace CudaTts.Tests;

/// <summary>Parts of one waveform that are changed in their own ways.</summary>
[TestFixture]
internal sealed class ProsodyPartsTests
{
    private const int Rate = 22050;

    [Test]
    public void Parts_without_a_change_leave_the_waveform()
    {
        var tone = Tone(Rate);
        var joined = ProsodyParts.Apply(tone, [Part(100), Part(100), Part(101), Part(9000), Part(Rate)], out var ends);
        Assert.That(joined.Samples, Is.EqualTo(tone.Samples).Within(1e-6));
        Assert.That(ends, Is.EqualTo(new[] { 100, 100, 101, 9000, Rate }));
    }

    [Test]
    public void One_part_is_the_change()
    {
        var joined = ProsodyParts.Apply(Tone(5000), [new ProsodyPart(5000, 1.3, 4, -3)], out _);
        Assert.That(joined.Samples, Is.EqualTo(ProsodyChange.Apply(Tone(5000), 1.3, 4, -3).Samples));
    }

    [TestCase(2, 0)]
    [TestCase(0.5, 12)]
    [TestCase(1, -12)]
    [TestCase(4, 24)]
    public void Every_part_has_its_length_and_there_are_no_clicks(double speed, double semitones)
    {
        var joined = ProsodyParts.Apply(Tone(Rate), [Part(7001), new ProsodyPart(14003, speed, semitones, 0), Part(Rate)], out var ends).Samples;
        var middle = (int)Math.Round(7002 / speed);
        Assert.That(ends, Is.EqualTo(new[] { 7001, 7001 + middle, 7001 + middle + Rate - 14003 }));
        Assert.That(joined, Has.Length.EqualTo(ends[^1]));

        // The tone's own slope, and that of fading from one to the other in 5 ms.
        var slope = (0.5 * 2 * Math.PI * 200 * Math.Max(1, Math.Pow(2, semitones / 12)) / Rate) + (1 / (0.005 * Rate));
        for (var i = 1; i < joined.Length; i++)
        {
            Assert.That(Math.Abs(joined[i] - joined[i - 1]), Is.LessThan(1.2 * slope), $"sample {i}");
        }
    }

    private static ProsodyPart Part(int end) => new(end, 1, 0, 0);

    private static Waveform Tone(int samples) =>
        new([.. Enumerable.Range(0, samples).Select(i => 0.5f * (float)Math.Sin(2 * Math.PI * 200 * i / Rate))], Rate);
}
