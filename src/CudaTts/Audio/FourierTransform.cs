using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CudaTts.Audio;

/// <summary>
/// Discrete Fourier transform of a power-of-two length over separate real and imaginary parts, in float32.
/// Stockham's self-sorting form (Swarztrauber 1984) in radix 4, so that no bit reversal is needed and all but the first store are whole vectors.
/// </summary>
/// <remarks>
/// The loops here and in the code that uses it are marked AggressiveOptimization: one utterance runs them long before tiered compilation would
/// replace its first, unoptimised version, which made the first call five times slower.
/// </remarks>
internal sealed unsafe class FourierTransform
{
    /// <summary>Shortest length: below it a pass would not fill one vector.</summary>
    public const int ShortestLength = 32;

    /// <summary>Longest length that is accepted.</summary>
    public const int LongestLength = 1 << 16;

    private const int Lanes = 8;

    /// <summary>Factors w, w^2 and w^3 of each radix-4 pass, each as real parts followed by imaginary parts.</summary>
    private readonly float[][] _twiddles;

    /// <summary>Prepares the factors of one length; they are computed in float64 and rounded once.</summary>
    public FourierTransform(int length)
    {
        if (!IsSupported(length))
        {
            throw new ArgumentOutOfRangeException(nameof(length), length, $"Expected a power of two from {ShortestLength} to {LongestLength}.");
        }

        Length = length;
        _twiddles = new float[BitOperations.Log2((uint)length) / 2][];
        for (var pass = 0; pass < _twiddles.Length; pass++)
        {
            // The second pass works on two factors at once, each over four neighbouring elements, so its factors are stored four times.
            _twiddles[pass] = Factors(length >> (2 * pass), repeat: pass == 1 ? 4 : 1);
        }
    }

    /// <summary>Number of complex elements.</summary>
    public int Length { get; }

    /// <summary>Whether <paramref name="length"/> can be transformed.</summary>
    public static bool IsSupported(int length) => BitOperations.IsPow2(length) && length is >= ShortestLength and <= LongestLength;

    /// <summary>
    /// X[k] = sum over n of x[n] exp(-2 pi i k n / N). The inverse, times N, is the same call with real and imaginary parts exchanged on both sides.
    /// </summary>
    /// <param name="re">Real parts of the input, at least N; overwritten.</param>
    /// <param name="im">Imaginary parts of the input, at least N; overwritten.</param>
    /// <param name="spectrumRe">Receives the real parts, at least N.</param>
    /// <param name="spectrumIm">Receives the imaginary parts, at least N.</param>
    public void Forward(Span<float> re, Span<float> im, Span<float> spectrumRe, Span<float> spectrumIm)
    {
        if (Math.Min(Math.Min(re.Length, im.Length), Math.Min(spectrumRe.Length, spectrumIm.Length)) < Length)
        {
            throw new ArgumentException($"Expected {Length} elements in every part.");
        }

        fixed (float* pinnedRe = re, pinnedIm = im, pinnedSpectrumRe = spectrumRe, pinnedSpectrumIm = spectrumIm)
        {
            var from = new Parts(pinnedRe, pinnedIm);
            var to = new Parts(pinnedSpectrumRe, pinnedSpectrumIm);
            var remaining = Length;
            for (var pass = 0; pass < _twiddles.Length; pass++, remaining >>= 2)
            {
                Pass(pass, from, to, remaining);
                (from, to) = (to, from);
            }

            if (remaining == 2)
            {
                RadixTwo(from, to, Length / 2);
                (from, to) = (to, from);
            }

            if (from.Re != pinnedSpectrumRe)
            {
                re[..Length].CopyTo(spectrumRe);
                im[..Length].CopyTo(spectrumIm);
            }
        }
    }

    private static float[] Factors(int length, int repeat)
    {
        var quarter = length / 4;
        var factors = new float[6 * quarter * repeat];
        for (var power = 1; power <= 3; power++)
        {
            for (var i = 0; i < quarter * repeat; i++)
            {
                var (sin, cos) = Math.SinCos(-2 * Math.PI * power * (i / repeat) / length);
                factors[(((2 * power) - 2) * quarter * repeat) + i] = (float)cos;
                factors[(((2 * power) - 1) * quarter * repeat) + i] = (float)sin;
            }
        }

        return factors;
    }

