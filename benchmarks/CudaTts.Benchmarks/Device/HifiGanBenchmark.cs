using CudaTts.Benchmarks.Compare;
using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Models;
using CudaTts.Models.HifiGan;
using CudaTts.Tensors;
using CudaTts.Tests;
using CudaTts.Weights;

namespace CudaTts.Benchmarks.Device;

/// <summary>The generators V1, V2 and V3, mel in the host's memory to audio in the host's memory.</summary>
internal static class HifiGanBenchmark
{
    private const double SampleRate = 22050;

    /// <summary>One figure a version and batch, and in half precision on a CUDA device those ways of the residual layers that are wanted.</summary>
    public static IEnumerable<DeviceFigure> Run(ComputeDevice device, DeviceBenchmarkOptions options)
    {
        foreach (var (name, config) in HifiGanVersions.All.Where(version => options.Jobs.Contains(version.Name)))
        {
            using var generator =
                new HifiGanGenerator(config, WeightNorm.Fold(ProceduralWeights.Create(HifiGanTensors.ExpectedWeightNormed(config))), device);
            StageWork WorkOf(long frames) => HifiGanWork.Of(config, frames, device.ElementBytes);
            foreach (var batch in options.VocoderBatches($"HiFi-GAN {name.ToUpperInvariant()}", device, WorkOf))
            {
                var mels = Enumerable.Repeat(HifiGanVersions.Mel(options.Frames), batch).ToList();
                VocoderOptions[] noise = [.. mels.Select(_ => new VocoderOptions())];
                var audioSeconds = batch * options.Frames * generator.Mel.HopLength / SampleRate;
                var work = WorkOf((long)options.Frames * batch);
                foreach (var (fusion, times) in Times(device, options, () => generator.Generate(mels, noise)))
                {
                    var (median, least) = (times[times.Count / 2], times[0]);
                    yield return new DeviceFigure(
                        $"HiFi-GAN {name.ToUpperInvariant()}, {options.Frames} frames{fusion}", "", batch, median, least,
                            audioSeconds / (median / 1000),
                        work.WeightBytes / median / 1e6, work.Operations / median / 1e9);
                }
            }
        }
    }

    private static IEnumerable<(string Fusion, List<double> Milliseconds)> Times(ComputeDevice device, DeviceBenchmarkOptions options, Action run)
    {
        // In float32 there are no fused ones.
        var cuda = device is CudaCompute { Type: ElementType.Float16 } half ? half : null;
        (string Name, string Fusion, bool? Fuses)[] ways =
            [("chosen", "", null), ("fused", ", residual layers fused", true), ("separate", ", residual layers separate", false)];
        foreach (var (name, fusion, fuses) in ways)
        {
            if (cuda is null ? fuses is null : options.Residual == "all" || options.Residual == name)
            {
                yield return (fusion, DeviceCommand.Milliseconds(options, () => Fused(cuda, fuses, run)));
            }
        }
    }

    private static void Fused(CudaCompute? cuda, bool? fuses, Action run)
    {
        cuda?.FusesResidualLayers = fuses;
        try
        {
            run();
        }
        finally
        {
            cuda?.FusesResidualLayers = null;
        }
    }
}
