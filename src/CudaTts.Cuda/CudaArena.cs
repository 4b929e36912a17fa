namespace CudaTts.Cuda;

/// <summary>
/// One allocation of a declared size, handed out in blocks from its start; what was handed out after a mark is taken back at once. After
/// <see cref="Rewind"/> the same requests give the same addresses, so graphs recorded on them stay good.
/// </summary>
public sealed class CudaArena : IDisposable
{
    // The alignment that cuMemAlloc itself gives, which every vector access is content with.
    private const int Alignment = 256;
    private readonly string _purpose;

    /// <summary>Allocates the arena.</summary>
    /// <param name="context">The device.</param>
    /// <param name="purpose">What it is for, for messages.</param>
    /// <param name="bytes">The most that will be in use at a time: a sum of <see cref="SizeOf"/>.</param>
    public CudaArena(CudaContext context, string purpose, long bytes)
    {
        _purpose = purpose;
        Memory = new CudaMemory(context, SizeOf(bytes));
    }

    /// <summary>The allocation that owns all blocks.</summary>
    public CudaMemory Memory { get; }

    /// <summary>Bytes handed out: a mark for <see cref="Rewind"/>.</summary>
    public long Used { get; private set; }

    /// <summary>The most bytes that were ever handed out at a time: what would have sufficed.</summary>
    public long Peak { get; private set; }

    /// <summary>What a block of <paramref name="bytes"/> takes up: for declaring sizes.</summary>
    public static long SizeOf(long bytes) => checked(bytes + Alignment - 1) / Alignment * Alignment;

    /// <summary>Hands out a block, its contents undefined.</summary>
    /// <exception cref="CudaException">The declared size is too small: an error in the program.</exception>
    public CUdeviceptr Take(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        var start = Memory.Address;
        if (SizeOf(bytes) > Memory.Bytes - Used)
        {
            throw new CudaException($"the arena for {_purpose} is too small: declared {Memory.Bytes:N0} bytes, {Used:N0} in use, {bytes:N0} more asked for.");
        }

        var address = start + Used;
        Used += SizeOf(bytes);
        Peak = Math.Max(Peak, Used);
        return address;
    }

    /// <summary>
    /// Takes back everything handed out since <see cref="Used"/> was <paramref name="mark"/>. Work that still uses it is not waited for: hand it out
    /// again to work on the same stream.
    /// </summary>
    public void Rewind(long mark)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(mark);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(mark, Used);
        if (mark != SizeOf(mark))
        {
            throw new ArgumentException($"The arena for {_purpose} was never at {mark}.", nameof(mark));
        }

        Used = mark;
    }

    /// <summary>Frees all blocks.</summary>
    public void Dispose() => Memory.Dispose();
}
