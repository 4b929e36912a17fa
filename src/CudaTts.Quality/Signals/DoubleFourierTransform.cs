using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CudaTts.Quality.Signals;

/// <summary>
/// Discrete Fourier transform of a power-of-two length over separate real and imaginary parts, in float64. Stockham's self-sorting form (Swarztrauber
/// 1984) in radix 4; the library's own transform (<c>CudaTts.Audio.FourierTransform</c>) is float32, which is too coarse to repeat published scores.
/// Holds its working memory: one object a thread.
/// </summary>
internal sealed unsafe class DoubleFourierTransform
{
    private const int Lanes = 4;
    private const int ShortestLength = 16;
    private readonly double[][] _twiddles;
    private readonly double[] _workRe;
    private readonly double[] _workIm;

    /// <summary>Prepares the factors of one length.</summary>
    /// <param name="length">A power of two, 16 or more.</param>
    public DoubleFourierTransform(int length)
    {
        if (!BitOperations.IsPow2(length) || length < ShortestLength)
        {
            throw new ArgumentOutOfRangeException(nameof(length), length, $"Expected a power of two from {ShortestLength} on.");
        }

        Length = length;
        _workRe = new double[length];
        _workIm = new double[length];
        _twiddles = new double[BitOperations.Log2((uint)length) / 2][];
        for (var pass = 0; pass < _twiddles.Length; pass++)
        {
            _twiddles[pass] = Factors(length >> (2 * pass));
        }
    }

    /// <summary>Number of complex elements.</summary>
    public int Length { get; }

