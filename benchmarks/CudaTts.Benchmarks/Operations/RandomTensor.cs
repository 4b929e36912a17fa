using CudaTts.Tensors;
using CudaTts.Tests;

namespace CudaTts.Benchmarks.Operations;

/// <summary>Inputs for operations whose time does not depend on the values, as long as they are ordinary numbers.</summary>
internal static class RandomTensor
{
    /// <summary>Values in [-1, 1).</summary>
    public static Tensor Create(params ReadOnlySpan<int> shape)
    {
        var tensor = new Tensor(shape);
        for (var i = 0; i < tensor.Length; i++)
        {
            tensor.Span[i] = (2 * ProceduralWeights.Uniform("benchmark.values", i)) - 1;
        }

        return tensor;
    }
}
