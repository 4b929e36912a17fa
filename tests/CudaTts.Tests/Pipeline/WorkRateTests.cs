using CudaTts.Pipeline;

namespace CudaTts.Tests.Pipeline;

/// <summary>Predictions follow what was measured, the last minute of speech most.</summary>
[TestFixture]
internal sealed class WorkRateTests
{
    [Test]
    public void Predictions_come_to_what_was_measured()
    {
        var rate = new WorkRate();
        for (var i = 0; i < 200; i++)
        {
            rate.Work(TimeSpan.FromSeconds(0.5));
            rate.Count([new SpokenAmount(Tokens: 40, Characters: 30, Seconds: 2)]);
        }

        var (audio, work) = rate.Of(300);
        Assert.Multiple(() =>
        {
            Assert.That(audio, Is.EqualTo(20).Within(0.1));
            Assert.That(work, Is.EqualTo(5).Within(0.2));
            Assert.That(rate.WorkSeconds(400), Is.EqualTo(5).Within(0.2));
        });
    }

    [Test]
    public void What_was_long_ago_is_forgotten()
    {
        var rate = new WorkRate();
        rate.Work(TimeSpan.FromSeconds(100));
        rate.Count([new SpokenAmount(40, 30, 2)]);
        Assert.That(rate.WorkSeconds(40), Is.GreaterThan(10));
        for (var i = 0; i < 300; i++)
        {
            rate.Work(TimeSpan.FromSeconds(0.1));
            rate.Count([new SpokenAmount(40, 30, 2)]);
        }

        Assert.That(rate.WorkSeconds(40), Is.EqualTo(0.1).Within(0.02));
    }
}
