namespace CudaTts.Audio;

/// <summary>
/// Speed, pitch and loudness of speech that has been made. The waveform is changed, not the model: large changes of pitch move the formants along,
/// and sound like another speaker.
/// </summary>
public static class ProsodyChange
{
    /// <summary>The most semitones that the pitch may rise or fall: a factor of 4.</summary>
    public const double MostSemitones = 24;

    /// <summary>The most decibels that the loudness may rise.</summary>
    public const double MostDecibels = 40;

    /// <summary>
    /// The waveform at another speed, pitch and loudness; itself when nothing changes. The pitch is changed by a change of duration and resampling
    /// back to exactly round(N / speed) samples. Loudness rises at most to full scale, so that nothing is clipped.
    /// </summary>
    /// <param name="waveform">Samples [N].</param>
    /// <param name="speed">Times as fast, <see cref="TimeStretch.Slowest"/> to <see cref="TimeStretch.Fastest"/>.</param>
    /// <param name="semitones">Change of pitch, at most <see cref="MostSemitones"/> up or down.</param>
    /// <param name="decibels">Change of loudness, at most <see cref="MostDecibels"/>; negative infinity is silence.</param>
    /// <exception cref="AudioException">A value is out of its range.</exception>
    public static Waveform Apply(Waveform waveform, double speed, double semitones, double decibels)
    {
        ArgumentNullException.ThrowIfNull(waveform);
        Require(speed, semitones, decibels);
        if (semitones == 0 && decibels == 0)
        {
            return TimeStretch.Apply(waveform, speed);
        }

        var length = TimeStretch.LengthAt(waveform.Samples.Length, speed);
        var samples = semitones == 0 ? (float[])TimeStretch.Apply(waveform, speed).Samples.Clone() : Shift(waveform, length, semitones);
        Scale(samples, decibels);
        return new Waveform(samples, waveform.SampleRate);
    }

    private static void Require(double speed, double semitones, double decibels)
    {
        TimeStretch.RequireSpeed(speed);
        if (!(Math.Abs(semitones) <= MostSemitones))
        {
            throw new AudioException(
                FormattableString.Invariant($"expected a change of pitch from {-MostSemitones} to {MostSemitones} semitones, found {semitones}."));
        }

        if (!(decibels <= MostDecibels))
        {
            throw new AudioException(
                FormattableString.Invariant($"expected a change of loudness of at most {MostDecibels} dB, found {decibels}."));
        }
    }

    private static float[] Shift(Waveform waveform, int length, double semitones)
    {
        var factor = Math.Pow(2, semitones / 12);
        var stretched = TimeStretch.Stretch(waveform.Samples, (int)Math.Round(length * factor), waveform.SampleRate);
        return SincResampler.Apply(stretched, length);
    }

    private static void Scale(Span<float> samples, double decibels)
    {
        var peak = 0f;
        foreach (var sample in samples)
        {
            peak = Math.Max(peak, Math.Abs(sample));
        }

        var gain = Math.Pow(10, decibels / 20);
        var limited = (float)(gain > 1 && gain * peak > 1 ? Math.Max(1, 1 / peak) : gain);
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] *= limited;
        }
    }
}
