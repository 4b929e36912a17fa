namespace CudaTts.Audio;

/// <summary>
/// Sound that begins or ends at once clicks. Speech begins and ends in silence, and is left as it is; only where the first or last samples are loud
/// does a short fade take the jump away.
/// </summary>
internal static class EdgeFade
{
    private const double FadeSeconds = 0.01;

    // What must be quiet: the samples that stand right beside the silence.
    private const double EdgeSeconds = 0.001;

    // 66 dB below full scale: a jump of that height is not heard.
    private const float Quiet = 0.0005f;

    /// <summary>Fades in, unless the sound begins quietly.</summary>
    public static void AtStart(Span<float> samples, int sampleRate)
    {
        if (IsLoud(samples[..Math.Min(samples.Length, (int)(EdgeSeconds * sampleRate))]))
        {
            var length = Math.Min(samples.Length, (int)(FadeSeconds * sampleRate));
            for (var i = 0; i < length; i++)
            {
                samples[i] *= GainAt(i, length);
            }
        }
    }

    /// <summary>Fades out, unless the sound ends quietly.</summary>
    public static void AtEnd(Span<float> samples, int sampleRate)
    {
        if (IsLoud(samples[^Math.Min(samples.Length, (int)(EdgeSeconds * sampleRate))..]))
        {
            var length = Math.Min(samples.Length, (int)(FadeSeconds * sampleRate));
            for (var i = 0; i < length; i++)
            {
                samples[^(i + 1)] *= GainAt(i, length);
            }
        }
    }

    /// <summary>Half a cosine, from 0 to almost 1.</summary>
    private static float GainAt(int sample, int length) => (float)(0.5 - (0.5 * Math.Cos(Math.PI * sample / length)));

    private static bool IsLoud(ReadOnlySpan<float> samples)
    {
        foreach (var sample in samples)
        {
            if (Math.Abs(sample) > Quiet)
            {
                return true;
            }
        }

        return false;
    }
}
