using System.Runtime.CompilerServices;

namespace CudaTts.Compute.Cpu;

/// <summary>
/// Winograd's minimal filtering F(4, 3) over time (Lavin and Gray, arXiv:1509.09308, section 4.3, in one dimension): four outputs of a convolution of
/// three taps are sums of six products, each of a sum of inputs and a sum of taps, where the definition has twelve. The sums over the input channels
/// come between, so inputs and outputs are transformed once for all of the other side's channels. Its rounding depends on the place of a
/// step among the four, so only sequences that are computed as a whole take it.
/// </summary>
internal static class WinogradTransform
{
    /// <summary>Outputs side by side that share their products.</summary>
    public const int Outputs = 4;

    /// <summary>Products of one input channel and output channel.</summary>
    public const int Products = 6;

    /// <summary>Taps of the convolution.</summary>
    public const int Taps = 3;

    /// <summary>Which product's sum is added once to every output: there the bias goes.</summary>
    public const int BiasProduct = 1;

    // Both transforms together cost as much as so many channels' products save.
    private const int LeastChannels = 32;

    /// <summary>Whether a convolution gains by it.</summary>
    public static bool Suits(Conv1dSizes sizes) =>
        !sizes.IsTransposed && sizes is { Kernel: Taps, Dilation: 1 } && Math.Min(sizes.InputChannels, sizes.OutputChannels) >= LeastChannels;

    /// <summary>The factors of the six products, for the points 0, 1, -1, 2, -2 and infinity.</summary>
    public static void TransformTaps(ReadOnlySpan<float> taps, Span<float> factors)
    {
        var (first, second, third) = ((double)taps[0], (double)taps[1], (double)taps[2]);
        factors[0] = (float)(first / 4);
        factors[1] = (float)(-(first + second + third) / 6);
        factors[2] = (float)(-(first - second + third) / 6);
        factors[3] = (float)(((first / 4) + (second / 2) + third) / 6);
        factors[4] = (float)(((first / 4) - (second / 2) + third) / 6);
        factors[5] = (float)third;
    }
}

/// <summary>The transforms of inputs and outputs on one kind of vector unit.</summary>
internal static unsafe class WinogradTransform<TSimd, TVector>
    where TSimd : IDecoderSimd<TVector>
{
    /// <summary>
    /// Transforms one channel's steps. Group g reads the steps 4 g to 4 g + 5; the row must have four more steps than all vectors of groups.
    /// </summary>
    /// <param name="row">The steps.</param>
    /// <param name="groups">Groups of four outputs, a multiple of the vector's width.</param>
    /// <param name="panel">Where the first product's inputs go.</param>
    /// <param name="stride">Floats from one product's inputs to the next product's.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransformInputs(float* row, int groups, float* panel, nint stride)
    {
        var (two, four, minus) = (TSimd.Create(2), TSimd.Create(4), TSimd.Create(-1));
        var (minusTwo, minusFour, minusFive) = (TSimd.Create(-2), TSimd.Create(-4), TSimd.Create(-5));
        for (var group = 0; group < groups; group += TSimd.Width)
        {
            var steps = row + (WinogradTransform.Outputs * group);
            var after = steps + WinogradTransform.Outputs;
            var (even, nextEven) = (Even(steps), Even(steps + (2 * TSimd.Width)));
            var (odd, nextOdd) = (Odd(steps), Odd(steps + (2 * TSimd.Width)));
            var (d0, d2) = (TSimd.Even(even, nextEven), TSimd.Odd(even, nextEven));
            var (d1, d3) = (TSimd.Even(odd, nextOdd), TSimd.Odd(odd, nextOdd));
            var d4 = TSimd.Even(Even(after), Even(after + (2 * TSimd.Width)));
            var d5 = TSimd.Even(Odd(after), Odd(after + (2 * TSimd.Width)));

            var to = panel + group;
            TSimd.Store(to, TSimd.MultiplyAdd(four, d0, TSimd.MultiplyAdd(minusFive, d2, d4)));
            var (a, b) = (TSimd.MultiplyAdd(minusFour, d2, d4), TSimd.MultiplyAdd(minusFour, d1, d3));
            TSimd.Store(to + stride, TSimd.Add(a, b));
            TSimd.Store(to + (2 * stride), TSimd.MultiplyAdd(minus, b, a));
            var (c, e) = (TSimd.MultiplyAdd(minus, d2, d4), TSimd.MultiplyAdd(minus, d1, d3));
            TSimd.Store(to + (3 * stride), TSimd.MultiplyAdd(two, e, c));
            TSimd.Store(to + (4 * stride), TSimd.MultiplyAdd(minusTwo, e, c));
            TSimd.Store(to + (5 * stride), TSimd.MultiplyAdd(four, d1, TSimd.MultiplyAdd(minusFive, d3, d5)));
        }
    }

    /// <summary>Makes the four outputs of each group from its six sums.</summary>
    /// <param name="sums">The first product's sums.</param>
    /// <param name="stride">Floats from one product's sums to the next product's.</param>
    /// <param name="groups">Groups of four outputs; those that are left of the last vector come along.</param>
    /// <param name="outputs">Four numbers for each group.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransformOutputs(float* sums, nint stride, int groups, float* outputs)
    {
        var (two, four, eight, minus) = (TSimd.Create(2), TSimd.Create(4), TSimd.Create(8), TSimd.Create(-1));
        for (var group = 0; group < groups; group += TSimd.Width)
        {
            var from = sums + group;
            var (m1, m2) = (TSimd.Load(from + stride), TSimd.Load(from + (2 * stride)));
            var (m3, m4) = (TSimd.Load(from + (3 * stride)), TSimd.Load(from + (4 * stride)));
            var (s, t) = (TSimd.Add(m1, m2), TSimd.MultiplyAdd(minus, m2, m1));
            var (u, v) = (TSimd.Add(m3, m4), TSimd.MultiplyAdd(minus, m4, m3));
            var y0 = TSimd.Add(TSimd.Add(TSimd.Load(from), s), u);
            var y1 = TSimd.MultiplyAdd(two, v, t);
            var y2 = TSimd.MultiplyAdd(four, u, s);
            var y3 = TSimd.Add(TSimd.MultiplyAdd(eight, v, t), TSimd.Load(from + (5 * stride)));
            var (even, odd) = (TSimd.Lower(y0, y2), TSimd.Lower(y1, y3));
            var to = outputs + (WinogradTransform.Outputs * group);
            TSimd.Store(to, TSimd.Lower(even, odd));
            TSimd.Store(to + TSimd.Width, TSimd.Upper(even, odd));
            (even, odd) = (TSimd.Upper(y0, y2), TSimd.Upper(y1, y3));
            TSimd.Store(to + (2 * TSimd.Width), TSimd.Lower(even, odd));
            TSimd.Store(to + (3 * TSimd.Width), TSimd.Upper(even, odd));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Even(float* steps) => TSimd.Even(TSimd.Load(steps), TSimd.Load(steps + TSimd.Width));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Odd(float* steps) => TSimd.Odd(TSimd.Load(steps), TSimd.Load(steps + TSimd.Width));
}
