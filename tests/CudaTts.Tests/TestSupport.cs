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
    public static float[] Values(string name, int[] shape)
    {
        var values = new float[shape.Aggregate(1, (product, size) => product * size)];
        var hash = 0xcbf29ce484222325UL;
        foreach (var octet in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash ^ octet) * 0x100000001b3UL;
        }

        var gain = Gain(name);
        var last = name[(name.LastIndexOf('.') + 1)..];
        var fanIn = shape.Skip(1).Aggregate(1, (product, size) => product * size);
        var bound = gain * MathF.Sqrt(3f / fanIn);
        var isScale = last is "running_var" or "weight_g" || (last == "weight" && shape.Length == 1);
        for (var i = 0; i < values.Length; i++)
        {
            var u = Uniform(hash, i);
            values[i] = isScale ? 0.5f + u : shape.Length == 1 ? 0.1f * gain * ((2f * u) - 1f) : bound * ((2f * u) - 1f);
        }

        return values;
    }

    private static float Gain(string name)
    {
        if (name.Contains(".v.", StringComparison.Ordinal))
        {
            return 10f;
        }

        if (name.Contains("query_layer", StringComparison.Ordinal) || name.Contains("memory_layer", StringComparison.Ordinal) || name.Contains("location", StringComparison.Ordinal))
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

/// <summary>Finds the golden files and the reference data that continuous integration has and a stranger's clone has not.</summary>
internal static class Golden
{
    /// <summary>The path of a file under the shared golden folder; ends the test as skipped, with the reason, when it is not there.</summary>
    public static string Path(string relative)
    {
        var folder = Environment.GetEnvironmentVariable("CUDATTS_GOLDEN") ?? FindUpwards();
        var path = folder is null ? null : System.IO.Path.Combine(folder, relative);
        if (path is null || !File.Exists(path))
        {
            Assert.Ignore($"golden file '{relative}' is not here: set CUDATTS_GOLDEN to the folder that holds it");
        }

        return path!;
    }

    private static string? FindUpwards()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = System.IO.Path.Combine(folder.FullName, "shared", "golden");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}

/// <summary>The parity measure of the design: sum (a-b)^2 / sum b^2.</summary>
internal static class Nmse
{
    /// <summary>Normalised mean squared error of <paramref name="actual"/> against <paramref name="expected"/>; infinite when a value is not finite.</summary>
    public static double Of(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected)
    {
        Assert.That(actual.Length, Is.EqualTo(expected.Length), "number of values");
        double error = 0, power = 0;
        for (var i = 0; i < actual.Length; i++)
        {
            if (!float.IsFinite(actual[i]))
            {
                return double.PositiveInfinity;
            }

            double difference = actual[i] - expected[i];
            error += difference * difference;
            power += (double)expected[i] * expected[i];
        }

        return power > 0 ? error / power : error > 0 ? double.PositiveInfinity : 0;
    }

    /// <summary>The limit for float32 paths: 100 times PyTorch's own float32 error, kept within 1e-11 and 1e-3.</summary>
    public static double Limit(double torchFloat32) => Math.Clamp(100 * torchFloat32, 1e-11, 1e-3);
}
