using System.Runtime.InteropServices;
using System.Text;
using CudaTts.Weights;

namespace CudaTts.Tests;

/// <summary>The values that the golden files' README defines by formula, so that large networks need no weight files.</summary>
internal static class ProceduralWeights
{
    /// <summary>u(name, index) in [0, 1).</summary>
    public static float Uniform(string name, long index)
    {
        var hash = 0xcbf29ce484222325UL;
        foreach (var octet in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash ^ octet) * 0x100000001b3UL;
        }

        return Uniform(hash, index);
    }

    /// <summary>A model whose tensors have these names and shapes, in this order.</summary>
    public static ModelWeights Create(IEnumerable<(string Name, int[] Shape)> tensors)
    {
        var entries = new Dictionary<string, WeightEntry>();
        foreach (var (name, shape) in tensors)
        {
            var values = Values(name, shape);
            entries[name] = new WeightEntry(DataType.F32, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
        }

        return new ModelWeights("procedural weights", entries);
    }

    /// <summary>The values of one tensor, all arithmetic in float32.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="networksGain">The gain that the tensor has in its network, where it is not the name's own.</param>
    public static float[] Values(string name, int[] shape, float? networksGain = null)
    {
        var values = new float[shape.Aggregate(1, (product, size) => product * size)];
        var hash = 0xcbf29ce484222325UL;
        foreach (var octet in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash ^ octet) * 0x100000001b3UL;
        }

        var gain = networksGain ?? Gain(name);
        var last = name[(name.LastIndexOf('.') + 1)..];
        var fanIn = shape.Skip(1).Aggregate(1, (product, size) => product * size);
        var bound = gain * MathF.Sqrt(3f / fanIn);
        var isScale = last is "running_var" or "weight_g" || (last == "weight" && shape.Length == 1);
        var isMixing = name.StartsWith("convinv.", StringComparison.Ordinal);
        for (var i = 0; i < values.Length; i++)
        {
            var u = Uniform(hash, i);
            // An invertible 1x1 convolution is near the identity, so that its inverse is well conditioned.
            var identity = isMixing && i % (shape[1] + 1) == 0 ? 1f : 0f;
            values[i] = isMixing ? identity + (0.2f * (bound * ((2f * u) - 1f))) : isScale ? 0.5f + u : shape.Length == 1
                ? 0.1f * gain * ((2f * u) - 1f) : bound * ((2f * u) - 1f);
        }

        return values;
    }

    private static float Gain(string name)
    {
        if (name.Contains(".v.", StringComparison.Ordinal))
        {
            return 10f;
        }

        if (name.Contains("query_layer", StringComparison.Ordinal) || name.Contains("memory_layer", StringComparison.Ordinal)
            || name.Contains("location", StringComparison.Ordinal))
        {
            return 1.5f;
        }

        return name.Contains(".end.", StringComparison.Ordinal) ? 0.3f : 1f;
    }

    private static float Uniform(ulong hash, long index)
    {
        var z = unchecked(hash + (ulong)index + 0x9e3779b97f4a7c15UL);
        z = unchecked((z ^ (z >> 30)) * 0xbf58476d1ce4e5b9UL);
        z = unchecked((z ^ (z >> 27)) * 0x94d049bb133111ebUL);
        return ((z ^ (z >> 31)) >> 40) / 16777216f;
    }
}
