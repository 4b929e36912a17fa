using System.Runtime.InteropServices;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Benchmarks.Compare;

/// <summary>A model as it comes out of a file whose tensors are in half precision.</summary>
internal static class HalfWeights
{
    /// <summary>Rounds every tensor of a float32 model.</summary>
    public static ModelWeights From(ModelWeights weights)
    {
        var entries = new Dictionary<string, WeightEntry>();
        foreach (var name in weights.Names)
        {
            var shape = weights.Entry(name).Shape;
            entries[name] = new WeightEntry(DataType.F16, shape, Round(weights.Take(name, shape)));
        }

        return new ModelWeights($"{weights.Source}, in half precision", entries);
    }

    /// <summary>The same values stored as float32.</summary>
    public static ModelWeights Widen(ModelWeights weights)
    {
        var entries = new Dictionary<string, WeightEntry>();
        foreach (var name in weights.Names)
        {
            var shape = weights.Entry(name).Shape;
            entries[name] = new WeightEntry(DataType.F32, shape, MemoryMarshal.AsBytes(weights.Take(name, shape).Span).ToArray());
        }

        return new ModelWeights($"{weights.Source}, widened", entries);
    }

    private static byte[] Round(Tensor tensor)
    {
        var bytes = new byte[tensor.Length * 2];
        var halves = MemoryMarshal.Cast<byte, Half>(bytes.AsSpan());
        for (var i = 0; i < tensor.Length; i++)
        {
            halves[i] = (Half)tensor.Span[i];
        }

        return bytes;
    }
}
