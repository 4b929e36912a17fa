using System.Globalization;
using System.Runtime.InteropServices;
using CudaTts.Models.Tacotron2;
using CudaTts.Tensors;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests.Models.Tacotron2;

/// <summary>The golden files of Tacotron 2: opening them, and comparing what a model makes of their inputs.</summary>
internal static class Tacotron2Goldens
{
    public static SafetensorsFile Open(string name) => SafetensorsFile.Open(Golden.Path($"tacotron2_{name}.safetensors"));

    public static Tacotron2Config ConfigOf(string name) => name == "r3_tiny" ? Tacotron2Models.Tiny : Tacotron2Models.Full;

    public static int[] Ids(SafetensorsFile golden) =>
        [.. MemoryMarshal.Cast<byte, long>(golden.Entries["ids"].Bytes.Span).ToArray().Select(id => (int)id)];

    public static Tacotron2Options OptionsOf(SafetensorsFile golden, Tacotron2Config config) => new()
    {
        GateThreshold = 1,
        KeepsEncoderMemory = true,
        PrenetKeep = Tacotron2Models.PrenetKeep(
            golden.Metadata["row"], int.Parse(golden.Metadata["steps"], CultureInfo.InvariantCulture), config.Prenet),
    };

    public static List<(string Stage, double Error, double Limit)> Compare(Tacotron2Model model, SafetensorsFile golden, Tacotron2Config config)
    {
        var result = model.Synthesize(Ids(golden), OptionsOf(golden, config));
        (string Stage, Tensor Actual)[] stages =
        [
            ("encoder_memory", result.EncoderMemory!), ("mel_before_postnet", result.MelBeforePostnet), ("gate_logits", result.GateLogits),
            ("alignments", result.Alignments), ("mel", result.Mel),
        ];
        return
        [
            .. stages.Select(stage => (
                stage.Stage,
                Nmse.Of(stage.Actual.Span, golden.Weights.Take(stage.Stage, stage.Actual.Shape).Span),
                Nmse.Limit(double.Parse(golden.Metadata[$"torch_f32_nmse.{stage.Stage}"], CultureInfo.InvariantCulture)))),
        ];
    }

    public static void Perturb(Span<float> values)
    {
        foreach (ref var value in values)
        {
            value += 0.01f;
        }
    }

    public static void SwapForgetAndCandidate(Span<float> gates)
    {
        var quarter = gates.Length / 4;
        var forget = gates.Slice(quarter, quarter).ToArray();
        gates.Slice(2 * quarter, quarter).CopyTo(gates[quarter..]);
        forget.CopyTo(gates[(2 * quarter)..]);
    }

    /// <summary>[steps x frames, bands] to [bands, frames].</summary>
    public static double[] FramesToMel(double[] frames, int bands)
    {
        var count = frames.Length / bands;
        return [.. Enumerable.Range(0, frames.Length).Select(i => frames[(i % count * bands) + (i / count)])];
    }

    public static float[] FirstFrames(Tensor mel, int frames)
    {
        var first = new float[mel[1] * frames];
        for (var band = 0; band < mel[1]; band++)
        {
            mel.Span.Slice(band * mel[2], frames).CopyTo(first.AsSpan(band * frames));
        }

        return first;
    }
}
