using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Pesq;

/// <summary>
/// Brings a signal to the level that the model listens at: a power of 1e7 on the scale of 16-bit integers between 350 and 3250 Hz. Its spectrum is
/// kept, because the receiver's filter of narrow-band mode starts from the same one. Neither depends on the mode, so both modes share this.
/// </summary>
internal sealed class LevelAlignment
{
    private const double TargetPower = 1e7;

    // Below -240 dB of the whole, what is in the band is the rounding of the transform.
    private const double LeastShare = 1e-24;

    private readonly RealFourierTransform _transform;
    private readonly double[] _samples;
    private readonly double[] _re;
    private readonly double[] _im;

    /// <summary>Measures the level of a signal.</summary>
    /// <param name="samples">The signal [N] at any scale, not all zero.</param>
    /// <param name="longest">Samples of the longer one of the pair, which powers are averaged over.</param>
    /// <param name="rate">What holds at its rate.</param>
    public LevelAlignment(double[] samples, int longest, ModelRate rate)
    {
        Rate = rate;
        _samples = Normalise(samples);
        _transform = new RealFourierTransform(RealFourierTransform.LengthFor(samples.Length + rate.Padding));
        _re = new double[_transform.Bins];
        _im = new double[_transform.Bins];
        _transform.Forward(_samples, _re, _im);
        var filtered = new double[samples.Length + rate.Padding];
        Filter(ResponseCurve.LevelBand, filtered);
        var power = (float)(SumOfSquares(filtered) / (longest + rate.Padding));
        HasPower = power > LeastShare * SumOfSquares(_samples) / longest;
        Gain = (float)Math.Sqrt(TargetPower / power);
    }

    /// <summary>What holds at the signal's rate.</summary>
    public ModelRate Rate { get; }

    /// <summary>Whether there is sound in the band that levels are measured in.</summary>
    public bool HasPower { get; }

    /// <summary>What <see cref="Samples"/> are to be multiplied by; rounded to single precision, as in the original.</summary>
    public float Gain { get; }

    /// <summary>The signal [N], with a greatest amplitude between 1/2 and 1.</summary>
    public ReadOnlySpan<double> Samples => _samples;

    /// <summary>The signal at its level after a filter, with the filter's tail: as many samples as there is room for.</summary>
    public void Filter(ResponseCurve curve, Span<double> destination)
    {
        var factors = curve.Factors(_transform.Bins, Rate.SampleRate);
        var (re, im) = (new double[_transform.Bins], new double[_transform.Bins]);
        for (var k = 0; k < re.Length; k++)
        {
            (re[k], im[k]) = (_re[k] * factors[k], _im[k] * factors[k]);
        }

        _transform.Inverse(re, im, destination);
    }

    // By a power of two, which changes no digit: squares of any finite samples then stay in range.
    private static double[] Normalise(double[] samples)
    {
        var peak = samples.Max(Math.Abs);
        return Array.ConvertAll(samples, sample => Math.ScaleB(sample, -1 - Math.ILogB(peak)));
    }

    private static double SumOfSquares(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (var value in values)
        {
            sum += value * value;
        }

        return sum;
    }
}
