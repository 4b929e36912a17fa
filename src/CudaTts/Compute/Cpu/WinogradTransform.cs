using System.Runtime.CompilerServices;

namespace CudaTts.Compute.Cpu;

/// <summary>
/// The transforms of <see cref="WinogradFilter"/> on one kind of vector unit. Steps come in the order of <see cref="PhaseOrder"/>: a column is a
/// group of four outputs, and its inputs 0 to 3 are the column of the four phases, its inputs 4 to 7 the column one group on.
/// </summary>
internal static unsafe class WinogradTransform<TSimd, TVector>
    where TSimd : IDecoderSimd<TVector>
{
    private const float Point = WinogradFilter.ExtraPoint;

    /// <summary>Transforms the inputs of one channel.</summary>
    /// <param name="phases">The first phase's columns.</param>
    /// <param name="phaseStride">Floats from one phase's columns to the next phase's.</param>
    /// <param name="group">Columns from a group to the next: the dilation.</param>
    /// <param name="panel">Where the first product's inputs go.</param>
    /// <param name="stride">Floats from one product's inputs to the next product's.</param>
    /// <param name="columns">Columns, a multiple of the vector's width.</param>
    /// <param name="products">Products of the filter.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransformInputs(float* phases, nint phaseStride, nint group, float* panel, nint stride, int columns, int products)
    {
        var (plus, squared) = (TSimd.Create(Point), TSimd.Create(-Point * Point));
        var (minusFive, four, minus) = (TSimd.Create(-5), TSimd.Create(4), TSimd.Create(-Point));
        for (var column = 0; column < columns; column += TSimd.Width, phases += TSimd.Width, panel += TSimd.Width)
        {
            var (d0, d1) = (TSimd.Load(phases), TSimd.Load(phases + phaseStride));
            var (d2, d3) = (TSimd.Load(phases + (2 * phaseStride)), TSimd.Load(phases + (3 * phaseStride)));
            var next = phases + group;
            var (d4, d5) = (TSimd.Load(next), TSimd.Load(next + phaseStride));
            if (products == 6)
            {
                FinitePoints(d0, d1, d2, d3, d4, d5, panel, stride);
                continue;
            }

            // A factor x - 1/2, or x^2 - 1/4, of the polynomials of the other points is a difference of the inputs that these see.
            var d6 = TSimd.Load(next + (2 * phaseStride));
            var low = TSimd.MultiplyAdd(four, d1, TSimd.MultiplyAdd(minusFive, d3, d5));
            if (products == 7)
            {
                FinitePoints(
                    TSimd.MultiplyAdd(minus, d0, d1), TSimd.MultiplyAdd(minus, d1, d2), TSimd.MultiplyAdd(minus, d2, d3),
                    TSimd.MultiplyAdd(minus, d3, d4), TSimd.MultiplyAdd(minus, d4, d5), TSimd.MultiplyAdd(minus, d5, d6), panel, stride);
                TSimd.Store(panel + (6 * stride), low);
                continue;
            }

            var d7 = TSimd.Load(next + (3 * phaseStride));
            FinitePoints(
                TSimd.MultiplyAdd(squared, d0, d2), TSimd.MultiplyAdd(squared, d1, d3), TSimd.MultiplyAdd(squared, d2, d4),
                TSimd.MultiplyAdd(squared, d3, d5), TSimd.MultiplyAdd(squared, d4, d6), TSimd.MultiplyAdd(squared, d5, d7), panel, stride);
            var high = TSimd.MultiplyAdd(four, d2, TSimd.MultiplyAdd(minusFive, d4, d6));
            TSimd.Store(panel + (6 * stride), TSimd.MultiplyAdd(plus, low, high));
            TSimd.Store(panel + (7 * stride), TSimd.MultiplyAdd(minus, low, high));
        }
    }

    /// <summary>Makes the four outputs of each column from its sums of products.</summary>
    /// <param name="sums">The first product's sums.</param>
    /// <param name="stride">Floats from one product's sums to the next product's.</param>
    /// <param name="products">Products of the filter.</param>
    /// <param name="columns">Columns; those that are left of the last vector come along.</param>
    /// <param name="phases">Where the first output of each column goes.</param>
    /// <param name="phaseStride">Floats from one phase to the next.</param>
    /// <param name="accumulate">Whether to add to what the phases hold.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransformOutputs(
        float* sums, nint stride, int products, int columns, float* phases, nint phaseStride, bool accumulate)
    {
        var (two, four, eight, minus) = (TSimd.Create(2), TSimd.Create(4), TSimd.Create(8), TSimd.Create(-1));
        var (point, squared, cubed) = (TSimd.Create(Point), TSimd.Create(Point * Point), TSimd.Create(Point * Point * Point));
        for (var column = 0; column < columns; column += TSimd.Width)
        {
            var from = sums + column;
            var (m1, m2) = (TSimd.Load(from + stride), TSimd.Load(from + (2 * stride)));
            var (m3, m4) = (TSimd.Load(from + (3 * stride)), TSimd.Load(from + (4 * stride)));
            var (s, t) = (TSimd.Add(m1, m2), TSimd.MultiplyAdd(minus, m2, m1));
            var (u, v) = (TSimd.Add(m3, m4), TSimd.MultiplyAdd(minus, m4, m3));
            var y0 = TSimd.Add(TSimd.Add(TSimd.Load(from), s), u);
            var y1 = TSimd.MultiplyAdd(two, v, t);
            var y2 = TSimd.MultiplyAdd(four, u, s);
            var y3 = TSimd.Add(TSimd.MultiplyAdd(eight, v, t), TSimd.Load(from + (5 * stride)));
            if (products > 6)
            {
                var even = TSimd.Load(from + (6 * stride));
                var odd = even;
                if (products > 7)
                {
                    var other = TSimd.Load(from + (7 * stride));
                    (even, odd) = (TSimd.Add(even, other), TSimd.MultiplyAdd(minus, other, even));
                }

                y0 = TSimd.Add(even, y0);
                y1 = TSimd.MultiplyAdd(point, odd, y1);
                y2 = TSimd.MultiplyAdd(squared, even, y2);
                y3 = TSimd.MultiplyAdd(cubed, odd, y3);
            }

            Store(phases + column, y0, accumulate);
            Store(phases + phaseStride + column, y1, accumulate);
            Store(phases + (2 * phaseStride) + column, y2, accumulate);
            Store(phases + (3 * phaseStride) + column, y3, accumulate);
        }
    }

    /// <summary>The sums for the points 0, 1, -1, 2, -2 and infinity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FinitePoints(TVector e0, TVector e1, TVector e2, TVector e3, TVector e4, TVector e5, float* to, nint stride)
    {
        var (two, four, minus) = (TSimd.Create(2), TSimd.Create(4), TSimd.Create(-1));
        var (minusTwo, minusFour, minusFive) = (TSimd.Create(-2), TSimd.Create(-4), TSimd.Create(-5));
        TSimd.Store(to, TSimd.MultiplyAdd(four, e0, TSimd.MultiplyAdd(minusFive, e2, e4)));
        var (a, b) = (TSimd.MultiplyAdd(minusFour, e2, e4), TSimd.MultiplyAdd(minusFour, e1, e3));
        TSimd.Store(to + stride, TSimd.Add(a, b));
        TSimd.Store(to + (2 * stride), TSimd.MultiplyAdd(minus, b, a));
        var (c, d) = (TSimd.MultiplyAdd(minus, e2, e4), TSimd.MultiplyAdd(minus, e1, e3));
        TSimd.Store(to + (3 * stride), TSimd.MultiplyAdd(two, d, c));
        TSimd.Store(to + (4 * stride), TSimd.MultiplyAdd(minusTwo, d, c));
        TSimd.Store(to + (5 * stride), TSimd.MultiplyAdd(four, e1, TSimd.MultiplyAdd(minusFive, e3, e5)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* to, TVector value, bool accumulate) => TSimd.Store(to, accumulate ? TSimd.Add(TSimd.Load(to), value) : value);
}
