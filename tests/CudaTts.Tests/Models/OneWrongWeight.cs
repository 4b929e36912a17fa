using CudaTts.Weights;

namespace CudaTts.Tests.Models;

/// <summary>Weights of which one number is wrong, to prove that a comparison would see it.</summary>
internal static class OneWrongWeight
{
    /// <summary>The same weights but for the first number of <paramref name="name"/>.</summary>
    public static ModelWeights In(ModelWeights weights, string name, float change = 0.01f)
    {
        var entries = weights.Names.ToDictionary(each => each, weights.Entry);
        var bytes = entries[name].Bytes.ToArray();
        BitConverter.TryWriteBytes(bytes, BitConverter.ToSingle(bytes) + change);
        entries[name] = entries[name] with { Bytes = bytes };
        return new ModelWeights($"weights with {name} changed", entries);
    }
}
