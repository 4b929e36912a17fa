using CudaTts.Benchmarks.Peers;
using CudaTts.Compute.Cpu;
using CudaTts.Models.HifiGan;
using CudaTts.Tensors;
using CudaTts.Tests;
using CudaTts.Weights;

namespace CudaTts.Benchmarks.Compare;

/// <summary>The generators V1, V2 and V3 (arXiv:2010.05646, table 1) as a whole, mel to audio.</summary>
internal static class HifiGanComparison
{
    private const double SampleRate = 22050;

    /// <summary>Every generator, mel length and peer form, at one thread count.</summary>
    public static void Run(ComparisonOptions options, int threads, ComparisonReport report)
    {
        using var compute = new CpuCompute(threads);
        foreach (var (name, config) in HifiGanVersions.All)
        {
            var weights = WeightNorm.Fold(ProceduralWeights.Create(HifiGanTensors.ExpectedWeightNormed(config)));
            using var generator = new HifiGanGenerator(config, weights, compute);
            foreach (var frames in options.Frames)
            {
                var mel = HifiGanVersions.Mel(frames);
                foreach (var form in (string[])["1d", "2d"])
                {
                    using var peer = new OnnxHifiGan(Path.Combine(options.Models, $"hifigan_{name}_{form}.onnx"), threads, mel.Span, frames);
                    Tensor? audio = null;
                    var timing = PairedTiming.Measure(() => audio = generator.Generate(mel), peer.Run, TimeSpan.FromSeconds(options.Seconds));
                    var nmse = CompareCommand.Nmse(audio!.Span, peer.Audio);
                    var job = $"HiFi-GAN {name.ToUpperInvariant()}, {frames} frames";
                    report.Add(new(job, threads, "float32", Form(form), timing, peer.Audio.Length / SampleRate, nmse));
                }
            }
        }
    }

    private static string Form(string form) => form == "1d" ? "1-d convolutions" : "as 2-d convolutions";
}
