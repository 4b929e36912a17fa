using System.Runtime.InteropServices;

namespace CudaTts.Cuda;

/// <summary>Owns device memory; it is freed when disposed, or when nothing refers to it any more.</summary>
public sealed class CudaMemory : SafeHandle
{
    private readonly CudaContext _context;

    /// <summary>Allocates.</summary>
    /// <param name="context">The device.</param>
    /// <param name="bytes">How much; 0 becomes 1, which the driver refuses otherwise.</param>
    /// <exception cref="CudaException">There is not so much free memory; the message says how much there is.</exception>
    public CudaMemory(CudaContext context, long bytes)
        : base(0, ownsHandle: true)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        _context = context;
        Bytes = Math.Max(1, bytes);
        context.MakeCurrent();
        var result = DriverApi.MemoryAllocate(out var address, (nuint)Bytes);
        if (result != CUresult.Success)
        {
            throw CudaException.Of(result, $"allocating {Bytes:N0} bytes on {context.Name}", $"{context.FreeMemory():N0} of {context.TotalMemory:N0} bytes are free");
        }

        SetHandle(address.Value);
    }

    /// <summary>Size, bytes.</summary>
    public long Bytes { get; }

    /// <summary>Where it begins.</summary>
    public CUdeviceptr Address => !IsClosed ? new CUdeviceptr(handle) : throw new ObjectDisposedException(nameof(CudaMemory));

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        try
        {
            _context.MakeCurrent();
        }
        catch (Exception error) when (error is CudaException or ObjectDisposedException)
        {
            // The context is gone, and its memory with it.
            return true;
        }

        return DriverApi.MemoryFree(new CUdeviceptr(handle)) == CUresult.Success;
    }
}
