using CudaTts.Benchmarks.Peers;
using CudaTts.Compute.Cpu;
using CudaTts.Models;
using CudaTts.Models.ParallelWaveGan;
using CudaTts.Models.WaveGlow;
using CudaTts.Tensors;
using CudaTts.Tests;
using CudaTts.Weights;

namespace CudaTts.Benchmarks.Compare;

/// <summary>WaveGlow and Parallel WaveGAN as a whole, mel and noise to audio.</summary>
internal static class NoiseVocoderComparison
{
    private const double SampleRate = 22050;

    /// <summary>Both WaveGlow widths that the golden data has, every mel length and peer form, at one thread count.</summary>
    public static void RunWaveGlow(ComparisonOptions options, int threads, ComparisonReport report)
    {
        using var device = new CpuCompute(threads);
        foreach (var channels in (int[])[64, 256])
        {
            var config = new WaveGlowConfig { Channels = channels, Sigma = 1 };
            var weights = WeightNorm.Fold(ProceduralWeights.Create(WaveGlowTensors.ExpectedWeightNormed(config)));
            using var network = new WaveGlowGenerator(config, weights, device);
            Run(options, threads, report, ($"WaveGlow, {channels} channels", $"waveglow_{channels}"), network.Generate, network.NoiseShapes);
        }
    }

    /// <summary>Parallel WaveGAN v1, every mel length and peer form, at one thread count.</summary>
    public static void RunParallelWaveGan(ComparisonOptions options, int threads, ComparisonReport report)
    {
        using var device = new CpuCompute(threads);
        var config = new ParallelWaveGanConfig();
        var weights = WeightNorm.Fold(ProceduralWeights.Create(ParallelWaveGanTensors.ExpectedWeightNormed(config)));
        using var network = new ParallelWaveGanGenerator(config, weights, device);
        Run(options, threads, report, ("Parallel WaveGAN v1", "parallel_wavegan"), network.Generate, network.NoiseShapes);
    }

    private static void Run(
        ComparisonOptions options,
        int threads,
        ComparisonReport report,
        (string Title, string File) name,
        Func<Tensor, VocoderOptions, CancellationToken, Tensor> generate,
        Func<int, int, IEnumerable<NoiseShape>> noiseShapes)
    {
        foreach (var frames in options.Frames)
        {
            var mel = HifiGanVersions.Mel(frames);
            var given = noiseShapes(1, frames).ToDictionary(each => each.Name, each => Noise(each.Name, each.Shape));
            var noise = new VocoderOptions { Given = given };
            foreach (var form in (string[])["1d", "2d"])
            {
                var inputs = given.Select(pair => (pair.Key, pair.Value)).Prepend(("mel", mel));
                using var peer = new OnnxNoiseVocoder(Path.Combine(options.Models, $"{name.File}_{form}.onnx"), threads, inputs, frames * 256);
                Tensor? audio = null;
                var timing = PairedTiming.Measure(
                    () => audio = generate(mel, noise, CancellationToken.None), peer.Run, TimeSpan.FromSeconds(options.Seconds));
                var nmse = CompareCommand.Nmse(audio!.Span, peer.Audio);
                var peerForm = form == "1d" ? "1-d convolutions" : "as 2-d convolutions";
                report.Add(new($"{name.Title}, {frames} frames", threads, "float32", peerForm, timing, peer.Audio.Length / SampleRate, nmse));
            }
        }
    }

    private static Tensor Noise(string name, int[] shape)
    {
        var noise = new Tensor(shape);
        for (var i = 0; i < noise.Length; i++)
        {
            noise.Span[i] = (2 * ProceduralWeights.Uniform($"benchmark.{name}", i)) - 1;
        }

        return noise;
    }
}
