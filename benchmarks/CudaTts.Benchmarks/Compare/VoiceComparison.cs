using CudaTts.Benchmarks.Peers;
using CudaTts.Compute.Cpu;
using CudaTts.Models;
using CudaTts.Models.Vits;
using CudaTts.Tests;
using CudaTts.Weights;

namespace CudaTts.Benchmarks.Compare;

/// <summary>A Piper voice of medium quality as a whole, token ids to audio, both sides from the same ONNX file.</summary>
internal static class VoiceComparison
{
    private const int Tokens = 100;

    /// <summary>Every peer form, at one thread count.</summary>
    public static void Run(ComparisonOptions options, int threads, ComparisonReport report)
    {
        using var device = new CpuCompute(threads);
        var model = CheckpointConverter.Model(CheckpointFile.Open(PathOf(options, "1d")), null);
        var config = ConfigJson.Parse<VitsConfig>(System.Text.Encoding.UTF8.GetBytes(model.ConfigText), model.Weights.Source);
        using var acoustic = new VitsAcoustic(config, model.Weights, device);
        using var decoder = new VitsDecoder(config, model.Weights, device);
        int[] ids = [.. Enumerable.Range(0, Tokens).Select(i => (int)(config.Symbols * ProceduralWeights.Uniform("benchmark.ids", i)))];
        var quiet = VitsOptions.Of(config) with { NoiseScale = 0, LengthScale = 1, DurationNoiseScale = 0 };
        foreach (var form in (string[])["1d", "2d"])
        {
            using var peer = new OnnxVoice(PathOf(options, form), threads, ids);
            float[]? audio = null;
            var timing = PairedTiming.Measure(
                () => audio = decoder.Generate(acoustic.Synthesize(ids, quiet).Frames, new VocoderOptions()).Span.ToArray(), peer.Run,
                TimeSpan.FromSeconds(options.Seconds));
            var expected = peer.Audio();
            if (audio!.Length != expected.Length)
            {
                throw new InvalidOperationException($"ours has {audio.Length} samples, ONNX Runtime's {expected.Length}: not the same speech.");
            }

            var job = $"Piper medium, {Tokens} tokens, {expected.Length / config.Latent.HopLength} frames";
            var peerForm = form == "1d" ? "as Piper exports it" : "its decoder as 2-d convolutions";
            report.Add(new(
                job, threads, "float32", peerForm, timing, expected.Length / (double)config.SampleRate, CompareCommand.Nmse(audio, expected)));
        }
    }

    private static string PathOf(ComparisonOptions options, string form) => Path.Combine(options.Models, $"piper_medium_{form}.onnx");
}
