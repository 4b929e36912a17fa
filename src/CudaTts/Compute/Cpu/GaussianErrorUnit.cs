using System.Runtime.CompilerServices;

namespace CudaTts.Compute.Cpu;

/// <summary>GELU (arXiv:1606.08415): x times the normal distribution's probability of less than x.</summary>
internal static class GaussianErrorUnit<TSimd, TVector>
    where TSimd : IDecoderSimd<TVector>
{
    private const float Compression = 0.36f;

    /// <summary>
    /// The probability of less than -|x| is exp(-x^2 / 2) u P(u), with u = 1 / (1 + 0.36 |x|) and a polynomial P that interpolates at Chebyshev's
    /// nodes of [0, 1] with an error of 1.6e-8; so the tail has as many good digits as the middle. GELU is max(x, 0) - |x| times that.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply(TVector x)
    {
        var size = TSimd.Max(x, TSimd.Multiply(x, TSimd.Create(-1)));
        var one = TSimd.Create(1);
        var u = TSimd.Divide(one, TSimd.MultiplyAdd(size, TSimd.Create(Compression), one));
        var p = TSimd.MultiplyAdd(TSimd.Create(0.0240832579f), u, TSimd.Create(-0.125374385f));
        p = TSimd.MultiplyAdd(p, u, TSimd.Create(0.250161024f));
        p = TSimd.MultiplyAdd(p, u, TSimd.Create(-0.213012576f));
        p = TSimd.MultiplyAdd(p, u, TSimd.Create(0.0502061575f));
        p = TSimd.MultiplyAdd(p, u, TSimd.Create(-0.0286831353f));
        p = TSimd.MultiplyAdd(p, u, TSimd.Create(0.0429523603f));
        p = TSimd.MultiplyAdd(p, u, TSimd.Create(0.0874030657f));
        p = TSimd.MultiplyAdd(p, u, TSimd.Create(0.125026239f));
        p = TSimd.MultiplyAdd(p, u, TSimd.Create(0.143618775f));
        p = TSimd.MultiplyAdd(p, u, TSimd.Create(0.143619223f));
        var density = TSimd.Exp(TSimd.Multiply(TSimd.Multiply(x, x), TSimd.Create(-0.5f)));
        var tail = TSimd.Multiply(TSimd.Multiply(p, u), density);
        return TSimd.MultiplyAdd(TSimd.Multiply(size, TSimd.Create(-1)), tail, TSimd.Max(x, TSimd.Create(0)));
    }
}
