using System.Runtime.CompilerServices;

namespace CudaTts.Compute.Cpu;

/// <summary>
/// tanh(a) * sigmoid(s), the activation of WaveNet layers, within 3 units in the last place, with two exponentials and one division.
/// </summary>
internal static class GatedActivation<TSimd, TVector>
    where TSimd : IDecoderSimd<TVector>
{
    // Beyond it tanh is -1 in float32; so exp(-2a) stays finite and never meets an infinite numerator.
    private const float LowestA = -15;

    /// <summary>
    /// With e = exp(-2a) and f = exp(-s): (1 - e) / ((1 + e)(1 + f)); for |a| &lt; 0.625, where 1 - e would cancel, the numerator is
    /// tanh(a) (1 + e) with Cephes' polynomial (tanhf.c).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Gate(TVector a, TVector s)
    {
        var one = TSimd.Create(1);
        var minus = TSimd.Create(-1);
        a = TSimd.Max(TSimd.Create(LowestA), a);
        var e = Exp(TSimd.Multiply(a, TSimd.Create(-2)));
        var f = Exp(TSimd.Multiply(s, minus));
        var sum = TSimd.Add(one, e);
        var square = TSimd.Multiply(a, a);
        var p = TSimd.MultiplyAdd(TSimd.Create(-5.70498872745e-3f), square, TSimd.Create(2.06390887954e-2f));
        p = TSimd.MultiplyAdd(p, square, TSimd.Create(-5.37397155531e-2f));
        p = TSimd.MultiplyAdd(p, square, TSimd.Create(1.33314422036e-1f));
        p = TSimd.MultiplyAdd(p, square, TSimd.Create(-3.33332819422e-1f));
        var near = TSimd.Multiply(TSimd.MultiplyAdd(TSimd.Multiply(p, square), a, a), sum);
        var numerator = TSimd.SelectByMagnitude(a, 0.625f, near, TSimd.MultiplyAdd(e, minus, one));
        return TSimd.Divide(numerator, TSimd.MultiplyAdd(sum, f, sum));
    }

    /// <summary>
    /// exp(x) as 2^n exp(r), n = round(x / ln 2), with Cephes' polynomial for |r| &lt; ln(2) / 2 (expf.c). The exponents that float32 cannot express
    /// are clamped to its largest and smallest normal power.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector Exp(TVector x)
    {
        // Minus the smaller of -x and 88.37 is the larger bound; ISimd has no minimum. The bounds come first, because then x stays what is no number.
        var minus = TSimd.Create(-1);
        x = TSimd.Multiply(TSimd.Max(TSimd.Create(-88.37f), TSimd.Multiply(x, minus)), minus);
        x = TSimd.Max(TSimd.Create(-87.33f), x);
        var magic = TSimd.Create(12582912f);
        var shifted = TSimd.MultiplyAdd(x, TSimd.Create(1.44269504088896341f), magic);
        var n = TSimd.MultiplyAdd(magic, minus, shifted);
        var r = TSimd.MultiplyAdd(n, TSimd.Create(-0.693359375f), x);
        r = TSimd.MultiplyAdd(n, TSimd.Create(2.12194440e-4f), r);
        var p = TSimd.MultiplyAdd(TSimd.Create(1.9875691500e-4f), r, TSimd.Create(1.3981999507e-3f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Create(8.3334519073e-3f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Create(4.1665795894e-2f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Create(1.6666665459e-1f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Create(5.0000001201e-1f));
        p = TSimd.MultiplyAdd(p, TSimd.Multiply(r, r), TSimd.Add(r, TSimd.Create(1)));
        return TSimd.Multiply(p, TSimd.PowerOfTwo(shifted));
    }
}
