using System.Runtime.CompilerServices;

namespace CudaTts.Compute.Cpu;

/// <summary>Loads and stores of the vectors at the end of a row, which may have fewer numbers than a vector.</summary>
internal static unsafe class PartialVector<TSimd, TVector>
    where TSimd : ISimd<TVector>
{
    /// <summary>The first <paramref name="count"/> numbers, or as many as a vector has; the others are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load(float* source, int count) => count >= TSimd.Width ? TSimd.Load(source) : LoadPart(source, count);

    /// <summary>Stores the first <paramref name="count"/> numbers, or as many as a vector has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* destination, TVector value, int count)
    {
        if (count >= TSimd.Width)
        {
            TSimd.Store(destination, value);
        }
        else
        {
            StorePart(destination, value, count);
        }
    }

    private static TVector LoadPart(float* source, int count)
    {
        var padded = stackalloc float[Simd512.Width];
        new Span<float>(padded, Simd512.Width).Clear();
        new Span<float>(source, count).CopyTo(new Span<float>(padded, count));
        return TSimd.Load(padded);
    }

    private static void StorePart(float* destination, TVector value, int count)
    {
        var padded = stackalloc float[Simd512.Width];
        TSimd.Store(padded, value);
        new Span<float>(padded, count).CopyTo(new Span<float>(destination, count));
    }
}
