using CudaTts.Audio;
using CudaTts.Quality.Levels;
using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Listening;

/// <summary>Brings every clip of a test to one loudness, so that the louder of two systems is not heard as the better one.</summary>
internal static class ClipLevels
{
    /// <summary>The highest sample that a clip may have after it, of 1: 1 dB of room for what a converter makes between samples.</summary>
    public const double Ceiling = 0.891;

    // A block of BS.1770 lasts 0.4 s; half a second holds one at every rate.
    private const double LeastSeconds = 0.5;

    /// <summary>Scales clips to a loudness, or to the highest below it at which none of them is clipped.</summary>
    /// <param name="clips">The clips.</param>
    /// <param name="target">The loudness wanted, LUFS.</param>
    /// <param name="loudness">The loudness that all of them have, LUFS.</param>
    /// <exception cref="AudioException">A clip is silent.</exception>
    public static IReadOnlyList<TestClip> Match(IReadOnlyList<TestClip> clips, double target, out double loudness)
    {
        double[] levels = [.. clips.Select(LevelOf)];

        // The loudness at which a clip reaches the ceiling is that by which it may rise.
        var most = clips.Zip(levels).Min(clip => clip.Second + (20 * Math.Log10(Ceiling / Peak(clip.First.Sound))));
        var reached = Math.Min(target, most);
        loudness = reached;
        return [.. clips.Zip(levels, (clip, level) => clip with { Sound = Raise(clip.Sound, reached - level) })];
    }

    /// <summary>The loudness of a sound, LUFS; one that is shorter than a block is measured as it would be when repeated. Null of silence.</summary>
    public static double? LoudnessOf(Waveform sound)
    {
        var repeats = (int)Math.Ceiling(LeastSeconds / sound.Duration.TotalSeconds);
        var whole = repeats <= 1 ? sound
            : new Waveform([.. Enumerable.Repeat(sound.Samples, repeats).SelectMany(part => part)], sound.SampleRate);
        return Loudness.Measure(Signal.Of(whole));
    }

    /// <summary>The sound made louder or quieter.</summary>
    /// <param name="sound">The sound.</param>
    /// <param name="decibels">By how much.</param>
    public static Waveform Raise(Waveform sound, double decibels)
    {
        var gain = Math.Pow(10, decibels / 20);
        return new Waveform(Array.ConvertAll(sound.Samples, sample => (float)(gain * sample)), sound.SampleRate);
    }

    private static double LevelOf(TestClip clip) => LoudnessOf(clip.Sound) ?? throw new AudioException(
        $"the clip '{clip.Sentence}' of '{clip.System}' is silent, quieter than -70 LUFS; leave the sentence out.");

    private static double Peak(Waveform sound) => sound.Samples.Max(Math.Abs);
}
