using System.Runtime.InteropServices;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Cli.Commands;

/// <summary>Tensors on their way into a safetensors file.</summary>
internal static class TensorEntry
{
    public static WeightEntry ToEntry(this Tensor tensor) => new(DataType.F32, tensor.Shape, MemoryMarshal.AsBytes(tensor.Span).ToArray());

    /// <summary>As whole numbers, int64.</summary>
    public static WeightEntry ToIntegerEntry(this Tensor tensor)
    {
        var values = Array.ConvertAll(tensor.Span.ToArray(), value => (long)value);
        return new WeightEntry(DataType.I64, tensor.Shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }
}
