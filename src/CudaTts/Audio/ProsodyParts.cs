namespace CudaTts.Audio;

/// <summary>A stretch of a waveform and what becomes of it.</summary>
/// <param name="End">Where it ends, samples; it begins where the one before it ends.</param>
/// <param name="Speed">As for <see cref="ProsodyChange.Apply"/>.</param>
/// <param name="Semitones">Change of pitch.</param>
/// <param name="Decibels">Change of loudness.</param>
internal readonly record struct ProsodyPart(int End, double Speed, double Semitones, double Decibels);

/// <summary>Stretches of one waveform, each with its own speed, pitch and loudness, and no click between them.</summary>
internal static class ProsodyParts
{
    private const double FadeSeconds = 0.005;

    /// <summary>
    /// Changes every part and puts them together. A part goes on for a moment behind its end and fades out while the next fades in; that takes no
    /// time, so a part is as long as it would be alone, and parts without a change leave the waveform as it is.
    /// </summary>
    /// <param name="waveform">Samples [N].</param>
    /// <param name="parts">In order, the last one ending at N.</param>
    /// <param name="ends">Where each part ends in the result, samples.</param>
    public static Waveform Apply(Waveform waveform, IReadOnlyList<ProsodyPart> parts, out int[] ends)
    {
        var rate = waveform.SampleRate;
        ends = new int[parts.Count];
        for (var i = 0; i < parts.Count; i++)
        {
            ends[i] = (i == 0 ? 0 : ends[i - 1]) + TimeStretch.LengthAt(parts[i].End - StartOf(parts, i), parts[i].Speed);
        }

        var samples = new float[ends[^1]];
        var faded = 0;
        for (var i = 0; i < parts.Count; i++)
        {
            var (start, part) = (StartOf(parts, i), parts[i]);
            var begin = i == 0 ? 0 : ends[i - 1];
            var fade = i + 1 < parts.Count ? Math.Min((int)(FadeSeconds * rate), ends[i + 1] - ends[i]) : 0;
            var sourceEnd = Math.Min(waveform.Samples.Length, part.End + (int)Math.Ceiling(fade * part.Speed));
            var changed = ProsodyChange.Apply(
                new Waveform(waveform.Samples[start..sourceEnd], rate), part.Speed, part.Semitones, part.Decibels).Samples;
            fade = Math.Min(fade, Math.Max(0, changed.Length - (ends[i] - begin)));
            Add(changed, samples.AsSpan(begin), faded, ends[i] - begin, fade);
            faded = fade;
        }

        return new Waveform(samples, rate);
    }

    private static int StartOf(IReadOnlyList<ProsodyPart> parts, int index) => index == 0 ? 0 : parts[index - 1].End;

    private static void Add(ReadOnlySpan<float> part, Span<float> output, int fadeIn, int length, int fadeOut)
    {
        for (var i = 0; i < Math.Min(part.Length, length + fadeOut); i++)
        {
            var gain = i < fadeIn ? (i + 0.5f) / fadeIn : 1;
            gain *= i >= length ? 1 - ((i - length + 0.5f) / fadeOut) : 1;
            output[i] += gain * part[i];
        }
    }
}
