using CudaTts.Cuda;

namespace CudaTts.Tests.Cuda;

/// <summary>Peaks of known boards, against the figures that their maker publishes: dense tensor cores with float32 sums, and float32.</summary>
[TestFixture]
internal sealed class DevicePeakTests
{
    [TestCase("8.0", "NVIDIA A100-SXM4-80GB", 108, 1.410, 312, 19.5)]
    [TestCase("8.6", "NVIDIA GeForce RTX 3090", 82, 1.695, 71, 35.6)]
    [TestCase("8.6", "NVIDIA A40", 84, 1.740, 149.7, 37.4)]
    [TestCase("8.9", "NVIDIA GeForce RTX 4090", 128, 2.520, 165.2, 82.6)]
    [TestCase("8.9", "NVIDIA L4", 58, 2.040, 121, 30.3)]
    [TestCase("9.0", "NVIDIA H100 80GB HBM3", 132, 1.830, 989, 61.8)]
    public void The_rates_are_the_published_ones(string capability, string name, int multiprocessors, double gigahertz, double tensor, double single)
    {
        var peak = DevicePeak.Of(Version.Parse(capability), name, multiprocessors, gigahertz * 1e9, memoryBytes: 1e12);
        Assert.That(peak.TensorOperations / 1e12, Is.EqualTo(tensor).Within(1).Percent);
        Assert.That(peak.FloatOperations / 1e12, Is.EqualTo(single).Within(1).Percent);
        Assert.That(peak.MemoryBytes, Is.EqualTo(1e12));
    }

    [Test]
    public void What_is_not_known_is_not_guessed() =>
        Assert.That(DevicePeak.Of(new Version(12, 0), "another", 100, 2e9, memoryBytes: 0), Is.EqualTo(new DevicePeak(null, null, null)));
}
