using CudaTts.Quality.Signals;
using CudaTts.Quality.Statistics;

namespace CudaTts.Tests.Quality;

/// <summary>Signals whose measures are known, and such as no measure was made for.</summary>
internal static class TestSignals
{
    public static Signal Sine(double hertz, double amplitude, double seconds, int rate) => new(
        [.. Enumerable.Range(0, (int)(seconds * rate)).Select(n => amplitude * Math.Sin(2 * Math.PI * hertz * n / rate))], rate);

    public static Signal Noise(string name, double amplitude, int count, int rate)
    {
        var uniform = new UniformSequence(name);
        return new Signal([.. Enumerable.Range(0, count).Select(n => amplitude * ((2 * uniform[n]) - 1))], rate);
    }

    public static Signal Silence(int count, int rate) => new(new double[count], rate);

    /// <summary>Harmonics of 100 Hz rising by 50 Hz a second, like a voice, for two seconds at 16 kHz.</summary>
    public static Signal Chirp()
    {
        var samples = new double[32000];
        for (var n = 0; n < samples.Length; n++)
        {
            var t = n / 16000.0;
            var phase = 2 * Math.PI * ((100 * t) + (25 * t * t));
            for (var harmonic = 1; harmonic <= 10; harmonic++)
            {
                samples[n] += 0.2 / harmonic * Math.Sin(harmonic * phase);
            }
        }

        return new Signal(samples, 16000);
    }

    /// <summary>Signals that are hard on a measure: short, silent, constant, extreme.</summary>
    public static IEnumerable<(string Name, Signal Signal)> Hostile(int rate)
    {
        foreach (var count in (int[])[0, 1, 2, 3, 255, 256, 257, 384, 385, 1023, 1024, 1025, rate / 4, rate])
        {
            yield return ($"{count} of silence", Silence(count, rate));
            yield return ($"{count} of noise", Noise("hostile", 0.5, count, rate));
        }

        yield return ("constant", new Signal([.. Enumerable.Repeat(0.7, rate)], rate));
        yield return ("impulse", new Signal([.. Enumerable.Range(0, rate).Select(n => n == rate / 2 ? 1.0 : 0)], rate));
        yield return ("square at full scale", new Signal([.. Enumerable.Range(0, rate).Select(n => n / 40 % 2 == 0 ? 1.0 : -1)], rate));
        yield return ("far above full scale", Noise("loud", 1e6, rate, rate));
        yield return ("far below the last bit", Noise("soft", 1e-9, rate, rate));
        yield return ("subnormal", Noise("tiny", 1e-310, rate, rate));
        yield return ("silence, then speech-like", new Signal([.. new double[rate], .. Chirp().Samples], rate));
    }
}
