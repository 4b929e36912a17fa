namespace CudaTts.Audio;

/// <summary>
/// Speech faster or slower at the same pitch: waveform-similarity overlap-add (Verhelst and Roelands, ICASSP 1993). Windows are laid down at a
/// constant distance; each is taken from near the place that the speed asks for, where it continues the one before it best.
/// </summary>
public static class TimeStretch
{
    /// <summary>Slowest speed.</summary>
    public const double Slowest = 0.25;

    /// <summary>Fastest speed.</summary>
    public const double Fastest = 4;

    // 30 ms hold two periods of a low voice; a search of 8 ms to either side covers one of its periods.
    private const double WindowSeconds = 0.030;
    private const double SearchSeconds = 0.008;

    /// <summary>Changes the duration by 1 / <paramref name="speed"/>; at speed 1 returns the waveform itself.</summary>
    /// <exception cref="AudioException">The speed is not within <see cref="Slowest"/> and <see cref="Fastest"/>.</exception>
    public static Waveform Apply(Waveform waveform, double speed)
    {
        ArgumentNullException.ThrowIfNull(waveform);
        RequireSpeed(speed);
        if (speed == 1)
        {
            return waveform;
        }

        var half = (int)(WindowSeconds / 2 * waveform.SampleRate);
        var search = (int)(SearchSeconds * waveform.SampleRate);
        var output = new float[(int)Math.Round(waveform.Samples.Length / speed)];
        var rising = Rising(half);
        var previous = 0;
        for (var written = 0; written < output.Length; written += half)
        {
            // The natural continuation of the window before this one starts half a window after it.
            var wanted = (int)(written * speed);
            var start = written == 0 ? 0 : MostSimilar(waveform.Samples, previous + half, wanted, search, half);
            Overlap(waveform.Samples, start, output, written, rising);
            previous = start;
        }

        return new Waveform(output, waveform.SampleRate);
    }

    internal static void RequireSpeed(double speed)
    {
        if (!(speed is >= Slowest and <= Fastest))
        {
            throw new AudioException($"expected a speed from {Slowest} to {Fastest}, found {speed}.");
        }
    }

    // The start within the search range of `wanted` whose next samples correlate best with those at `continuation`. Every second sample
    // is enough to compare: speech has little above a quarter of the sample rate.
    private static int MostSimilar(ReadOnlySpan<float> samples, int continuation, int wanted, int search, int half)
    {
        var best = Math.Clamp(wanted, 0, samples.Length);
        var bestSimilarity = double.NegativeInfinity;
        var last = Math.Min(wanted + search, samples.Length - half);
        if (continuation + half > samples.Length)
        {
            return best;
        }

        for (var start = Math.Max(0, wanted - search); start <= last; start++)
        {
            double product = 0, power = 1e-9;
            for (var i = 0; i < half; i += 2)
            {
                product += samples[start + i] * samples[continuation + i];
                power += samples[start + i] * samples[start + i];
            }

            var similarity = product / Math.Sqrt(power);
            if (similarity > bestSimilarity)
            {
                (best, bestSimilarity) = (start, similarity);
            }
        }

        return best;
    }

    // Adds one window: its first half fades in over what the window before faded out, its second half fades out. The two add up to one.
    private static void Overlap(ReadOnlySpan<float> samples, int start, Span<float> output, int written, ReadOnlySpan<float> rising)
    {
        var half = rising.Length;
        var isFirst = written == 0;
        var count = Math.Min(2 * half, Math.Min(samples.Length - start, output.Length - written));
        for (var i = 0; i < count; i++)
        {
            var gain = i >= half ? 1 - rising[i - half] : isFirst ? 1 : rising[i];
            output[written + i] += gain * samples[start + i];
        }
    }

    private static float[] Rising(int length)
    {
        var window = new float[length];
        for (var i = 0; i < length; i++)
        {
            window[i] = (float)(0.5 - (0.5 * Math.Cos(Math.PI * (i + 0.5) / length)));
        }

        return window;
    }
}
