using CudaTts.Models.Tacotron2.Decoder;

namespace CudaTts.Tests.Models.Tacotron2;

/// <summary>Comparing logits decides as comparing probabilities does.</summary>
[TestFixture]
internal sealed class GateThresholdTests
{
    [Test]
    public void A_logit_exceeds_it_exactly_where_the_probability_does([Values(0.5, 0.1, 0.9, 0.37, 1e-6, 0.999999)] double probability)
    {
        var threshold = GateThreshold.ToLogit(probability);
        foreach (var logit in new[] { threshold, MathF.BitIncrement(threshold), MathF.BitDecrement(threshold), threshold + 1, threshold - 1 })
        {
            Assert.That(logit > threshold, Is.EqualTo(logit > Math.Log(probability / (1 - probability))), $"{logit:r}");
        }
    }

    [TestCase(1, false)]
    [TestCase(1.5, false)]
    [TestCase(double.NaN, false)]
    [TestCase(0, true)]
    [TestCase(-1, true)]
    public void Thresholds_beyond_probabilities_always_or_never_open(double probability, bool opens)
    {
        Assert.Multiple(() =>
        {
            Assert.That(float.MaxValue > GateThreshold.ToLogit(probability), Is.EqualTo(opens));
            Assert.That(float.MinValue > GateThreshold.ToLogit(probability), Is.EqualTo(opens));
        });
    }
}
