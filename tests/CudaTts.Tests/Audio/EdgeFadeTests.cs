using CudaTts.Audio;

namespace CudaTts.Tests;

[TestFixture]
public sealed class EdgeFadeTests
{
    private const int Rate = 22050;
    private const int Fade = 220;

    [TestCase(0.0001f, 0.5f)]
    [TestCase(-0.0001f, 0f)]
    [TestCase(0f, -0.9f)]
    public void Sound_with_quiet_edges_stays_as_it_is(float edge, float middle)
    {
        var samples = Sound(edge, middle);
        EdgeFade.AtStart(samples, Rate);
        EdgeFade.AtEnd(samples, Rate);
        Assert.That(samples, Is.EqualTo(Sound(edge, middle)));
    }

    [TestCase(0.15f)]
    [TestCase(-0.15f)]
    [TestCase(1f)]
    public void Sound_with_a_loud_edge_comes_and_goes_within_ten_milliseconds(float edge)
    {
        var samples = Sound(edge, edge);
        EdgeFade.AtStart(samples, Rate);
        EdgeFade.AtEnd(samples, Rate);
        Assert.That((samples[0], samples[^1]), Is.EqualTo((0f, 0f)));
        Assert.That(samples[Fade..^Fade], Has.All.EqualTo(edge));
        Assert.That(samples[..Fade].Select(Math.Abs), Is.Ordered.And.All.LessThan(Math.Abs(edge)));
        Assert.That(samples[^Fade..].Select(Math.Abs), Is.Ordered.Descending);
        Assert.That(samples.Zip(samples.Skip(1), (a, b) => Math.Abs(a - b)), Has.All.LessThan(0.01));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(21)]
    [TestCase(100)]
    public void Sound_that_is_shorter_than_a_fade_begins_and_ends_at_nothing(int length)
    {
        var samples = Enumerable.Repeat(0.5f, length).ToArray();
        EdgeFade.AtStart(samples, Rate);
        EdgeFade.AtEnd(samples, Rate);
        Assert.That(samples.Take(1).Concat(samples.TakeLast(1)), Has.All.Zero);
    }

    private static float[] Sound(float edge, float middle) =>
        [.. Enumerable.Repeat(edge, 30), .. Enumerable.Repeat(middle, 2000), .. Enumerable.Repeat(edge, 30)];
}
