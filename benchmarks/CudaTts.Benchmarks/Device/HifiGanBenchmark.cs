using CudaTts.Benchmarks.Compare;
using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Tests;
using CudaTts.Vocoders.HifiGan;
using CudaTts.Weights;

namespace CudaTts.Benchmarks.Device;

/// <summary>The generators V1, V2 and V3, mel in the host's memory to audio in the host's memory.</summary>
internal static class HifiGanBenchmark
{
    private const double SampleRate = 22050;

    /// <summary>One figure a version and batch, and in half precision on a CUDA device one more with all residual layers fused and one with none.</summary>
    public static IEnumerable<DeviceFigure> Run(ComputeDevice device, DeviceBenchmarkOptions options)
    {
        foreach (var (name, config) in HifiGanVersions.All)
        {
            var generator = new HifiGanGenerator(config, WeightNorm.Fold(ProceduralWeights.Create(HifiGanTensors.ExpectedWeightNormed(config))), device);
            foreach (var batch in options.VocoderBatches)
            {
                var mels = Enumerable.Repeat(HifiGanVersions.Mel(options.Frames), batch).ToList();
                var audioSeconds = batch * options.Frames * generator.SamplesPerFrame / SampleRate;
                var work = HifiGanWork.Of(config, (long)options.Frames * batch, device.ElementBytes);
                foreach (var (fusion, times) in Times(device, options, () => generator.Generate(mels)))
                {
                    var (median, least) = (times[times.Count / 2], times[0]);
                    yield return new DeviceFigure(
                        $"HiFi-GAN {name.ToUpperInvariant()}, {options.Frames} frames{fusion}", "", batch, median, least, audioSeconds / (median / 1000),
                        work.WeightBytes / median / 1e6, work.Operations / median / 1e9);
                }
            }
        }
    }

    private static IEnumerable<(string Fusion, List<double> Milliseconds)> Times(ComputeDevice device, DeviceBenchmarkOptions options, Action run)
    {
        yield return ("", DeviceCommand.Milliseconds(options, run));
        if (device is not CudaCompute { Type: ElementType.Float16 } cuda)
        {
            yield break;
        }

        foreach (var (fusion, fuses) in new[] { (", residual layers fused", true), (", residual layers separate", false) })
        {
            yield return (fusion, DeviceCommand.Milliseconds(options, () =>
            {
                cuda.FusesResidualLayers = fuses;
                try
                {
                    run();
                }
                finally
                {
                    cuda.FusesResidualLayers = null;
                }
            }));
        }
    }
}
