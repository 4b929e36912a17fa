using CudaTts.Quality.Levels;
using CudaTts.Quality.Pitch;
using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Evaluation;

/// <summary>What can be measured of speech without a reference: its rate, pauses, level and pitch.</summary>
public static class SpeechMeasures
{
    private const double SecondsPerMinute = 60;
    private const double MillisecondsPerSecond = 1000;
    private const double SemitonesPerOctave = 12;

    /// <summary>The measures of <see cref="Measure.OfVoices"/> that the sound and the numbers of its words and phones tell.</summary>
    /// <param name="signal">Speech.</param>
    /// <param name="words">Number of words that it says.</param>
    /// <param name="phones">Number of phones that it says; 0 where they are not known.</param>
    /// <param name="pitch">The pitch of the signal.</param>
    public static Dictionary<string, double?> Of(Signal signal, int words, int phones, PitchTrack pitch)
    {
        ArgumentNullException.ThrowIfNull(signal);
        ArgumentNullException.ThrowIfNull(pitch);
        var pauses = PauseMeasures.Of(signal);
        var levels = SignalLevels.Of(signal);
        var voiced = pitch.Hertz.Where(hertz => hertz > 0).ToList();
        return new Dictionary<string, double?>
        {
            ["seconds"] = signal.Seconds,
            ["words_per_minute"] = pauses is null || words == 0 ? null : SecondsPerMinute * words / (pauses.End - pauses.Start),
            ["phones_per_second"] = pauses is null || phones == 0 ? null : phones / pauses.SpokenSeconds,
            ["pause_share"] = pauses is null ? null : pauses.Pauses.Sum() / (pauses.End - pauses.Start),
            ["longest_pause_ms"] = pauses is null ? null : MillisecondsPerSecond * pauses.Pauses.DefaultIfEmpty().Max(),
            ["loudness_lufs"] = levels.LoudnessLufs,
            ["true_peak_dbtp"] = levels.TruePeakDbtp,
            ["f0_mean_hz"] = voiced.Count == 0 ? null : voiced.Average(),
            ["f0_deviation_semitones"] = voiced.Count == 0 ? null : Deviation([.. voiced.Select(hertz => SemitonesPerOctave * Math.Log2(hertz))]),
            ["voiced_share"] = pitch.Hertz.Length == 0 ? null : (double)voiced.Count / pitch.Hertz.Length,
            ["clicks"] = levels.Clicks,
            ["clipped_samples"] = levels.ClippedSamples,
        };
    }

    private static double Deviation(double[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
    }
}