    /// <summary>The smallest power of two that is at least <paramref name="count"/> and can be transformed.</summary>
    public static int LengthFor(int count) => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(count, ShortestLength));

    /// <summary>
    /// X[k] = sum over n of x[n] exp(-2 pi i k n / N), in place. The inverse, times N, is the same call with real and imaginary parts exchanged.
    /// </summary>
    /// <param name="re">Real parts [N].</param>
    /// <param name="im">Imaginary parts [N].</param>
    public void Forward(Span<double> re, Span<double> im)
    {
        if (re.Length < Length || im.Length < Length)
        {
            throw new ArgumentException($"Expected {Length} elements in both parts.");
        }

        fixed (double* pinnedRe = re, pinnedIm = im, workRe = _workRe, workIm = _workIm)
        {
            var from = new Parts(pinnedRe, pinnedIm);
            var to = new Parts(workRe, workIm);
            var remaining = Length;
            for (var pass = 0; pass < _twiddles.Length; pass++, remaining >>= 2)
            {
                fixed (double* factors = _twiddles[pass])
                {
                    if (pass == 0)
                    {
                        FirstPass(factors, from, to, remaining / 4);
                    }
                    else
                    {
                        LaterPass(factors, from, to, remaining / 4, stride: 1 << (2 * pass));
                    }
                }

                (from, to) = (to, from);
            }

            if (remaining == 2)
            {
                RadixTwo(from, to, Length / 2);
                (from, to) = (to, from);
            }

            if (from.Re != pinnedRe)
            {
                _workRe.CopyTo(re);
                _workIm.CopyTo(im);
            }
        }
    }

    /// <summary>x[n] = (1 / N) sum over k of X[k] exp(2 pi i k n / N), in place.</summary>
    /// <param name="re">Real parts [N].</param>
    /// <param name="im">Imaginary parts [N].</param>
    public void Inverse(Span<double> re, Span<double> im)
    {
        Forward(im, re);
        var scale = 1.0 / Length;
        for (var i = 0; i < Length; i++)
        {
            re[i] *= scale;
            im[i] *= scale;
        }
    }

    private static double[] Factors(int length)
    {
        var quarter = length / 4;
        var factors = new double[6 * quarter];
        for (var power = 1; power <= 3; power++)
        {
            for (var i = 0; i < quarter; i++)
            {
                var (sin, cos) = Math.SinCos(-2 * Math.PI * power * i / length);
                factors[(((2 * power) - 2) * quarter) + i] = cos;
                factors[(((2 * power) - 1) * quarter) + i] = sin;
            }
        }

        return factors;
    }

    // Four neighbouring butterflies at once; each leaves its four results side by side, so the four by four block is transposed.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FirstPass(double* factors, Parts from, Parts to, int quarter)
    {
        for (var p = 0; p < quarter; p += Lanes)
        {
            var (a, b, c, d) = Butterfly(from, p, quarter);
            b *= Complex.Load(factors + p, quarter);
            c *= Complex.Load(factors + (2 * quarter) + p, quarter);
            d *= Complex.Load(factors + (4 * quarter) + p, quarter);
            StoreTransposed(a.Re, b.Re, c.Re, d.Re, to.Re + (4 * p));
            StoreTransposed(a.Im, b.Im, c.Im, d.Im, to.Im + (4 * p));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LaterPass(double* factors, Parts from, Parts to, int quarter, int stride)
    {
        for (var p = 0; p < quarter; p++)
        {
            var w1 = Complex.Broadcast(factors[p], factors[quarter + p]);
            var w2 = Complex.Broadcast(factors[(2 * quarter) + p], factors[(3 * quarter) + p]);
            var w3 = Complex.Broadcast(factors[(4 * quarter) + p], factors[(5 * quarter) + p]);
            for (var q = 0; q < stride; q += Lanes)
            {
                var (a, b, c, d) = Butterfly(from, (stride * p) + q, stride * quarter);
                var start = (4 * stride * p) + q;
                a.Store(to, start);
                (b * w1).Store(to, start + stride);
                (c * w2).Store(to, start + (2 * stride));
                (d * w3).Store(to, start + (3 * stride));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RadixTwo(Parts from, Parts to, int half)
    {
        for (var q = 0; q < half; q += Lanes)
        {
            var a = Complex.Load(from, q);
            var b = Complex.Load(from, q + half);
            (a + b).Store(to, q);
            (a - b).Store(to, q + half);
        }
    }

    /// <summary>The length-4 transform of the elements at start, start + step, start + 2 step and start + 3 step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Complex A, Complex B, Complex C, Complex D) Butterfly(Parts from, int start, int step)
    {
        var x0 = Complex.Load(from, start);
        var x1 = Complex.Load(from, start + step);
        var x2 = Complex.Load(from, start + (2 * step));
        var x3 = Complex.Load(from, start + (3 * step));
        var even = x0 + x2;
        var odd = x0 - x2;
        var sum = x1 + x3;
        var turned = (x1 - x3).TimesMinusI();
        return (even + sum, odd + turned, even - sum, odd - turned);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreTransposed(Vector256<double> a, Vector256<double> b, Vector256<double> c, Vector256<double> d, double* to)
    {
        for (var i = 0; i < 2; i++)
        {
            var (ab, cd) = i == 0 ? (Pair(a.GetLower(), b.GetLower()), Pair(c.GetLower(), d.GetLower()))
                : (Pair(a.GetUpper(), b.GetUpper()), Pair(c.GetUpper(), d.GetUpper()));
            ab.First.Store(to + (8 * i));
            cd.First.Store(to + (8 * i) + 2);
            ab.Second.Store(to + (8 * i) + 4);
            cd.Second.Store(to + (8 * i) + 6);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<double> First, Vector128<double> Second) Pair(Vector128<double> x, Vector128<double> y) =>
        (Vector128.Create(x.GetLower(), y.GetLower()), Vector128.Create(x.GetUpper(), y.GetUpper()));

    /// <summary>Where the real and the imaginary parts lie.</summary>
    private readonly struct Parts(double* re, double* im)
    {
        public readonly double* Re = re;
        public readonly double* Im = im;
    }

    /// <summary>Four complex numbers.</summary>
    private readonly struct Complex(Vector256<double> re, Vector256<double> im)
    {
        public readonly Vector256<double> Re = re;
        public readonly Vector256<double> Im = im;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Complex operator +(Complex a, Complex b) => new(a.Re + b.Re, a.Im + b.Im);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Complex operator -(Complex a, Complex b) => new(a.Re - b.Re, a.Im - b.Im);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Complex operator *(Complex a, Complex b) => new((a.Re * b.Re) - (a.Im * b.Im), (a.Re * b.Im) + (a.Im * b.Re));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Complex Load(Parts parts, int start) => new(Vector256.Load(parts.Re + start), Vector256.Load(parts.Im + start));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Complex Load(double* re, int imOffset) => new(Vector256.Load(re), Vector256.Load(re + imOffset));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Complex Broadcast(double re, double im) => new(Vector256.Create(re), Vector256.Create(im));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Complex TimesMinusI() => new(Im, -Re);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Store(Parts parts, int start)
        {
            Re.Store(parts.Re + start);
            Im.Store(parts.Im + start);
        }
    }
}
