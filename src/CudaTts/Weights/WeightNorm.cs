using System.Runtime.InteropServices;
using CudaTts.Tensors;

namespace CudaTts.Weights;

/// <summary>
/// Weight normalisation (arXiv:1602.07868): weight = g * v / |v|, with one g and one norm for each index of the first dimension.
/// PyTorch has spelled g and v <c>weight_g</c>, <c>weight_v</c> and, since 2.0, <c>parametrizations.weight.original0</c>, <c>original1</c>.
/// </summary>
public static class WeightNorm
{
    private static readonly (string Scale, string Direction)[] s_spellings =
    [
        ("weight_g", "weight_v"),
        ("parametrizations.weight.original0", "parametrizations.weight.original1"),
    ];

    /// <summary>
    /// The same weights with every g and v replaced by their <c>weight</c>, computed in float64 and stored in v's type; other tensors as they are.
    /// </summary>
    /// <exception cref="WeightsException">One of g and v is missing or of the wrong shape, <c>weight</c> is there too, or a norm is zero.</exception>
    public static ModelWeights Fold(ModelWeights weights)
    {
        var folded = new Dictionary<string, WeightEntry>();
        foreach (var name in weights.Names)
        {
            var (target, entry) = FoldOne(weights, name);
            if (entry is not null && !folded.TryAdd(target, entry))
            {
                throw new WeightsException($"{weights.Source}: tensor '{target}' is there both folded and with weight norm.");
            }
        }

        return new ModelWeights(weights.Source, folded);
    }

    private static (string Name, WeightEntry? Entry) FoldOne(ModelWeights weights, string name)
    {
        foreach (var (scale, direction) in s_spellings)
        {
            if (Stem(name, scale) is { } scaled)
            {
                // The weight takes the place of its direction; a scale alone is an error found here.
                _ = weights.Entry(scaled + direction);
                return (name, null);
            }

            if (Stem(name, direction) is { } stem)
            {
                return (stem + "weight", Folded(weights, stem + scale, name));
            }
        }

        return (name, weights.Entry(name));
    }

    private static string? Stem(string name, string suffix) =>
        name == suffix || name.EndsWith("." + suffix, StringComparison.Ordinal) ? name[..^suffix.Length] : null;

    private static WeightEntry Folded(ModelWeights weights, string scaleName, string directionName)
    {
        var shape = weights.Entry(directionName).Shape;
        if (shape.Length == 0)
        {
            throw new WeightsException($"{weights.Source}: tensor '{directionName}': expected at least one dimension, found a scalar.");
        }

        var scaleShape = new int[shape.Length];
        Array.Fill(scaleShape, 1);
        scaleShape[0] = shape[0];
        var scale = weights.Take(scaleName, scaleShape).Span;
        var direction = Widened(weights, directionName);
        var row = direction.Length / Math.Max(1, shape[0]);
        for (var i = 0; i < shape[0]; i++)
        {
            var values = direction.AsSpan(i * row, row);
            var norm = Math.Sqrt(SumOfSquares(values));
            if (norm == 0)
            {
                throw new WeightsException($"{weights.Source}: tensor '{directionName}': row {i} is zero, so its weight norm has no direction.");
            }

            Scale(values, scale[i] / norm);
        }

        var type = weights.Entry(directionName).Type;
        return new WeightEntry(type, shape, FloatBytes.Narrow(weights.Source, directionName, direction, type));
    }

    private static double[] Widened(ModelWeights weights, string name)
    {
        var entry = weights.Entry(name);
        if (entry.Type == DataType.F64)
        {
            var doubles = MemoryMarshal.Cast<byte, double>(entry.Bytes.Span).ToArray();
            GC.KeepAlive(entry);
            return doubles;
        }

        Tensor tensor = weights.Take(name, entry.Shape);
        var values = new double[tensor.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = tensor.Span[i];
        }

        return values;
    }

    private static double SumOfSquares(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (var value in values)
        {
            sum += value * value;
        }

        return sum;
    }

    private static void Scale(Span<double> values, double factor)
    {
        for (var i = 0; i < values.Length; i++)
        {
            values[i] *= factor;
        }
    }
}
