using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Levels;

/// <summary>
/// Integrated loudness of one channel, ITU-R BS.1770-4: K-weighting, blocks of 400 ms every 100 ms, gates at -70 LUFS and 10 LU below the mean. The
/// filters are designed for every rate from the analogue prototypes, as libebur128 does.
/// </summary>
public static class Loudness
{
    private const double AbsoluteGate = -70;
    private const double RelativeGate = -10;
    private const double Offset = -0.691;
    private const int HopsPerBlock = 4;

    // The shelf lies at 1.7 kHz: below twice that it cannot be made.
    private const int LeastRate = 4000;

    /// <summary>The loudness in LUFS; null where the sound is shorter than a block, nothing is above the gate, or the rate is below 4 kHz.</summary>
    /// <param name="signal">The sound, 1 being full scale.</param>
    public static double? Measure(Signal signal)
    {
        ArgumentNullException.ThrowIfNull(signal);
        if (signal.SampleRate < LeastRate)
        {
            return null;
        }

        var powers = BlockPowers(Weighted(signal), (signal.SampleRate + 5) / 10);
        var loud = powers.Where(power => Level(power) >= AbsoluteGate).ToList();
        if (loud.Count == 0)
        {
            return null;
        }

        var gate = Level(loud.Average()) + RelativeGate;
        return Level(loud.Where(power => Level(power) >= gate).Average());
    }

    private static double Level(double power) => Offset + (10 * Math.Log10(power));

    private static double[] Weighted(Signal signal)
    {
        double rate = signal.SampleRate;
        var k = Math.Tan(Math.PI * 1681.974450955533 / rate);
        const double Q = 0.7071752369554196;
        var high = Math.Pow(10, 3.999843853973347 / 20);
        var band = Math.Pow(high, 0.4996667741545416);
        var a0 = 1 + (k / Q) + (k * k);
        var shelf = new Biquad(
            (high + (band * k / Q) + (k * k)) / a0, 2 * ((k * k) - high) / a0, (high - (band * k / Q) + (k * k)) / a0,
            2 * ((k * k) - 1) / a0, (1 - (k / Q) + (k * k)) / a0);

        k = Math.Tan(Math.PI * 38.13547087602444 / rate);
        const double HighPassQ = 0.5003270373238773;
        a0 = 1 + (k / HighPassQ) + (k * k);
        var highPass = new Biquad(1, -2, 1, 2 * ((k * k) - 1) / a0, (1 - (k / HighPassQ) + (k * k)) / a0);

        var samples = signal.Samples[..];
        shelf.Apply(samples);
        highPass.Apply(samples);
        return samples;
    }

    private static List<double> BlockPowers(double[] samples, int hop)
    {
        var hops = new double[samples.Length / hop];
        for (var i = 0; i < hops.Length; i++)
        {
            foreach (var sample in samples.AsSpan(i * hop, hop))
            {
                hops[i] += sample * sample;
            }
        }

        return [.. Enumerable.Range(0, Math.Max(0, hops.Length - HopsPerBlock + 1))
            .Select(start => hops.AsSpan(start, HopsPerBlock).ToArray().Sum() / (HopsPerBlock * hop))];
    }
}
