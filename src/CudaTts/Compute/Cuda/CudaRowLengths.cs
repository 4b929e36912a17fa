using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cuda;

/// <summary>A batch's row lengths, also in the device's memory, int [B], unless all rows are full.</summary>
internal sealed class CudaRowLengths : RowLengths
{
    private readonly DeviceBuffer? _lengths;

    public CudaRowLengths(CudaCompute compute, ReadOnlySpan<int> lengths)
        : base(lengths)
    {
        if (lengths.ContainsAnyExcept(Longest))
        {
            _lengths = compute.Borrow(ElementType.Float32, lengths.Length);
            try
            {
                compute.Enter().Upload(lengths, Address);
            }
            catch
            {
                _lengths.Dispose();
                throw;
            }
        }
    }

    /// <summary>Where the kernels read them; null when all rows are full.</summary>
    public CUdeviceptr Address => _lengths is null ? default : CudaCompute.AddressOf(_lengths.Tensor);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _lengths?.Dispose();
        base.Dispose();
    }
}
