using CudaTts.Cuda.Interop;

namespace CudaTts.Cuda;

/// <summary>
/// Host memory that does not move, which the device can copy from and to by itself while the program goes on. Its contents are undefined at first.
/// It may be disposed while copies are under way: it then waits for the streams they were started on.
/// </summary>
public sealed unsafe class PinnedMemory : CudaHandle
{
    private readonly Lock _lock = new();
    private readonly List<CudaStream> _users = [];

    /// <summary>Allocates page-locked memory.</summary>
    /// <param name="context">Whose device copies from and to it.</param>
    /// <param name="bytes">How much; at least one.</param>
    public PinnedMemory(CudaContext context, long bytes)
        : base(context)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        Bytes = bytes;
        Enter();
        void* pointer;
        var result = DriverApi.cuMemHostAlloc(&pointer, (nuint)bytes, 0);
        if (result != CUresult.Success)
        {
            throw context.Failed(result, $"allocating {bytes:N0} bytes of page-locked host memory");
        }

        SetHandle((nint)pointer);
    }

    /// <summary>Its size.</summary>
    public long Bytes { get; }

    /// <summary>Where it begins.</summary>
    internal void* Address
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return (void*)handle;
        }
    }

    /// <summary>
    /// The memory as elements of a type. Not to be used after this is disposed, nor read before the stream that copies to it was waited for.
    /// </summary>
    public Span<T> Span<T>()
        where T : unmanaged => new(Address, checked((int)(Bytes / sizeof(T))));

    internal void UsedBy(CudaStream stream)
    {
        lock (_lock)
        {
            if (!_users.Contains(stream))
            {
                _users.Add(stream);
            }
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !IsClosed)
        {
            WaitForUsers();
        }

        base.Dispose(disposing);
    }

    private protected override void Release()
    {
        _ = DriverApi.cuMemFreeHost((void*)handle);
    }

    private void WaitForUsers()
    {
        lock (_lock)
        {
            foreach (var stream in _users)
            {
                stream.WaitQuietly();
            }

            _users.Clear();
        }
    }
}
