using CudaTts.Benchmarks.Compare;
using CudaTts.Compute;
using CudaTts.Tests;
using CudaTts.Vocoders.HifiGan;
using CudaTts.Weights;

namespace CudaTts.Benchmarks.Device;

/// <summary>The generators V1, V2 and V3, mel in the host's memory to audio in the host's memory.</summary>
internal static class HifiGanBenchmark
{
    private const double SampleRate = 22050;

    /// <summary>One figure a version and batch.</summary>
    public static IEnumerable<DeviceFigure> Run(ComputeDevice device, DeviceBenchmarkOptions options)
    {
        foreach (var (name, config) in HifiGanVersions.All)
        {
            var generator = new HifiGanGenerator(config, WeightNorm.Fold(ProceduralWeights.Create(HifiGanTensors.ExpectedWeightNormed(config))), device);
            foreach (var batch in options.Batches)
            {
                var mels = Enumerable.Repeat(HifiGanVersions.Mel(options.Frames), batch).ToList();
                var times = DeviceCommand.Milliseconds(options, () => generator.Generate(mels));
                var (median, least) = (times[times.Count / 2], times[0]);
                var audioSeconds = batch * options.Frames * generator.SamplesPerFrame / SampleRate;
                var work = HifiGanWork.Of(config, (long)options.Frames * batch, device.ElementBytes);
                yield return new DeviceFigure(
                    $"HiFi-GAN {name.ToUpperInvariant()}, {options.Frames} frames", "", batch, median, least, audioSeconds / (median / 1000),
                    work.WeightBytes / median / 1e6, work.Operations / median / 1e9);
            }
        }
    }
}
