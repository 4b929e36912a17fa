using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Models.Tacotron2;
using CudaTts.Models.Tacotron2.Decoder;
using CudaTts.Models.Tacotron2.Decoder.Cuda;
using CudaTts.Models.Tacotron2.Decoder.Cuda.Persistent;
using CudaTts.Tensors;
using CudaTts.Tests.Cuda;
using CudaTts.Tests.Models.Tacotron2;

namespace CudaTts.Tests.Emulation;

/// <summary>That the persistent decoder gives up a word that does not come, and says which, of which step, and to which block.</summary>
[TestFixture]
internal sealed class PersistentDecoderWaitTests
{
    private const string Told = "block \\d+ waited in vain for .* of the decoder \\(CUDATTS_DECODER=stepwise decodes without it\\) of step [0-3]";

    [Test]
    public void A_word_that_does_not_come_to_a_cluster_is_told() => IsolatedDevice.RunEngine(GiveUpInClusters);

    [Test]
    public void A_word_that_does_not_come_to_the_grid_is_told() => IsolatedDevice.RunEngine(GiveUpInTheGrid);

    public static void GiveUpInClusters() => GiveUp(isClustered: true);

    public static void GiveUpInTheGrid() => GiveUp(isClustered: false);

    // At the first poll some word is not there yet.
    private static void GiveUp(bool isClustered)
    {
        const int Tokens = 32;
        var config = Tacotron2Models.Tiny;
        using var device = (CudaCompute)ComputeDevice.Open(new DeviceOptions { Name = "emulated", Precision = Precision.Half });
        var weights = new CudaDecoderWeights(config, Tacotron2Models.WeightsOf(config), device.GpuMemory());
        var plan = PersistentDecoderPlan.For(config, device.Context.Multiprocessors, device.Context.SharedMemoryPerBlock, 1, Tokens, isClustered)!;
        var options = new Tacotron2Options { MaxSteps = 4, GateThreshold = 1 };
        var memory = new Tensor(1, 7, config.EncoderEmbedding);
        using var run = new PersistentDecoderRun(config, weights, device, 1, Tokens, 4, plan, polls: 1);
        var row = new DecoderRow(config, options, new PrenetDropout(config, options), tokens: 7, limit: 4);

        var error = Assert.Throws<CudaException>(
            () => run.Decode(new EncodedRows(device.Store(memory), device.Rows(7)), [row], CancellationToken.None));

        Assert.That(error!.IsSticky, Is.True);
        Assert.That(error.Message, Does.Match(Told));
        Assert.That(() => device.Context.MakeCurrent(),
            Throws.TypeOf<CudaException>().With.Message.Contains("unusable since").And.Message.Match(Told));
    }
}
