using System.Runtime.InteropServices;

namespace CudaTts.Cuda;

/// <summary>Owns page-locked host memory, from and to which copies run beside the host's work.</summary>
public sealed unsafe class PinnedMemory : SafeHandle
{
    private readonly CudaContext _context;

    /// <summary>Allocates.</summary>
    public PinnedMemory(CudaContext context, long bytes)
        : base(0, ownsHandle: true)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        _context = context;
        Bytes = bytes;
        context.MakeCurrent();
        CudaException.Check(DriverApi.HostAllocate(out var address, (nuint)bytes, flags: 0), $"allocating {bytes:N0} bytes of page-locked memory");
        SetHandle(address);
    }

    /// <summary>Size, bytes.</summary>
    public long Bytes { get; }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The memory as elements of a type.</summary>
    public Span<T> Span<T>()
        where T : unmanaged => !IsClosed ? new Span<T>((void*)handle, checked((int)(Bytes / sizeof(T)))) : throw new ObjectDisposedException(nameof(PinnedMemory));

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        try
        {
            _context.MakeCurrent();
        }
        catch (Exception error) when (error is CudaException or ObjectDisposedException)
        {
            return true;
        }

        return DriverApi.HostFree(handle) == CUresult.Success;
    }
}
