using System.Collections.Concurrent;
using System.Numerics;
using CudaTts.Cuda;

namespace CudaTts.Compute.Cuda;

/// <summary>
/// Device memory that one operation needs for itself. It is kept and lent again, as the driver's allocation waits for the whole device. All work is on
/// one stream, so the next to borrow a piece runs after the last one's work without waiting for it here.
/// </summary>
internal sealed class ScratchMemory(CudaContext context) : IDisposable
{
    // Sizes are powers of two from 256 bytes on, so that few pieces serve all; what is larger than 64 MiB is not kept.
    private const int SmallestShift = 8;
    private const int LargestShift = 26;
    private readonly ConcurrentBag<CudaMemory>[] _kept = [.. Enumerable.Range(SmallestShift, LargestShift - SmallestShift + 1).Select(_ => new ConcurrentBag<CudaMemory>())];

    /// <summary>Lends at least <paramref name="bytes"/>, contents undefined, until the piece is disposed.</summary>
    public Piece Borrow(long bytes)
    {
        var shift = Math.Max(SmallestShift, BitOperations.Log2((ulong)Math.Max(1, bytes - 1)) + 1);
        if (shift > LargestShift)
        {
            return new Piece(new CudaMemory(context, bytes), home: null);
        }

        var home = _kept[shift - SmallestShift];
        return new Piece(home.TryTake(out var memory) ? memory : new CudaMemory(context, 1L << shift), home);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var memory in _kept.SelectMany(pieces => pieces))
        {
            memory.Dispose();
        }
    }

    /// <summary>A piece on loan.</summary>
    internal readonly struct Piece(CudaMemory memory, ConcurrentBag<CudaMemory>? home) : IDisposable
    {
        /// <summary>Where it begins.</summary>
        public CUdeviceptr Address => memory.Address;

        /// <summary>Gives it back.</summary>
        public void Dispose()
        {
            if (home is null)
            {
                memory.Dispose();
            }
            else
            {
                home.Add(memory);
            }
        }
    }
}
