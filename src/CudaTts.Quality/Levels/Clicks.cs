using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Levels;

/// <summary>
/// Finds clicks: places where the second difference of the signal is far above what is usual within 10 ms around it. A measure of this project's own:
/// sharp glottal pulses of a voice that is close are found too, so two sounds of one text are compared, or a vocoder with its recordings.
/// </summary>
public static class Clicks
{
    // The median absolute deviation of a normal distribution is 0.6745 times its standard deviation.
    private const double MedianToDeviation = 0.6745;
    private const double Factor = 12;
    private const double LeastJump = 0.02;
    private const double HalfWindowSeconds = 0.005;

    /// <summary>Number of clicks, at least 5 ms apart.</summary>
    /// <param name="signal">The sound, 1 being full scale.</param>
    public static int Count(Signal signal)
    {
        ArgumentNullException.ThrowIfNull(signal);
        var jumps = SecondDifferences(signal.Samples);
        var half = Math.Max(1, (int)(HalfWindowSeconds * signal.SampleRate));
        int count = 0, last = -half;
        for (var n = 0; n < jumps.Length; n++)
        {
            if (jumps[n] > LeastJump && n - last >= half && IsPeak(jumps, n) && StandsOut(jumps, n, half))
            {
                count++;
                last = n;
            }
        }

        return count;
    }

    private static double[] SecondDifferences(double[] samples)
    {
        var jumps = new double[Math.Max(0, samples.Length - 2)];
        for (var n = 0; n < jumps.Length; n++)
        {
            jumps[n] = Math.Abs(samples[n + 2] - (2 * samples[n + 1]) + samples[n]);
        }

        return jumps;
    }

    private static bool IsPeak(double[] jumps, int n) => (n == 0 || jumps[n] >= jumps[n - 1]) && (n == jumps.Length - 1 || jumps[n] > jumps[n + 1]);

    /// <summary>
    /// Whether a jump exceeds the usual one by the factor: the median around it is no more than this share of it. Counting tells as much of the
    /// median as sorting would.
    /// </summary>
    private static bool StandsOut(double[] jumps, int n, int half)
    {
        var around = jumps.AsSpan(Math.Max(0, n - half)..Math.Min(jumps.Length, n + half + 1));
        var limit = jumps[n] * MedianToDeviation / Factor;
        var below = 0;
        foreach (var jump in around)
        {
            below += jump < limit ? 1 : 0;
        }

        return below > around.Length / 2;
    }
}
