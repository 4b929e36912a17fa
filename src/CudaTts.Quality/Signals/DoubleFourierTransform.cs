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

    // Of radix 4, and one more of radix 2 where the length is no power of four.
    private readonly int _passes;
    private readonly double[][] _twiddles;
    private readonly double[] _workRe;
    private readonly double[] _workIm;

    /// <summary>Prepares the factors of one length.</summary>
    /// <param name="length">A power of two, 16 or more.</param>
    public DoubleFourierTransform(int length)
        : this(length, null)
    {
    }

    /// <summary>Prepares the factors of one length from roots that are there already.</summary>
    /// <param name="length">A power of two, 16 or more.</param>
    /// <param name="roots">Roots of unity of an order that is a multiple of the length; null makes them.</param>
    internal DoubleFourierTransform(int length, UnitRoots? roots)
    {
        if (!BitOperations.IsPow2(length) || length < ShortestLength)
        {
            throw new ArgumentOutOfRangeException(nameof(length), length, $"Expected a power of two from {ShortestLength} on.");
        }

        Length = length;
        _workRe = new double[length];
        _workIm = new double[length];
        roots ??= new UnitRoots(length);
        var doublings = BitOperations.Log2((uint)length);
        _passes = (doublings + 1) / 2;
        _twiddles = new double[doublings / 2][];
        for (var pass = 0; pass < _twiddles.Length; pass++)
        {
            _twiddles[pass] = Factors(length >> (2 * pass), roots, isPlanar: pass == 0);
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
        if (_passes % 2 == 0)
        {
            Forward(re, im, re, im);
            return;
        }

        // The first of an odd number of passes writes where the result is to be.
        re[..Length].CopyTo(_workRe);
        im[..Length].CopyTo(_workIm);
        Forward(_workRe, _workIm, re, im);
    }

    /// <summary>X[k] = sum over n of x[n] exp(-2 pi i k n / N), from one place to another; in place only through the other call.</summary>
    /// <param name="re">Real parts [N] of x.</param>
    /// <param name="im">Imaginary parts [N] of x.</param>
    /// <param name="toRe">Receives the real parts [N] of X.</param>
    /// <param name="toIm">Receives the imaginary parts [N] of X.</param>
    public void Forward(ReadOnlySpan<double> re, ReadOnlySpan<double> im, Span<double> toRe, Span<double> toIm)
    {
        if (re.Length < Length || im.Length < Length || toRe.Length < Length || toIm.Length < Length)
        {
            throw new ArgumentException($"Expected {Length} elements in every part.");
        }

        fixed (double* fromRe = re, fromIm = im, pinnedRe = toRe, pinnedIm = toIm, workRe = _workRe, workIm = _workIm)
        {
            var from = new Parts(fromRe, fromIm);
            for (var pass = 0; pass < _passes; pass++)
            {
                var to = (_passes - pass) % 2 == 1 ? new Parts(pinnedRe, pinnedIm) : new Parts(workRe, workIm);
                Pass(pass, from, to);
                from = to;
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

    private void Pass(int pass, Parts from, Parts to)
    {
        if (pass == _twiddles.Length)
        {
            RadixTwo(from, to, Length / 2);
            return;
        }

        fixed (double* factors = _twiddles[pass])
        {
            if (pass == 0)
            {
                FirstPass(factors, from, to, Length / 4);
            }
            else
            {
                LaterPass(factors, from, to, Length >> (2 * (pass + 1)), stride: 1 << (2 * pass));
            }
        }
    }

    /// <summary>
    /// The factors exp(-2 pi i r p / length) of r = 1, 2, 3. The first pass takes four neighbouring p at once, so there each part of each power lies
    /// by itself; later passes take one p, whose six numbers lie side by side.
    /// </summary>
    private static double[] Factors(int length, UnitRoots roots, bool isPlanar)
    {
        var quarter = length / 4;
        var factors = new double[6 * quarter];
        for (var power = 1; power <= 3; power++)
        {
            for (var p = 0; p < quarter; p++)
            {
                var at = isPlanar ? (2 * (power - 1) * quarter) + p : (6 * p) + (2 * (power - 1));
                (factors[at], factors[at + (isPlanar ? quarter : 1)]) = roots[power * p * (roots.Order / length)];
            }
        }

        return factors;
    }

    // Four neighbouring butterflies at once; each leaves its four results side by side, so the four by four block is transposed.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void FirstPass(double* factors, Parts from, Parts to, nint quarter)
    {
        for (nint p = 0; p < quarter; p += Lanes)
        {
            var (a, b, c, d) = Butterfly(from + p, quarter);
            b *= Complex.Load(new Parts(factors + p, factors + p + quarter));
            c *= Complex.Load(new Parts(factors + p + (2 * quarter), factors + p + (3 * quarter)));
            d *= Complex.Load(new Parts(factors + p + (4 * quarter), factors + p + (5 * quarter)));
            StoreTransposed(a.Re, b.Re, c.Re, d.Re, to.Re + (4 * p));
            StoreTransposed(a.Im, b.Im, c.Im, d.Im, to.Im + (4 * p));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void LaterPass(double* factors, Parts from, Parts to, nint quarter, nint stride)
    {
        for (nint p = 0; p < quarter; p++)
        {
            var w1 = Complex.Broadcast(factors[0], factors[1]);
            var w2 = Complex.Broadcast(factors[2], factors[3]);
            var w3 = Complex.Broadcast(factors[4], factors[5]);
            for (nint q = 0; q < stride; q += Lanes)
            {
                var (a, b, c, d) = Butterfly(from + q, stride * quarter);
                a.Store(to + q);
                (b * w1).Store(to + (q + stride));
                (c * w2).Store(to + (q + (2 * stride)));
                (d * w3).Store(to + (q + (3 * stride)));
            }

            factors += 6;
            from += stride;
            to += 4 * stride;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void RadixTwo(Parts from, Parts to, nint half)
    {
        for (nint q = 0; q < half; q += Lanes)
        {
            var a = Complex.Load(from + q);
            var b = Complex.Load(from + (q + half));
            (a + b).Store(to + q);
            (a - b).Store(to + (q + half));
        }
    }

    /// <summary>The length-4 transform of the elements at 0, step, 2 step and 3 step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Complex A, Complex B, Complex C, Complex D) Butterfly(Parts from, nint step)
    {
        var x0 = Complex.Load(from);
        var x1 = Complex.Load(from + step);
        var x2 = Complex.Load(from + (2 * step));
        var x3 = Complex.Load(from + (3 * step));
        var even = x0 + x2;
        var odd = x0 - x2;
        var sum = x1 + x3;
        var turned = x1 - x3;
        return (even + sum, odd.MinusITimes(turned), even - sum, odd.PlusITimes(turned));
    }

    /// <summary>Stores a0 b0 c0 d0, a1 b1 c1 d1 and so on: exchanges single elements within pairs, then pairs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreTransposed(Vector256<double> a, Vector256<double> b, Vector256<double> c, Vector256<double> d, double* to)
    {
        var (evenAb, oddAb) = (LaneOrder.Even(a, b), LaneOrder.Odd(a, b));
        var (evenCd, oddCd) = (LaneOrder.Even(c, d), LaneOrder.Odd(c, d));
        Vector256.Create(evenAb.GetLower(), evenCd.GetLower()).Store(to);
        Vector256.Create(oddAb.GetLower(), oddCd.GetLower()).Store(to + 4);
        Vector256.Create(evenAb.GetUpper(), evenCd.GetUpper()).Store(to + 8);
        Vector256.Create(oddAb.GetUpper(), oddCd.GetUpper()).Store(to + 12);
    }

    /// <summary>Where the real and the imaginary parts lie.</summary>
    private readonly struct Parts
    {
        public readonly double* Re;

        // From the real to the imaginary part of the same element; as a distance it needs no addition of its own where elements are addressed.
        private readonly nint _distance;

        public Parts(double* re, double* im)
            : this(re, (nint)im - (nint)re)
        {
        }

        private Parts(double* re, nint distance)
        {
            Re = re;
            _distance = distance;
        }

        public double* Im => (double*)((nint)Re + _distance);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Parts operator +(Parts parts, nint offset) => new(parts.Re + offset, parts._distance);
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
        public static Complex Load(Parts parts) => new(Vector256.Load(parts.Re), Vector256.Load(parts.Im));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Complex Broadcast(double re, double im) => new(Vector256.Create(re), Vector256.Create(im));

        /// <summary>This - i x.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Complex MinusITimes(Complex x) => new(Re + x.Im, Im - x.Re);

        /// <summary>This + i x.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Complex PlusITimes(Complex x) => new(Re - x.Im, Im + x.Re);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Store(Parts parts)
        {
            Re.Store(parts.Re);
            Im.Store(parts.Im);
        }
    }
}
