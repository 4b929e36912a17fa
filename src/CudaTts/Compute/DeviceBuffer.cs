using CudaTts.Tensors;

namespace CudaTts.Compute;

/// <summary>Memory for activations on loan from a device, until this is disposed of. Work that is queued by then may still use it.</summary>
/// <param name="tensor">The memory.</param>
/// <param name="loan">What gives it back; none where the collector does.</param>
internal sealed class DeviceBuffer(Tensor tensor, IDisposable? loan = null) : IDisposable
{
    private IDisposable? _loan = loan;

    /// <summary>The memory as a tensor.</summary>
    public Tensor Tensor => tensor;

    /// <summary>Gives the memory back; more than once does nothing.</summary>
    public void Dispose() => Interlocked.Exchange(ref _loan, null)?.Dispose();
}
