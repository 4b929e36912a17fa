using CudaTts.Compute;
using CudaTts.Models.Tacotron2;
using CudaTts.Models.Tacotron2.Decoder;
using CudaTts.Models.Tacotron2.Decoder.Cuda;
using CudaTts.Tests.Kernels;

namespace CudaTts.Tests.Models.Tacotron2;

/// <summary>
/// Encoders and persistent decoders of two threads: cooperative launches on several streams, none of which may wait for blocks that the other keeps
/// from starting. On a GPU this is a step of its own, after those that it would cost if it hung.
/// </summary>
[TestFixture]
internal sealed class PersistentOverlapTests
{
    [Test]
    public void Overlapping_calls_are_independent()
    {
        const int Calls = 4;
        const int Tokens = 9;
        var config = Tacotron2Models.Tiny;
        var device = TestDevice.Open(Precision.Half);
        var weights = Tacotron2Models.WeightsOf(config);
        var encoder = new Tacotron2Encoder(config, weights, device.ModelMemory());
        var decoder = TestMemory.Hold(
            new CudaTacotron2Decoder(config, new CudaDecoderWeights(config, weights, device.GpuMemory()), device, way: DecoderChoice.Read()));
        float[] Run(int seed)
        {
            using var tokens = device.Rows(Tokens);
            using var memory = encoder.Encode([.. Enumerable.Range(1, Tokens)], tokens);
            var options = new Tacotron2Options { Seed = (ulong)seed, MaxSteps = 6, GateThreshold = 1 };
            return [.. decoder.Decode(memory.Tensor, tokens, [options], CancellationToken.None)[0].Record.Mel().Span];
        }

        var alone = Enumerable.Range(0, Calls).Select(Run).ToArray();
        var together = new float[Calls][];
        Parallel.For(0, Calls, new ParallelOptions { MaxDegreeOfParallelism = 2 }, seed => together[seed] = Run(seed));

        Assert.That(together, Is.EqualTo(alone));
        Assert.That(alone[0], Is.Not.EqualTo(alone[1]), "another seed is seen");
    }
}
