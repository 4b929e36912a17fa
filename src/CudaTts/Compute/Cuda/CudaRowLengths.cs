using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cuda;

/// <summary>A batch's row lengths, also in the device's memory, int [B], unless all rows are full.</summary>
internal sealed class CudaRowLengths : RowLengths
{
    // Comes back to the pool when nothing refers to these lengths any more.
    private readonly DeviceMemoryPool.Loan? _memory;

    public CudaRowLengths(CudaCompute compute, ReadOnlySpan<int> lengths)
        : base(lengths)
    {
        if (lengths.ContainsAnyExcept(Longest))
        {
            _memory = compute.Memory.Lend(sizeof(int) * lengths.Length);
            compute.Enter().Upload(lengths, _memory.Address);
        }
    }

    /// <summary>Where the kernels read them; null when all rows are full.</summary>
    public CUdeviceptr Address => _memory?.Address ?? default;
}
