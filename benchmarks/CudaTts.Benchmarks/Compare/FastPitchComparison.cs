using CudaTts.Benchmarks.Peers;
using CudaTts.Compute.Cpu;
using CudaTts.Models.FastPitch;
using CudaTts.Tests;
using CudaTts.Tests.Models.FastPitch;

namespace CudaTts.Benchmarks.Compare;

/// <summary>FastPitch of the published size as a whole, token ids to log-mel.</summary>
internal static class FastPitchComparison
{
    private const int Tokens = 100;

    /// <summary>Every peer form, at one thread count.</summary>
    public static void Run(ComparisonOptions options, int threads, ComparisonReport report)
    {
        using var device = new CpuCompute(threads);
        var config = new FastPitchConfig();
        using var network = new FastPitchModel(config, FastPitchModels.Create(config), device);

        // Id 0 would be padding, which no text has inside.
        int[] ids = [.. Enumerable.Range(0, Tokens).Select(i => 1 + (int)((config.Symbols - 1) * ProceduralWeights.Uniform("benchmark.ids", i)))];
        foreach (var form in (string[])["1d", "2d"])
        {
            using var peer = new OnnxFastPitch(Path.Combine(options.Models, $"fastpitch_{form}.onnx"), threads, ids);
            FastPitchResult? spoken = null;
            var timing = PairedTiming.Measure(() => spoken = network.Synthesize(ids), peer.Run, TimeSpan.FromSeconds(options.Seconds));
            var (mel, expected) = (spoken!.Mel, peer.Mel());
            if (mel.Length != expected.Length)
            {
                throw new InvalidOperationException(
                    $"ours has {mel[2]} frames, ONNX Runtime's {expected.Length / config.MelBands}: they are not the same speech.");
            }

            var seconds = mel[2] * (double)config.Mel.HopLength / config.Mel.SampleRate;
            report.Add(new(
                $"FastPitch, {Tokens} tokens, {mel[2]} frames", threads, "float32", form == "1d" ? "1-d convolutions" : "as 2-d convolutions", timing,
                seconds, CompareCommand.Nmse(mel.Span, expected)));
        }
    }
}
