namespace CudaTts.Cuda;

/// <summary>
/// One allocation of a declared size, handed out in segments from its start. Addresses stay, so graphs recorded on them stay good.
/// </summary>
public sealed class CudaArena : IDisposable
{
    // The alignment that cuMemAlloc itself gives, which every vector access is content with.
    private const int Alignment = 256;
    private readonly string _purpose;
    private long _used;

    /// <summary>Allocates the arena.</summary>
    /// <param name="context">The device.</param>
    /// <param name="purpose">What it is for, for messages.</param>
    /// <param name="bytes">The most that will be in use at a time: a sum of <see cref="SizeOf"/>.</param>
    public CudaArena(CudaContext context, string purpose, long bytes)
    {
        _purpose = purpose;
        Memory = new CudaMemory(context, SizeOf(bytes));
    }

    /// <summary>The allocation that owns all segments.</summary>
    public CudaMemory Memory { get; }

    /// <summary>What a segment of <paramref name="bytes"/> takes up: for declaring sizes.</summary>
    public static long SizeOf(long bytes) => checked(bytes + Alignment - 1) / Alignment * Alignment;

    /// <summary>Hands out a segment, its contents undefined.</summary>
    /// <exception cref="CudaException">The declared size is too small: an error in the program.</exception>
    public CUdeviceptr Take(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        var start = Memory.Address;
        if (SizeOf(bytes) > Memory.Bytes - _used)
        {
            throw new CudaException(
                $"the arena for {_purpose} is too small: declared {Memory.Bytes:N0} bytes, {_used:N0} in use, {bytes:N0} more asked for.");
        }

        var address = start + _used;
        _used += SizeOf(bytes);
        return address;
    }

    /// <summary>Frees all segments.</summary>
    public void Dispose() => Memory.Dispose();
}
