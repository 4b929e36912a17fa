namespace CudaTts.Audio;

/// <summary>
/// Speech faster or slower at the same pitch: waveform-similarity overlap-add (Verhelst and Roelands, ICASSP 1993). Windows are laid down at a
/// constant distance; each is taken from near the place that the speed asks for, where it continues the one before it best.
/// </summary>
public static class TimeStretch
{
    /// <summary>The slowest speed.</summary>
    public const double Slowest = 0.25;

    /// <summary>The fastest speed.</summary>
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
        var length = LengthAt(waveform.Samples.Length, speed);
        return speed == 1 ? waveform : new Waveform(Stretch(waveform.Samples, length, waveform.SampleRate), waveform.SampleRate);
    }

    /// <summary>Samples that so many become at a speed.</summary>
    internal static int LengthAt(int samples, double speed) => (int)Math.Round(samples / speed);

    /// <summary>The same sound in another number of samples, both of its ends included.</summary>
    /// <param name="samples">Samples [N].</param>
    /// <param name="length">The number wanted.</param>
    /// <param name="sampleRate">Samples a second, Hz.</param>
    internal static float[] Stretch(ReadOnlySpan<float> samples, int length, int sampleRate)
    {
        var output = new float[length];
        if (samples.Length < 2 || length == 0)
        {
            output.AsSpan().Fill(samples.IsEmpty ? 0 : samples[0]);
            return output;
        }

        var half = Math.Clamp((int)(WindowSeconds / 2 * sampleRate), 1, samples.Length / 2);
        var search = (int)(SearchSeconds * sampleRate);
        var speed = (double)samples.Length / length;
        var rising = Rising(half);
        var previous = 0;
        for (var written = 0; written < length; written += half)
        {
            // The middle of a window keeps its place in time; the last window ends where the sound does.
            var latest = samples.Length - Math.Min(2 * half, length - written);
            var wanted = written + (2 * half) >= length ? latest : (int)(((written + half) * speed) - half);

            // The natural continuation of the window before this one starts half a window after it.
            var start = written == 0 ? 0 : MostSimilar(samples, previous + half, Math.Clamp(wanted, 0, latest), search, latest, half);
            Overlap(samples, start, output, written, rising);
            previous = start;
        }

        return output;
    }

    internal static void RequireSpeed(double speed)
    {
        if (!(speed is >= Slowest and <= Fastest))
        {
            throw new AudioException(FormattableString.Invariant($"expected a speed from {Slowest} to {Fastest}, found {speed}."));
        }
    }

    // The start within the search range of `wanted` whose next samples correlate best with those at `continuation`; of equally good ones the
    // nearest, so that silence stays in its place. Every second sample is enough to compare: speech has little above a quarter of the sample rate.
    private static int MostSimilar(ReadOnlySpan<float> samples, int continuation, int wanted, int search, int latest, int half)
    {
        var compared = Math.Min(half, samples.Length - continuation);
        var best = wanted;
        var bestSimilarity = Similarity(samples, wanted, continuation, compared);
        for (var distance = 1; distance <= search && compared > 0; distance++)
        {
            foreach (var start in (ReadOnlySpan<int>)[wanted - distance, wanted + distance])
            {
                if (start >= 0 && start <= latest && Similarity(samples, start, continuation, compared) is var similarity
                    && similarity > bestSimilarity)
                {
                    (best, bestSimilarity) = (start, similarity);
                }
            }
        }

        return best;
    }

    private static double Similarity(ReadOnlySpan<float> samples, int start, int continuation, int count)
    {
        count = Math.Min(count, samples.Length - start);
        double product = 0, power = 1e-9;
        for (var i = 0; i < count; i += 2)
        {
            product += samples[start + i] * samples[continuation + i];
            power += samples[start + i] * samples[start + i];
        }

        return product / Math.Sqrt(power);
    }

    // Adds one window: its first half fades in over what the window before faded out, its second half fades out. The two add up to one.
    private static void Overlap(ReadOnlySpan<float> samples, int start, Span<float> output, int written, ReadOnlySpan<float> rising)
    {
        var half = rising.Length;
        var isFirst = written == 0;
        var count = Math.Min(2 * half, output.Length - written);
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
