using System.Runtime.Intrinsics;

namespace CudaTts.Quality.Signals;

/// <summary>
/// Fourier transform of a real signal in float64, through a complex transform of half the length: z[n] = x[2n] + i x[2n+1] gives
/// X[k] = E[k] + exp(-2 pi i k / N) O[k], with E[k] = (Z[k] + conj Z[N/2-k]) / 2 and O[k] = (Z[k] - conj Z[N/2-k]) / 2i.
/// Holds its working memory: one object a thread.
/// </summary>
internal sealed unsafe class RealFourierTransform
{
    private const int Lanes = LaneOrder.Lanes;
    private readonly DoubleFourierTransform _half;
    private readonly double[] _cos;
    private readonly double[] _sin;
    private readonly double[] _re;
    private readonly double[] _im;

    /// <summary>Prepares the factors of one length.</summary>
    /// <param name="length">A power of two, 32 or more.</param>
    public RealFourierTransform(int length)
    {
        Length = length;
        var half = length / 2;
        var roots = new UnitRoots(length);
        _half = new DoubleFourierTransform(half, roots);

        // One element more than the half transform has: bin N / 2 of a periodic spectrum is bin 0 again.
        _re = new double[half + 1];
        _im = new double[half + 1];
        _cos = new double[half];
        _sin = new double[half];
        for (var k = 0; k < half; k++)
        {
            (_cos[k], _sin[k]) = roots[k];
        }
    }

    /// <summary>Number of samples N.</summary>
    public int Length { get; }

    /// <summary>Number of bins, N / 2 + 1.</summary>
    public int Bins => (Length / 2) + 1;

    /// <summary>The smallest length that can be transformed and holds <paramref name="count"/> samples.</summary>
    public static int LengthFor(int count) => 2 * DoubleFourierTransform.LengthFor((count + 1) / 2);

    /// <summary>The spectrum of a signal; samples that it lacks are zero.</summary>
    /// <param name="samples">At most N samples, in other memory than the spectrum.</param>
    /// <param name="re">Receives the real parts of bins 0 to N / 2.</param>
    /// <param name="im">Receives the imaginary parts.</param>
    public void Forward(ReadOnlySpan<double> samples, Span<double> re, Span<double> im)
    {
        var half = Length / 2;
        Split(samples, re, im);
        _half.Forward(re, im, _re, _im);
        (_re[half], _im[half]) = (_re[0], _im[0]);
        fixed (double* zRe = _re, zIm = _im, cosines = _cos, sines = _sin, toRe = re[..Bins], toIm = im[..Bins])
        {
            for (var k = 0; k < half; k += Lanes)
            {
                var (xRe, xIm) = (Vector256.Load(zRe + k), Vector256.Load(zIm + k));
                var (mRe, mIm) = (LaneOrder.Reverse(zRe + half - k), LaneOrder.Reverse(zIm + half - k));
                var (evenRe, evenIm) = ((xRe + mRe) * 0.5, (xIm - mIm) * 0.5);
                var (oddRe, oddIm) = ((xIm + mIm) * 0.5, (mRe - xRe) * 0.5);
                var (cos, sin) = (Vector256.Load(cosines + k), Vector256.Load(sines + k));
                (evenRe + (cos * oddRe) - (sin * oddIm)).Store(toRe + k);
                (evenIm + (cos * oddIm) + (sin * oddRe)).Store(toIm + k);
            }
        }

        (re[half], im[half]) = (_re[0] - _im[0], 0);
    }

