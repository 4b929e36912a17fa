using System.Collections.Concurrent;
using System.Numerics;
using System.Numerics.Tensors;

namespace CudaTts.Quality.Signals;

/// <summary>
/// Changes the rate by a ratio of whole numbers with a Kaiser-windowed sinc of 60 dB: the design of Octave's <c>resample</c>, which the reference
/// implementation of STOI uses, so that published scores can be repeated. Speech to be heard goes through <c>CudaTts.Audio.SincResampler</c>.
/// </summary>
internal static class RationalResampler
{
    private const double Rejection = 60;
    private const double Beta = 0.1102 * (Rejection - 8.7);

    // The transition is a tenth of the cut-off wide.
    private const double Rolloff = 10;

    // A prime rate near these has a filter of millions of taps; every rate that is in use is far below.
    private const int MostSteps = 200_000;
    private const int MostSamples = 1 << 29;

    // A filter has tens of thousands of taps, and few ratios are used.
    private static readonly ConcurrentDictionary<(int P, int Q), (double[][] Phases, int Reach)> s_phases = new();

    /// <summary>Resamples [N] to [ceil(N p / q)], p / q being the ratio of the rates in lowest terms. Nothing is shifted.</summary>
    /// <param name="samples">The samples [N].</param>
    /// <param name="from">Their rate, Hz.</param>
    /// <param name="to">The rate wanted, Hz.</param>
    public static double[] Apply(ReadOnlySpan<double> samples, int from, int to)
    {
        var divisor = (int)BigInteger.GreatestCommonDivisor(from, to);
        var (p, q) = (to / divisor, from / divisor);
        var length = (((long)samples.Length * p) + q - 1) / q;
        if (Math.Max(p, q) > MostSteps || length > MostSamples)
        {
            throw new AudioException(
                $"{samples.Length} samples at {from} Hz cannot be brought to {to} Hz: expected at most {MostSamples} samples and rates whose ratio, "
                + $"in lowest terms, has at most {MostSteps} on either side; resample the recording first.");
        }

        var (phases, reach) = s_phases.GetOrAdd((p, q), MakePhases);
        var output = new double[length];
        for (var m = 0; m < output.Length; m++)
        {
            // h[m q - n p] for all n: the taps of one phase, at every p-th place of the filter.
            var (last, phase) = Math.DivRem(((long)m * q) + reach, p);
            var taps = phases[(int)phase];
            var first = last - taps.Length + 1;
            var low = Math.Max(0, first);
            var high = Math.Min(samples.Length - 1, last);
            output[m] = low > high ? 0 : TensorPrimitives.Dot(
                samples[(int)low..(int)(high + 1)], taps.AsSpan((int)(low - first), (int)(high + 1 - low)));
        }

        return output;
    }

    /// <summary>The filter h[-L..L] and L.</summary>
    internal static (double[] Taps, int Reach) Filter(int p, int q)
    {
        var cutoff = 1.0 / (2 * Math.Max(p, q));
        var reach = (int)Math.Ceiling((Rejection - 8) / (28.714 * cutoff / Rolloff));
        var taps = new double[(2 * reach) + 1];
        var peak = Bessel(Beta);
        for (var t = -reach; t <= reach; t++)
        {
            var x = 2 * cutoff * t;
            var sinc = t == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);
            var window = Bessel(Beta * Math.Sqrt(1 - Math.Pow((double)t / reach, 2))) / peak;
            taps[t + reach] = 2 * p * cutoff * sinc * window;
        }

        var scale = p / taps.Sum();
        return (Array.ConvertAll(taps, tap => tap * scale), reach);
    }

    /// <summary>
    /// For each remainder r of (m q + L) by p, the taps that meet successive samples, the earliest sample first: h[r - L + j p] for falling j.
    /// </summary>
    private static (double[][] Phases, int Reach) MakePhases((int P, int Q) ratio)
    {
        var p = ratio.P;
        var (filter, reach) = Filter(p, ratio.Q);
        var phases = new double[p][];
        for (var r = 0; r < p; r++)
        {
            var count = r > 2 * reach ? 0 : (((2 * reach) - r) / p) + 1;
            phases[r] = new double[count];
            for (var j = 0; j < count; j++)
            {
                phases[r][count - 1 - j] = filter[r + (j * p)];
            }
        }

        return (phases, reach);
    }

    /// <summary>The modified Bessel function of the first kind and order 0, by its power series.</summary>
    private static double Bessel(double x)
    {
        double sum = 1, term = 1;
        for (var k = 1; term > sum * 1e-17; k++)
        {
            term *= x * x / (4.0 * k * k);
            sum += term;
        }

        return sum;
    }
}
