using CudaTts.Benchmarks.Compare;
using CudaTts.Compute;
using CudaTts.Tests;
using CudaTts.Vocoders;
using CudaTts.Vocoders.ParallelWaveGan;
using CudaTts.Vocoders.WaveGlow;
using CudaTts.Weights;

namespace CudaTts.Benchmarks.Device;

/// <summary>WaveGlow as published (256 channels) and Parallel WaveGAN v1, mel in the host's memory to audio in the host's memory; noise made on the device.</summary>
internal static class NoiseVocoderBenchmark
{
    private const double SampleRate = 22050;

    /// <summary>One figure a network and batch.</summary>
    public static IEnumerable<DeviceFigure> Run(ComputeDevice device, DeviceBenchmarkOptions options) =>
        WaveGlow(device, options).Concat(ParallelWaveGan(device, options));

    private static IEnumerable<DeviceFigure> WaveGlow(ComputeDevice device, DeviceBenchmarkOptions options)
    {
        var config = new WaveGlowConfig();
        var network = new WaveGlowGenerator(config, WeightNorm.Fold(ProceduralWeights.Create(WaveGlowTensors.ExpectedWeightNormed(config))), device);

        // The upsampling multiplies every frame with all its weights, the flow every group of samples.
        double Steps(string name) => name == "upsample.weight" ? 1 : (double)config.Mel.HopLength / config.Group;
        foreach (var batch in options.Batches)
        {
            yield return Measure(device, options, "WaveGlow", batch, network.Generate, (Tensors(WaveGlowTensors.Expected(config)), Steps));
        }
    }

    private static IEnumerable<DeviceFigure> ParallelWaveGan(ComputeDevice device, DeviceBenchmarkOptions options)
    {
        var config = new ParallelWaveGanConfig();
        var network = new ParallelWaveGanGenerator(
            config, WeightNorm.Fold(ProceduralWeights.Create(ParallelWaveGanTensors.ExpectedWeightNormed(config))), device);

        // What stretches has a handful of weights and does not count.
        double Steps(string name) => name == "upsample_net.conv_in.weight" ? 1 : config.Mel.HopLength;
        foreach (var batch in options.Batches)
        {
            yield return Measure(device, options, "Parallel WaveGAN v1", batch, network.Generate, (Tensors(ParallelWaveGanTensors.Expected(config)), Steps));
        }
    }

    private static List<(string Name, double Count)> Tensors(IEnumerable<(string Name, int[] Shape)> expected) =>
        [.. expected.Select(tensor => (tensor.Name, tensor.Shape.Aggregate(1.0, (product, size) => product * size)))];

    private static DeviceFigure Measure(
        ComputeDevice device,
        DeviceBenchmarkOptions options,
        string job,
        int batch,
        Func<IReadOnlyList<Tensor>, IReadOnlyList<VocoderNoise>, CancellationToken, Tensor[]> generate,
        (List<(string Name, double Count)> Weights, Func<string, double> Steps) sizes)
    {
        var mels = Enumerable.Repeat(HifiGanVersions.Mel(options.Frames), batch).ToList();
        VocoderNoise[] noise = [.. Enumerable.Range(0, batch).Select(row => new VocoderNoise { Utterance = (uint)row })];
        var times = DeviceCommand.Milliseconds(options, () => generate(mels, noise, CancellationToken.None));
        var (median, least) = (times[times.Count / 2], times[0]);
        var bytes = sizes.Weights.Sum(weight => weight.Count) * (device is Compute.Cuda.CudaCompute { Type: ElementType.Float16 } ? 2 : 4);
        var products = sizes.Weights.Where(weight => weight.Name.EndsWith(".weight", StringComparison.Ordinal)).Sum(weight => weight.Count * sizes.Steps(weight.Name));
        return new DeviceFigure(
            $"{job}, {options.Frames} frames", "", batch, median, least, batch * options.Frames * 256 / SampleRate / (median / 1000), bytes / median / 1e6,
            2 * products * options.Frames * batch / median / 1e9);
    }
}
