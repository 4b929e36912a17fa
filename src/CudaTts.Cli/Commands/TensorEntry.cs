using System.Runtime.InteropServices;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Cli.Commands;

/// <summary>Tensors on their way into a safetensors file.</summary>
internal static class TensorEntry
{
    public static WeightEntry ToEntry(this Tensor tensor) => new(DataType.F32, tensor.Shape, MemoryMarshal.AsBytes(tensor.Span).ToArray());
}
