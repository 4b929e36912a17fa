using System.Collections.Concurrent;
using System.Numerics;
using CudaTts.Cuda;

namespace CudaTts.Compute.Cuda;

/// <summary>
/// Device memory that is kept and lent again, to whoever gives it back. The driver's allocation and release wait for the
/// whole device; taking a block from here, or its coming back, calls the driver for nothing. All work on it is queued on
/// one stream, so who borrows a block next runs after the last one's work without waiting for it here. Work of another
/// stream on it must be waited for by that stream before the block can come back, as <c>CudaDecoderInputs</c> does.
/// </summary>
/// <remarks>
/// Not <c>cuMemAllocAsync</c>: there a release is a call on a stream, which another thread may be recording at that time; and vGPUs may lack it.
/// </remarks>
internal sealed class DeviceMemoryPool : IDisposable
{
    // Four sizes an octave from 256 bytes on, so that few blocks serve all and
    // at most a fifth of one is idle; what is larger than 64 MiB is not kept.
    private const int SmallestShift = 8;
    private const int SizesOfOctave = 4;
    private const long LargestKept = 64L << 20;
    private readonly CudaContext _context;
    private readonly ConcurrentDictionary<long, ConcurrentBag<CudaMemory>> _idle = [];

    // Those that are idle and those that are lent.
    private readonly ConcurrentDictionary<CudaMemory, bool> _all = [];
    private long _lentBytes;
    private volatile bool _isClosed;

    public DeviceMemoryPool(CudaContext context)
    {
        _context = context;

        // The emulated device finds an access beyond an allocation, or to one that was given back, or a read of what nobody wrote: there every loan
        // is an allocation of its own.
        Keeps = !context.IsEmulated;
        context.MemoryIsShort += Trim;
    }

    /// <summary>Whether blocks are kept; otherwise all are of exactly the size that was asked for and freed when they come back.</summary>
    public bool Keeps { get; set; }

    /// <summary>Bytes of blocks that are not lent.</summary>
    public long IdleBytes => _idle.Values.SelectMany(blocks => blocks).Sum(block => block.Bytes);

    /// <summary>Bytes of blocks that are lent.</summary>
    public long LentBytes => Interlocked.Read(ref _lentBytes);

    /// <summary>Bytes of the block that serves a request of so many.</summary>
    public static long SizeFor(long bytes)
    {
        if (bytes <= 1 << SmallestShift)
        {
            return 1 << SmallestShift;
        }

        var step = (1L << BitOperations.Log2((ulong)(bytes - 1))) / SizesOfOctave;
        return (bytes + step - 1) / step * step;
    }

    /// <summary>Lends at least <paramref name="bytes"/>, contents undefined, until the loan is disposed: once, by its only owner.</summary>
    public Loan Borrow(long bytes)
    {
        var isKept = Keeps && bytes <= LargestKept;
        if (!isKept || !_idle.GetOrAdd(SizeFor(bytes), static _ => []).TryTake(out var memory))
        {
            memory = new CudaMemory(_context, isKept ? SizeFor(bytes) : bytes);
            _all.TryAdd(memory, true);
        }

        Interlocked.Add(ref _lentBytes, memory.Bytes);
        return new Loan(this, memory, isKept);
    }

    /// <summary>Frees what is not lent.</summary>
    public void Trim()
    {
        foreach (var blocks in _idle.Values)
        {
            while (blocks.TryTake(out var memory))
            {
                Free(memory);
            }
        }
    }

    /// <summary>Frees everything, what is lent too.</summary>
    public void Dispose()
    {
        _isClosed = true;
        _context.MemoryIsShort -= Trim;
        foreach (var memory in _all.Keys)
        {
            Free(memory);
        }
    }

    private void Return(CudaMemory memory, bool isKept)
    {
        Interlocked.Add(ref _lentBytes, -memory.Bytes);
        if (isKept && !_isClosed)
        {
            _idle.GetOrAdd(memory.Bytes, static _ => []).Add(memory);
        }
        else
        {
            Free(memory);
        }
    }

    private void Free(CudaMemory memory)
    {
        _all.TryRemove(memory, out _);
        memory.Dispose();
    }

    /// <summary>A block on loan.</summary>
    internal readonly struct Loan(DeviceMemoryPool pool, CudaMemory memory, bool isKept) : IDisposable
    {
        /// <summary>Where it begins.</summary>
        public CUdeviceptr Address => memory.Address;

        /// <summary>Its size, at least what was asked for.</summary>
        public long Bytes => memory.Bytes;

        /// <summary>Gives it back.</summary>
        public void Dispose() => pool.Return(memory, isKept);
    }
}
