using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Levels;

/// <summary>What one sound is like as a signal. Levels are relative to full scale, a sample of 1.</summary>
/// <param name="LoudnessLufs">Integrated loudness, LUFS; null below the gate.</param>
/// <param name="RmsDbfs">Root mean square; null for digital silence.</param>
/// <param name="PeakDbfs">The greatest sample; null for digital silence.</param>
/// <param name="TruePeakDbtp">
/// The greatest value at four times the rate (BS.1770 annex 2, with the resampler of this library); null for silence.
/// </param>
/// <param name="CrestDb">Peak over root mean square; null for silence.</param>
/// <param name="Dc">The mean of the samples.</param>
/// <param name="ClippedSamples">Samples at full scale in runs of two or more.</param>
/// <param name="Clicks">Sudden jumps (<see cref="Clicks.Count"/>).</param>
/// <param name="LeadingSilenceMs">Time before the first frame of 10 ms above -60 dBFS; all of it where there is none.</param>
/// <param name="TrailingSilenceMs">Time after the last such frame.</param>
public sealed record SignalLevels(
    double? LoudnessLufs, double? RmsDbfs, double? PeakDbfs, double? TruePeakDbtp, double? CrestDb, double Dc, int ClippedSamples, int Clicks,
    double LeadingSilenceMs, double TrailingSilenceMs)
{
    private const double FullScale = 32767.0 / 32768;
    private const int TruePeakFactor = 4;
    private const int TruePeakBlock = 1 << 16;
    private const int TruePeakMargin = 64;
    private const double SilenceDbfs = -60;

    /// <summary>Measures a sound.</summary>
    /// <param name="signal">The sound, one sample or more.</param>
    public static SignalLevels Of(Signal signal)
    {
        ArgumentNullException.ThrowIfNull(signal);
        var samples = signal.Samples;
        double sum = 0, squares = 0, peak = 0;
        foreach (var sample in samples)
        {
            sum += sample;
            squares += sample * sample;
            peak = Math.Max(peak, Math.Abs(sample));
        }

        var rms = Decibels(Math.Sqrt(squares / Math.Max(1, samples.Length)));
        var (leading, trailing) = Silence(signal);
        return new SignalLevels(
            Loudness.Measure(signal), rms, Decibels(peak), Decibels(TruePeak(signal, peak)), Decibels(peak) - rms,
            sum / Math.Max(1, samples.Length), ClippedIn(samples), Levels.Clicks.Count(signal), leading, trailing);
    }

    /// <summary>20 log10 of an amplitude; null for zero.</summary>
    internal static double? Decibels(double amplitude) => amplitude > 0 ? 20 * Math.Log10(amplitude) : null;

    // Block by block, with enough on either side for the filter: four times a long recording would not fit into memory.
    private static double TruePeak(Signal signal, double peak)
    {
        for (var start = 0; start < signal.Samples.Length; start += TruePeakBlock)
        {
            var first = Math.Max(0, start - TruePeakMargin);
            var end = Math.Min(signal.Samples.Length, start + TruePeakBlock + TruePeakMargin);
            foreach (var sample in RationalResampler.Apply(signal.Samples.AsSpan(first..end), 1, TruePeakFactor))
            {
                peak = Math.Max(peak, Math.Abs(sample));
            }
        }

        return peak;
    }

    private static int ClippedIn(double[] samples)
    {
        int clipped = 0, run = 0;
        foreach (var sample in samples)
        {
            run = Math.Abs(sample) >= FullScale ? run + 1 : 0;
            clipped += run == 2 ? 2 : run > 2 ? 1 : 0;
        }

        return clipped;
    }

    private static (double Leading, double Trailing) Silence(Signal signal)
    {
        var frame = Math.Max(1, signal.SampleRate / 100);
        var count = signal.Samples.Length / frame;
        var sounding = Enumerable.Range(0, count).Where(i => IsSounding(signal.Samples.AsSpan(i * frame, frame))).ToList();
        var whole = 1000 * signal.Seconds;
        return sounding.Count == 0
            ? (whole, whole)
            : (1000.0 * sounding[0] * frame / signal.SampleRate, whole - (1000.0 * (sounding[^1] + 1) * frame / signal.SampleRate));
    }

    private static bool IsSounding(ReadOnlySpan<double> frame)
    {
        double squares = 0;
        foreach (var sample in frame)
        {
            squares += sample * sample;
        }

        return Decibels(Math.Sqrt(squares / frame.Length)) > SilenceDbfs;
    }
}
