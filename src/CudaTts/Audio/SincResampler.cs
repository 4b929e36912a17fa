namespace CudaTts.Audio;

/// <summary>
/// The same sound in another number of samples, played at the same rate: faster and higher, or slower and lower. Band-limited interpolation with a
/// windowed sinc (J. O. Smith, "Digital Audio Resampling", ccrma.stanford.edu/~jos/resample); what would lie above half the sample rate is taken out.
/// NAudio's WdlResampler with its own settings lets aliases through (benchmarks/results/libraries.md has the figures).
/// </summary>
internal static class SincResampler
{
    // Zero crossings of the sinc to either side, and values in the table for each. A Kaiser window of 9 leaves about -90 dB beyond the band.
    private const int Crossings = 32;
    private const int TableSteps = 512;
    private const double KaiserBeta = 9;

    // The transition to the stop band lies below half the sample rate.
    private const double Passband = 0.95;

    private static readonly float[] Table = MakeTable();

    /// <summary>Resamples [N] to [length]; the first samples coincide.</summary>
    public static float[] Apply(ReadOnlySpan<float> samples, int length)
    {
        var output = new float[length];
        var step = (double)samples.Length / Math.Max(1, length);
        var cutoff = CutoffOf(step);
        for (var i = 0; i < length; i++)
        {
            output[i] = At(samples, i * step, cutoff);
        }

        return output;
    }

    /// <summary>Share of the band that is kept where a sample of the output is so many of the input away from the next.</summary>
    public static double CutoffOf(double step) => Passband * Math.Min(1, 1 / step);

    /// <summary>Samples to either side of a place that its value depends on.</summary>
    public static double ReachOf(double cutoff) => Crossings / cutoff;

    /// <summary>The value at a place between samples; beyond the ends there is silence.</summary>
    public static float At(ReadOnlySpan<float> samples, double centre, double cutoff)
    {
        var reach = ReachOf(cutoff);
        var first = Math.Max(0, (int)Math.Ceiling(centre - reach));
        var last = Math.Min(samples.Length - 1, (int)Math.Floor(centre + reach));
        double sum = 0;
        for (var at = first; at <= last; at++)
        {
            sum += samples[at] * Kernel(Math.Abs(at - centre) * cutoff);
        }

        return (float)(sum * cutoff);
    }

    private static double Kernel(double crossings)
    {
        var place = crossings * TableSteps;
        var index = Math.Min((int)place, Table.Length - 2);
        return Table[index] + ((place - index) * (Table[index + 1] - Table[index]));
    }

    private static float[] MakeTable()
    {
        var table = new float[(Crossings * TableSteps) + 1];
        for (var i = 0; i < table.Length; i++)
        {
            var x = (double)i / TableSteps;
            var sinc = i == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);
            table[i] = (float)(sinc * Bessel(KaiserBeta * Math.Sqrt(Math.Max(0, 1 - Math.Pow(x / Crossings, 2)))) / Bessel(KaiserBeta));
        }

        return table;
    }

    /// <summary>The modified Bessel function of the first kind and order 0, by its power series.</summary>
    private static double Bessel(double x)
    {
        double sum = 1, term = 1;
        for (var k = 1; term > sum * 1e-16; k++)
        {
            term *= x * x / (4.0 * k * k);
            sum += term;
        }

        return sum;
    }
}
