using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Spectra;

/// <summary>Scale-invariant ratio of signal to distortion (Le Roux, Wisdom, Erdogan, Hershey, ICASSP 2019), means removed.</summary>
public static class SignalToDistortion
{
    private const double Limit = 100;
    private const double Nothing = 1e-10;

    /// <summary>The ratio in dB, within -100 and 100; null where a signal is constant. The longer signal is cut.</summary>
    /// <param name="reference">Clean speech.</param>
    /// <param name="degraded">What became of it, sample by sample in step.</param>
    public static double? Measure(Signal reference, Signal degraded)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(degraded);
        var count = Math.Min(reference.Samples.Length, degraded.Samples.Length);
        var (s, y) = (Centred(reference.Samples.AsSpan(0, count)), Centred(degraded.Samples.AsSpan(0, count)));
        double ss = 0, sy = 0, yy = 0;
        for (var i = 0; i < count; i++)
        {
            ss += s[i] * s[i];
            sy += s[i] * y[i];
            yy += y[i] * y[i];
        }

        // Samples so small that their squares are 0 are as good as constant.
        if (ss == 0 || yy == 0 || IsConstant(reference.Samples.AsSpan(0, count)) || IsConstant(degraded.Samples.AsSpan(0, count)))
        {
            return null;
        }

        var scale = sy / ss;
        double error = 0;
        for (var i = 0; i < count; i++)
        {
            error += (y[i] - (scale * s[i])) * (y[i] - (scale * s[i]));
        }

        return error <= Nothing * yy ? Limit : Math.Clamp(10 * Math.Log10(scale * scale * ss / error), -Limit, Limit);
    }

    // The mean of equal numbers need not be that number in float64, so they are compared and not their differences from it.
    private static bool IsConstant(ReadOnlySpan<double> samples) => samples.IsEmpty || samples.IndexOfAnyExcept(samples[0]) < 0;

    private static double[] Centred(ReadOnlySpan<double> samples)
    {
        double sum = 0;
        foreach (var sample in samples)
        {
            sum += sample;
        }

        var centred = samples.ToArray();
        for (var i = 0; i < centred.Length; i++)
        {
            centred[i] -= sum / centred.Length;
        }

        return centred;
    }
}
