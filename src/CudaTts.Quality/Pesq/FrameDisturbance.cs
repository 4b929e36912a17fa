namespace CudaTts.Quality.Pesq;

/// <summary>
/// How much a listener is disturbed by what differs between two frames, in loudness; and by what was added alone, which disturbs more than what is
/// missing. Frames are taken in order, because a listener gets used to changes of gain. Holds its working memory: one object a thread.
/// </summary>
internal sealed class FrameDisturbance
{
    private const double GainOffset = 5000;
    private const double GainMemory = 0.2;
    private const double LeastGain = 3e-4;
    private const double MostGain = 5;
    private const double DeadZone = 0.25;
    private const double AsymmetryOffset = 50;
    private const double AsymmetryExponent = 1.2;
    private const double LeastAsymmetry = 3;
    private const double MostAsymmetry = 12;

    private readonly BarkBand[] _bands;
    private readonly Loudness _loudness;
    private readonly double _totalWidth;
    private readonly double[] _difference;

    /// <summary>Prepares the constants of each band.</summary>
    public FrameDisturbance(BarkBand[] bands)
    {
        _bands = bands;
        _loudness = new Loudness(bands);
        _totalWidth = bands.Skip(1).Sum(band => band.Width);
        _difference = new double[bands.Length];
    }

    /// <summary>Makes the degraded spectrum as loud as the reference, but for a fifth that the gain lags behind.</summary>
    /// <param name="reference">The reference's spectrum [bands].</param>
    /// <param name="degraded">The degraded signal's, changed in place.</param>
    /// <param name="memory">The gain of the frame before; null before the first.</param>
    /// <returns>The gain to remember for the next frame.</returns>
    public double CompensateGain(ReadOnlySpan<double> reference, Span<double> degraded, double? memory)
    {
        var gain = (Loudness.Audible(reference, _bands, 1) + GainOffset) / (Loudness.Audible(degraded, _bands, 1) + GainOffset);
        gain = memory is { } before ? (GainMemory * before) + ((1 - GainMemory) * gain) : gain;
        foreach (ref var power in degraded)
        {
            power *= Math.Clamp(gain, LeastGain, MostGain);
        }

        return gain;
    }

    /// <summary>The disturbance of a frame, symmetric and asymmetric.</summary>
    public (double Symmetric, double Asymmetric) Measure(ReadOnlySpan<double> reference, ReadOnlySpan<double> degraded)
    {
        for (var b = 0; b < _difference.Length; b++)
        {
            _difference[b] = Audible(_loudness.Of(reference[b], b), _loudness.Of(degraded[b], b));
        }

        double squares = 0, added = 0;
        for (var b = 1; b < _difference.Length; b++)
        {
            var weighted = Math.Abs(_difference[b]) * _bands[b].Width;
            squares += weighted * weighted;
            added += weighted * Asymmetry(reference[b], degraded[b]);
        }

        return (Math.Sqrt(squares * _totalWidth), added);
    }

    // Small differences beside a loud sound are masked.
    private static double Audible(double reference, double degraded)
    {
        var mask = DeadZone * Math.Min(reference, degraded);
        var difference = degraded - reference;
        return difference > mask ? difference - mask : difference < -mask ? difference + mask : 0;
    }

    private static double Asymmetry(double reference, double degraded)
    {
        var ratio = Math.Pow((degraded + AsymmetryOffset) / (reference + AsymmetryOffset), AsymmetryExponent);
        return ratio < LeastAsymmetry ? 0 : Math.Min(ratio, MostAsymmetry);
    }
}
