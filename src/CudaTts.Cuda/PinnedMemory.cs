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
    /// <param name="isMapped">Whether kernels may use it where it lies; see <see cref="MappedFor"/>.</param>
    public PinnedMemory(CudaContext context, long bytes, bool isMapped = false)
        : base(context)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        Bytes = bytes;
        Enter();
        void* pointer;
        var result = DriverApi.cuMemHostAlloc(
            &pointer, (nuint)bytes, isMapped ? CUmemhostalloc_flags.CU_MEMHOSTALLOC_DEVICEMAP : CUmemhostalloc_flags.None);
        if (result != CUresult.Success)
        {
            throw context.Failed(result, $"allocating {bytes:N0} bytes of page-locked host memory");
        }

        SetHandle((nint)pointer);
    }

    /// <summary>The size in bytes.</summary>
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

    /// <summary>
    /// Where kernels that are started on a stream from now on find mapped memory, which is kept until that stream has been waited for. Both sides may
    /// read and write at once: only whole words of at most 64 bits, by relaxed accesses of system scope there and volatile ones here.
    /// </summary>
    /// <exception cref="CudaException">The memory is not mapped.</exception>
    public CUdeviceptr MappedFor(CudaStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Enter();
        CUdeviceptr address;
        Context.Check(DriverApi.cuMemHostGetDevicePointer_v2(&address, Address, 0), "mapping page-locked host memory for the device");
        stream.Use(this);
        return address;
    }

    internal void UsedBy(CudaStream stream)
    {
        lock (_lock)
        {
            if (!_users.Contains(stream))
            {
                _users.RemoveAll(user => user.IsClosed);
                _users.Add(stream);
            }
        }
    }

    private protected override void Release()
    {
        // By a finaliser too: it may come before that of the streams.
        WaitForUsers();
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