    /// <summary>The signal of a spectrum; the imaginary parts of bins 0 and N / 2 do not count.</summary>
    /// <param name="re">Real parts of bins 0 to N / 2.</param>
    /// <param name="im">Imaginary parts.</param>
    /// <param name="samples">Receives N samples, or as many as it has room for.</param>
    public void Inverse(ReadOnlySpan<double> re, ReadOnlySpan<double> im, Span<double> samples)
    {
        var half = Length / 2;
        fixed (double* xRe = re[..Bins], xIm = im[..Bins], cosines = _cos, sines = _sin, toRe = _re, toIm = _im)
        {
            for (var k = 0; k < half; k += Lanes)
            {
                var (zRe, zIm) = (Vector256.Load(xRe + k), Vector256.Load(xIm + k));
                var (mRe, mIm) = (LaneOrder.Reverse(xRe + half - k), LaneOrder.Reverse(xIm + half - k));
                var (evenRe, evenIm) = ((zRe + mRe) * 0.5, (zIm - mIm) * 0.5);
                var (differenceRe, differenceIm) = ((zRe - mRe) * 0.5, (zIm + mIm) * 0.5);
                var (cos, sin) = (Vector256.Load(cosines + k), Vector256.Load(sines + k));
                var oddRe = (differenceRe * cos) + (differenceIm * sin);
                var oddIm = (differenceIm * cos) - (differenceRe * sin);
                (evenRe - oddIm).Store(toRe + k);
                (evenIm + oddRe).Store(toIm + k);
            }
        }

        // The two bins without an imaginary part make a pair of their own.
        (_re[0], _im[0]) = ((re[0] + re[half]) * 0.5, (re[0] - re[half]) * 0.5);
        _half.Forward(_im, _re);
        Join(samples);
    }

    /// <summary>|X[k]|^2 of bins 0 to N / 2.</summary>
    /// <param name="samples">At most N samples.</param>
    /// <param name="power">Receives the powers.</param>
    /// <param name="work">Room for N / 2 + 1 values.</param>
    public void Power(ReadOnlySpan<double> samples, Span<double> power, Span<double> work)
    {
        Forward(samples, power, work);
        for (var k = 0; k < Bins; k++)
        {
            power[k] = (power[k] * power[k]) + (work[k] * work[k]);
        }
    }

    /// <summary>Even samples to the real parts, odd ones to the imaginary parts.</summary>
    private void Split(ReadOnlySpan<double> samples, Span<double> re, Span<double> im)
    {
        var n = 0;
        fixed (double* from = samples, toRe = re[..Bins], toIm = im[..Bins])
        {
            for (; n < Length / 2 && 2 * (n + Lanes) <= samples.Length; n += Lanes)
            {
                var (first, second) = (Vector256.Load(from + (2 * n)), Vector256.Load(from + (2 * n) + Lanes));
                var (low, high) = (Vector256.Create(first.GetLower(), second.GetLower()), Vector256.Create(first.GetUpper(), second.GetUpper()));
                LaneOrder.Even(low, high).Store(toRe + n);
                LaneOrder.Odd(low, high).Store(toIm + n);
            }
        }

        for (; n < Length / 2; n++)
        {
            re[n] = 2 * n < samples.Length ? samples[2 * n] : 0;
            im[n] = (2 * n) + 1 < samples.Length ? samples[(2 * n) + 1] : 0;
        }
    }

    /// <summary>Real parts to the even samples, imaginary parts to the odd ones, over N / 2.</summary>
    private void Join(Span<double> samples)
    {
        var scale = 2.0 / Length;
        var n = 0;
        fixed (double* to = samples, re = _re, im = _im)
        {
            for (; n < Length / 2 && 2 * (n + Lanes) <= samples.Length; n += Lanes)
            {
                var (even, odd) = (Vector256.Load(re + n) * scale, Vector256.Load(im + n) * scale);
                var (low, high) = (LaneOrder.Even(even, odd), LaneOrder.Odd(even, odd));
                Vector256.Create(low.GetLower(), high.GetLower()).Store(to + (2 * n));
                Vector256.Create(low.GetUpper(), high.GetUpper()).Store(to + (2 * n) + Lanes);
            }
        }

        for (n *= 2; n < Math.Min(Length, samples.Length); n++)
        {
            samples[n] = scale * ((n & 1) == 0 ? _re[n / 2] : _im[n / 2]);
        }
    }
}
