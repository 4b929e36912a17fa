using CudaTts.Cuda;

namespace CudaTts.Compute.Cuda;

/// <summary>A batch's row lengths, also in the device's memory, int [B].</summary>
internal sealed class CudaRowLengths : RowLengths
{
    // Frees the memory when nothing refers to these lengths any more.
    private readonly object _owner;

    public CudaRowLengths(CudaStream stream, ReadOnlySpan<int> lengths)
        : base(lengths)
    {
        var memory = new CudaMemory(stream.Context, sizeof(int) * lengths.Length);
        stream.Upload(lengths, memory.Address);
        (_owner, Address) = (memory, memory.Address);
    }

    /// <summary>Where the kernels read them.</summary>
    public CUdeviceptr Address { get; }
}
