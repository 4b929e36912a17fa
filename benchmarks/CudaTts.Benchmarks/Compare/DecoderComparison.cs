using CudaTts.Benchmarks.Peers;
using CudaTts.Compute.Cpu;
using CudaTts.Models.Tacotron2;
using CudaTts.Models.Tacotron2.Decoder;
using CudaTts.Models.Tacotron2.Decoder.Cpu;
using CudaTts.Tensors;
using CudaTts.Tests;
using CudaTts.Weights;

namespace CudaTts.Benchmarks.Compare;

/// <summary>The decoder loop at NVIDIA's full size: batch 1, 100 tokens, 300 steps, the same prenet dropout on both sides.</summary>
internal static class DecoderComparison
{
    private const int Tokens = 100;
    private const int Steps = 300;
    private const double SecondsPerFrame = 256 / 22050.0;
    private static readonly Tacotron2Config _config = new();

    /// <summary>Every form of the peer's graph against each storage of our weights, at one thread count.</summary>
    public static void Run(ComparisonOptions options, int threads, ComparisonReport report)
    {
        using var compute = new CpuCompute(threads);
        // All sides hold the same values: those that half precision can express, stored either way.
        var half = HalfWeights.From(ProceduralWeights.Create(Tacotron2Tensors.Expected(_config)));
        var weights = HalfWeights.Widen(half);
        var memory = EncoderMemory();
        var keys = Keys(memory, weights);
        var kept = PrenetKeep();
        float[] scaled = [.. kept.Select(unit => 2f * unit)];
        var ours = new Tacotron2Options { PrenetKeep = kept, GateThreshold = 1, MaxSteps = Steps };
        foreach (var (storage, stored) in new[] { ("float32", weights), ("half-stored weights", half) })
        {
            var decoder = Decoder(stored, compute);
            foreach (var form in (string[])["cells", "merged", "lstm"])
            {
                using var peer = new OnnxDecoder(Path.Combine(options.Models, $"tacotron2_decoder_{form}.onnx"), threads, memory.Span, keys, Tokens);
                var mel = new float[Steps * _config.StepWidth];
                var gates = new float[Steps];
                DecoderRecord? record = null;
                var timing = PairedTiming.Measure(
                    () => record = decoder.Decode(memory, ours, CancellationToken.None).Record,
                    () => peer.Decode(scaled, mel, gates),
                    TimeSpan.FromSeconds(options.Seconds));
                var nmse = CompareCommand.Nmse(FramesFirst(record!.Mel()), mel);
                report.Add(new($"Tacotron 2 decoder, {Steps} steps", threads, storage, form, timing, Steps * SecondsPerFrame, nmse));
            }
        }
    }

    private static CpuTacotron2Decoder Decoder(ModelWeights weights, CpuCompute compute)
    {
        var kernels = DecoderKernels.For(compute.Level);
        return new CpuTacotron2Decoder(_config, new DecoderWeights(_config, weights, kernels), kernels, compute.Team);
    }

    private static Tensor EncoderMemory()
    {
        var memory = new Tensor(1, Tokens, _config.EncoderEmbedding);
        for (var i = 0; i < memory.Length; i++)
        {
            memory.Span[i] = (2 * ProceduralWeights.Uniform("benchmark.memory", i)) - 1;
        }

        return memory;
    }

    /// <summary>What our decoder makes of the memory by itself and the peer's step takes as an input: the attention's keys, [T, attention].</summary>
    private static float[] Keys(Tensor memory, ModelWeights weights)
    {
        var layer = weights.Take("decoder.attention_layer.memory_layer.linear_layer.weight", _config.Attention, _config.EncoderEmbedding).Span;
        var keys = new float[Tokens * _config.Attention];
        for (var i = 0; i < keys.Length; i++)
        {
            var token = memory.Span.Slice(i / _config.Attention * _config.EncoderEmbedding, _config.EncoderEmbedding);
            double sum = 0;
            for (var j = 0; j < token.Length; j++)
            {
                sum += (double)token[j] * layer[(i % _config.Attention * token.Length) + j];
            }

            keys[i] = (float)sum;
        }

        return keys;
    }

    private static byte[] PrenetKeep() =>
        [.. Enumerable.Range(0, Steps * 2 * _config.Prenet).Select(i => (byte)(ProceduralWeights.Uniform("benchmark.dropout", i) < 0.5f ? 1 : 0))];

    /// <summary>[1, bands, F] as the peer has it, [F, bands].</summary>
    private static float[] FramesFirst(Tensor mel)
    {
        var frames = new float[mel.Length];
        for (var i = 0; i < frames.Length; i++)
        {
            frames[i] = mel.Span[(i % mel[1] * mel[2]) + (i / mel[1])];
        }

        return frames;
    }
}
