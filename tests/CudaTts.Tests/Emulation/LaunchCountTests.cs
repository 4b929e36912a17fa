using CudaTts.Compute;
using CudaTts.Models.HifiGan;
using CudaTts.Tensors;
using CudaTts.Tests.Kernels;
using CudaTts.Tests.Models.HifiGan;

namespace CudaTts.Tests.Emulation;

/// <summary>The launches that kernels/README.md speaks of.</summary>
[TestFixture]
internal sealed class LaunchCountTests
{
    // The mel to time-major, the audio back.
    private const int Layouts = 2;

    // conv_pre, conv_post, and in each stage an upsampling and what its residual blocks take.
    [TestCase(true, 1 + (4 * (1 + 3)) + 1)]
    [TestCase(false, 1 + (4 * (1 + 18)) + 1)]
    public void Hifi_gan_takes_so_many_launches(bool fuses, int network)
    {
        // V1 but for its widths, which change no launch.
        var config = new HifiGanConfig { InitialChannels = 128 };
        var device = TestDevice.Open(Precision.Half);
        using var generator = new HifiGanGenerator(config, CudaHifiGanTests.Procedural(config), device);

        var launches = ResidualFusion.Run(device, fuses, () => EmulatedLaunches.In(device, () => generator.Generate(new Tensor(1, 80, 1))));

        Assert.That(launches, Is.EqualTo((ulong)(network + Layouts)));
    }
}