    /// <summary>Splits 4^pass interleaved transforms of length <paramref name="length"/> into four times as many of a quarter of it.</summary>
    private void Pass(int pass, Parts from, Parts to, int length)
    {
        fixed (float* factors = _twiddles[pass])
        {
            switch (pass)
            {
                case 0:
                    FirstPass(factors, from, to, length / 4);
                    break;
                case 1:
                    SecondPass(factors, from, to, length / 4);
                    break;
                default:
                    LaterPass(factors, from, to, length / 4, stride: 1 << (2 * pass));
                    break;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FirstPass(float* factors, Parts from, Parts to, int quarter)
    {
        for (var p = 0; p < quarter; p += Lanes)
        {
            var (a, b, c, d) = Butterfly(from, p, quarter);
            b *= Complex.Load(factors + p, quarter);
            c *= Complex.Load(factors + (2 * quarter) + p, quarter);
            d *= Complex.Load(factors + (4 * quarter) + p, quarter);
            StoreInterleaved(a.Re, b.Re, c.Re, d.Re, to.Re + (4 * p));
            StoreInterleaved(a.Im, b.Im, c.Im, d.Im, to.Im + (4 * p));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SecondPass(float* factors, Parts from, Parts to, int quarter)
    {
        var count = 4 * quarter;
        for (var i = 0; i < count; i += Lanes)
        {
            var (a, b, c, d) = Butterfly(from, i, count);
            a.StoreHalves(to, 4 * i);
            (b * Complex.Load(factors + i, count)).StoreHalves(to, (4 * i) + 4);
            (c * Complex.Load(factors + (2 * count) + i, count)).StoreHalves(to, (4 * i) + 8);
            (d * Complex.Load(factors + (4 * count) + i, count)).StoreHalves(to, (4 * i) + 12);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LaterPass(float* factors, Parts from, Parts to, int quarter, int stride)
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
    private static void StoreInterleaved(Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d, float* to)
    {
        StoreTransposed(a.GetLower(), b.GetLower(), c.GetLower(), d.GetLower(), to);
        StoreTransposed(a.GetUpper(), b.GetUpper(), c.GetUpper(), d.GetUpper(), to + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreTransposed(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d, float* to)
    {
        var lowAb = ZipLower(a, b);
        var lowCd = ZipLower(c, d);
        var highAb = ZipUpper(a, b);
        var highCd = ZipUpper(c, d);
        Vector128.Create(lowAb.GetLower(), lowCd.GetLower()).Store(to);
        Vector128.Create(lowAb.GetUpper(), lowCd.GetUpper()).Store(to + 4);
        Vector128.Create(highAb.GetLower(), highCd.GetLower()).Store(to + 8);
        Vector128.Create(highAb.GetUpper(), highCd.GetUpper()).Store(to + 12);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ZipLower(Vector128<float> even, Vector128<float> odd) => Vector128.ConditionalSelect(
        Vector128.Create(-1, 0, -1, 0).AsSingle(),
        Vector128.Shuffle(even, Vector128.Create(0, 0, 1, 1)),
        Vector128.Shuffle(odd, Vector128.Create(0, 0, 1, 1)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ZipUpper(Vector128<float> even, Vector128<float> odd) => Vector128.ConditionalSelect(
        Vector128.Create(-1, 0, -1, 0).AsSingle(),
        Vector128.Shuffle(even, Vector128.Create(2, 2, 3, 3)),
        Vector128.Shuffle(odd, Vector128.Create(2, 2, 3, 3)));

    /// <summary>Where the real and the imaginary parts lie.</summary>
    private readonly struct Parts(float* re, float* im)
    {
        public readonly float* Re = re;
        public readonly float* Im = im;
    }

    /// <summary>Eight complex numbers.</summary>
    private readonly struct Complex(Vector256<float> re, Vector256<float> im)
    {
        public readonly Vector256<float> Re = re;
        public readonly Vector256<float> Im = im;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Complex operator +(Complex a, Complex b) => new(a.Re + b.Re, a.Im + b.Im);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Complex operator -(Complex a, Complex b) => new(a.Re - b.Re, a.Im - b.Im);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Complex operator *(Complex a, Complex b) => new((a.Re * b.Re) - (a.Im * b.Im), (a.Re * b.Im) + (a.Im * b.Re));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Complex Load(Parts parts, int start) => new(Vector256.Load(parts.Re + start), Vector256.Load(parts.Im + start));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Complex Load(float* re, int imOffset) => new(Vector256.Load(re), Vector256.Load(re + imOffset));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Complex Broadcast(float re, float im) => new(Vector256.Create(re), Vector256.Create(im));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Complex TimesMinusI() => new(Im, -Re);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Store(Parts parts, int start)
        {
            Re.Store(parts.Re + start);
            Im.Store(parts.Im + start);
        }

        /// <summary>Stores four elements here and four at 16 elements further.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void StoreHalves(Parts parts, int start)
        {
            Re.GetLower().Store(parts.Re + start);
            Re.GetUpper().Store(parts.Re + start + 16);
            Im.GetLower().Store(parts.Im + start);
            Im.GetUpper().Store(parts.Im + start + 16);
        }
    }
}
