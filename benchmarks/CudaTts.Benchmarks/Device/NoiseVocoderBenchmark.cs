using CudaTts.Benchmarks.Compare;
using CudaTts.Compute;
using CudaTts.Models;
using CudaTts.Models.ParallelWaveGan;
using CudaTts.Models.WaveGlow;
using CudaTts.Tensors;
using CudaTts.Tests;
using CudaTts.Weights;

namespace CudaTts.Benchmarks.Device;

/// <summary>
/// WaveGlow as published (256 channels) and Parallel WaveGAN v1, mel in the host's memory to audio in the host's memory; noise made on the device.
/// </summary>
internal static class NoiseVocoderBenchmark
{
    private const double SampleRate = 22050;

    /// <summary>One figure a network and batch.</summary>
    public static IEnumerable<DeviceFigure> Run(ComputeDevice device, DeviceBenchmarkOptions options) =>
        (options.Jobs.Contains("waveglow") ? WaveGlow(device, options) : [])
            .Concat(options.Jobs.Contains("parallel_wavegan") ? ParallelWaveGan(device, options) : []);

    private static IEnumerable<DeviceFigure> WaveGlow(ComputeDevice device, DeviceBenchmarkOptions options)
    {
        var config = new WaveGlowConfig();
        using var network = new WaveGlowGenerator(
            config, WeightNorm.Fold(ProceduralWeights.Create(WaveGlowTensors.ExpectedWeightNormed(config))), device);
        StageWork WorkOf(long frames) => WaveGlowWork.Of(config, frames, device.ElementBytes);
        foreach (var batch in options.VocoderBatches("WaveGlow", device, WorkOf))
        {
            yield return Measure(device, options, "WaveGlow", batch, network.Generate, WorkOf);
        }
    }

    private static IEnumerable<DeviceFigure> ParallelWaveGan(ComputeDevice device, DeviceBenchmarkOptions options)
    {
        var config = new ParallelWaveGanConfig();
        using var network = new ParallelWaveGanGenerator(
            config, WeightNorm.Fold(ProceduralWeights.Create(ParallelWaveGanTensors.ExpectedWeightNormed(config))), device);
        StageWork WorkOf(long frames) => ParallelWaveGanWork.Of(config, frames, device.ElementBytes);
        foreach (var batch in options.VocoderBatches("Parallel WaveGAN v1", device, WorkOf))
        {
            yield return Measure(device, options, "Parallel WaveGAN v1", batch, network.Generate, WorkOf);
        }
    }

    private static DeviceFigure Measure(
        ComputeDevice device,
        DeviceBenchmarkOptions options,
        string job,
        int batch,
        Func<IReadOnlyList<Tensor>, IReadOnlyList<VocoderOptions>, CancellationToken, Tensor[]> generate,
        Func<long, StageWork> workOf)
    {
        var mels = Enumerable.Repeat(HifiGanVersions.Mel(options.Frames), batch).ToList();
        VocoderOptions[] noise = [.. Enumerable.Range(0, batch).Select(row => new VocoderOptions { Utterance = (uint)row })];
        var times = DeviceCommand.Milliseconds(options, () => generate(mels, noise, CancellationToken.None));
        var (median, least) = (times[times.Count / 2], times[0]);
        var work = workOf((long)options.Frames * batch);
        return new DeviceFigure(
            $"{job}, {options.Frames} frames", "", batch, median, least, batch * options.Frames * 256 / SampleRate / (median / 1000),
            work.WeightBytes / median / 1e6, work.Operations / median / 1e9);
    }
}
