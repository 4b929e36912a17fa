using System.Runtime.InteropServices;
using CudaTts.Models.Vits;
using CudaTts.Weights;

namespace CudaTts.Tests.Models.Vits;

/// <summary>The weights that the golden files' README defines for VITS and Piper.</summary>
internal static class VitsProcedural
{
    private static readonly (string Begin, string End, float Gain)[] s_gains =
    [
        ("enc_p.", ".emb_rel_k", 5), ("enc_p.", ".emb_rel_v", 5), ("enc_p.", ".conv_q.weight", 1.5f), ("enc_p.", ".conv_k.weight", 1.5f),
        ("enc_p.proj.", "", 0.5f), ("dp.flows.", ".proj.weight", 1.5f), ("emb_g.weight", "", 8), ("dec.conv_post.weight", "", 0.5f),
    ];

    /// <summary>A network as it is trained, weight norm not folded in.</summary>
    public static ModelWeights Trained(VitsConfig config) => new(
        "procedural weights",
        VitsTensors.ExpectedWeightNormed(config).ToDictionary(tensor => tensor.Name, tensor => new WeightEntry(
            DataType.F32, tensor.Shape, MemoryMarshal.AsBytes(Values(tensor.Name, tensor.Shape, config).AsSpan()).ToArray())));

    /// <summary>A network as it is loaded.</summary>
    public static ModelWeights Folded(VitsConfig config) => WeightNorm.Fold(Trained(config));

    private static float[] Values(string name, int[] shape, VitsConfig config)
    {
        if (name.EndsWith(".gamma", StringComparison.Ordinal))
        {
            return [.. Enumerable.Range(0, shape[0]).Select(i => 0.5f + ProceduralWeights.Uniform(name, i))];
        }

        var values = ProceduralWeights.Values(name, shape);
        var (factor, shift) = name switch
        {
            "dp.flows.0.m" => (0.1f, -1.5f),
            "dp.flows.0.logs" => (0.1f, 0.4f),
            "dp.proj.bias" when !config.HasStochasticDurations => (1, 1),
            _ => (Gain(name), 0),
        };
        return Array.ConvertAll(values, value => (factor * value) + shift);
    }

    private static float Gain(string name) => Array.Find(s_gains, gain =>
        name.StartsWith(gain.Begin, StringComparison.Ordinal) && name.EndsWith(gain.End, StringComparison.Ordinal)) is { Gain: > 0 } found
        ? found.Gain : 1;
}
