namespace CudaTts.Quality.Signals;

/// <summary>
/// Fourier transform of a real signal in float64, through a complex transform of half the length: z[n] = x[2n] + i x[2n+1] gives
/// X[k] = E[k] + exp(-2 pi i k / N) O[k], with E[k] = (Z[k] + conj Z[N/2-k]) / 2 and O[k] = (Z[k] - conj Z[N/2-k]) / 2i.
/// Holds its working memory: one object a thread.
/// </summary>
internal sealed class RealFourierTransform
{
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
        _half = new DoubleFourierTransform(length / 2);
        _re = new double[length / 2];
        _im = new double[length / 2];
        _cos = new double[(length / 2) + 1];
        _sin = new double[(length / 2) + 1];
        for (var k = 0; k <= length / 2; k++)
        {
            (_sin[k], _cos[k]) = Math.SinCos(-2 * Math.PI * k / length);
        }
    }

    /// <summary>Number of samples N.</summary>
    public int Length { get; }

    /// <summary>Number of bins, N / 2 + 1.</summary>
    public int Bins => (Length / 2) + 1;

    /// <summary>The smallest length that can be transformed and holds <paramref name="count"/> samples.</summary>
    public static int LengthFor(int count) => 2 * DoubleFourierTransform.LengthFor((count + 1) / 2);

    /// <summary>The spectrum of a signal; samples that it lacks are zero.</summary>
    /// <param name="samples">At most N samples.</param>
    /// <param name="re">Receives the real parts of bins 0 to N / 2.</param>
    /// <param name="im">Receives the imaginary parts.</param>
    public void Forward(ReadOnlySpan<double> samples, Span<double> re, Span<double> im)
    {
        var half = Length / 2;
        for (var n = 0; n < half; n++)
        {
            _re[n] = 2 * n < samples.Length ? samples[2 * n] : 0;
            _im[n] = (2 * n) + 1 < samples.Length ? samples[(2 * n) + 1] : 0;
        }

        _half.Forward(_re, _im);
        for (var k = 0; k <= half; k++)
        {
            var (zRe, zIm) = (_re[k & (half - 1)], _im[k & (half - 1)]);
            var (mRe, mIm) = (_re[(half - k) & (half - 1)], _im[(half - k) & (half - 1)]);
            var (evenRe, evenIm) = ((zRe + mRe) / 2, (zIm - mIm) / 2);
            var (oddRe, oddIm) = ((zIm + mIm) / 2, (mRe - zRe) / 2);
            re[k] = evenRe + (_cos[k] * oddRe) - (_sin[k] * oddIm);
            im[k] = evenIm + (_cos[k] * oddIm) + (_sin[k] * oddRe);
        }
    }

    /// <summary>The signal of a spectrum; the imaginary parts of bins 0 and N / 2 do not count.</summary>
    /// <param name="re">Real parts of bins 0 to N / 2.</param>
    /// <param name="im">Imaginary parts.</param>
    /// <param name="samples">Receives N samples, or as many as it has room for.</param>
    public void Inverse(ReadOnlySpan<double> re, ReadOnlySpan<double> im, Span<double> samples)
    {
        var half = Length / 2;
        for (var k = 0; k < half; k++)
        {
            var (xRe, xIm) = (re[k], k == 0 ? 0 : im[k]);
            var (mRe, mIm) = (re[half - k], k == 0 ? 0 : im[half - k]);
            var (evenRe, evenIm) = ((xRe + mRe) / 2, (xIm - mIm) / 2);
            var (differenceRe, differenceIm) = ((xRe - mRe) / 2, (xIm + mIm) / 2);
            var oddRe = (differenceRe * _cos[k]) + (differenceIm * _sin[k]);
            var oddIm = (differenceIm * _cos[k]) - (differenceRe * _sin[k]);
            _re[k] = evenRe - oddIm;
            _im[k] = evenIm + oddRe;
        }

        _half.Inverse(_re, _im);
        for (var n = 0; n < Math.Min(Length, samples.Length); n++)
        {
            samples[n] = (n & 1) == 0 ? _re[n / 2] : _im[n / 2];
        }
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
}
