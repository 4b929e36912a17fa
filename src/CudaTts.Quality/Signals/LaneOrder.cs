using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CudaTts.Quality.Signals;

/// <summary>Orders of the four elements of vectors, by operations that every processor's compiler makes one or two instructions of.</summary>
internal static unsafe class LaneOrder
{
    /// <summary>Elements of a vector.</summary>
    public const int Lanes = 4;

    /// <summary>The elements x0 y0 x2 y2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Even(Vector256<double> x, Vector256<double> y) => Vector256.ConditionalSelect(
        Vector256.Create(-1L, 0, -1, 0).AsDouble(), x, Vector256.Shuffle(y, Vector256.Create(1L, 0, 3, 2)));

    /// <summary>The elements x1 y1 x3 y3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Odd(Vector256<double> x, Vector256<double> y) => Vector256.ConditionalSelect(
        Vector256.Create(-1L, 0, -1, 0).AsDouble(), Vector256.Shuffle(x, Vector256.Create(1L, 0, 3, 2)), y);

    /// <summary>The four elements that end with the one at an address, last to first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Reverse(double* last) => Vector256.Shuffle(Vector256.Load(last - 3), Vector256.Create(3L, 2, 1, 0));

    /// <summary>Stores four elements last to first, so that the first is at an address and the others before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreReversed(Vector256<double> x, double* last) => Vector256.Shuffle(x, Vector256.Create(3L, 2, 1, 0)).Store(last - 3);
}
