using System.Numerics.Tensors;

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

    // A sound softer than this is silence; its reciprocal is still a number.
    private const int LeastExponent = -1000;

    private readonly SpectralFilter _filter;
    private readonly double[] _samples;
    private readonly double[] _re;
    private readonly double[] _im;

    /// <summary>Measures the level of a signal.</summary>
    /// <param name="samples">The signal [N] at any scale, not all zero.</param>
    /// <param name="longest">Samples of the longer one of the pair, which powers are averaged over.</param>
    /// <param name="rate">What holds at its rate.</param>
    /// <param name="filter">A filter for signals of this length.</param>
    public LevelAlignment(double[] samples, int longest, ModelRate rate, SpectralFilter filter)
    {
        Rate = rate;
        _filter = filter;
        _samples = Normalise(samples);
        (_re, _im) = filter.Transform(_samples);
        var filtered = new double[samples.Length + rate.Padding];
        filter.Apply(ResponseCurve.LevelBand, _re, _im, filtered);
        var sum = TensorPrimitives.SumOfSquares<double>(filtered);
        HasPower = sum > LeastShare * TensorPrimitives.SumOfSquares<double>(_samples);
        Gain = (float)Math.Sqrt(TargetPower / (float)(sum / (longest + rate.Padding)));
    }

    /// <summary>What holds at the signal's rate.</summary>
    public ModelRate Rate { get; }

    /// <summary>Whether there is sound in the band that levels are measured in.</summary>
    public bool HasPower { get; }

    /// <summary>What <see cref="Samples"/> are to be multiplied by; it and the power are rounded to single precision, as in the original.</summary>
    public float Gain { get; }

    /// <summary>The signal [N], with a greatest amplitude between 1/2 and 1.</summary>
    public ReadOnlySpan<double> Samples => _samples;

    /// <summary>The signal at its level after a filter, with the filter's tail: as many samples as there is room for.</summary>
    public void Filter(ResponseCurve curve, Span<double> destination)
    {
        _filter.Apply(curve, _re, _im, destination);
        TensorPrimitives.Multiply(destination, (double)Gain, destination);
    }

    // By a power of two, which changes no digit: the squares of any finite samples then stay in range.
    private static double[] Normalise(double[] samples)
    {
        var peak = samples.Max(Math.Abs);
        var normalised = samples[..];
        TensorPrimitives.Multiply(normalised, Math.ScaleB(1, -1 - Math.Max(Math.ILogB(peak), LeastExponent)), normalised);
        return normalised;
    }
}
