using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Evaluation;

/// <summary>
/// Pauses within speech: stretches of 100 ms or more in which every frame of 10 ms is 35 dB or more below the loudest tenth of the frames.
/// </summary>
/// <param name="Start">Where speech begins, seconds.</param>
/// <param name="End">Where it ends, seconds.</param>
/// <param name="Pauses">Each pause between, seconds.</param>
public sealed record PauseMeasures(double Start, double End, IReadOnlyList<double> Pauses)
{
    private const double FrameSeconds = 0.01;
    private const int LeastFrames = 10;
    private const double BelowSpeechDb = 35;
    private const double SpeechShare = 0.9;

    /// <summary>Seconds from the beginning of speech to its end without the pauses.</summary>
    public double SpokenSeconds => End - Start - Pauses.Sum();

    /// <summary>Finds the pauses; null where nothing sounds.</summary>
    /// <param name="signal">Speech.</param>
    public static PauseMeasures? Of(Signal signal)
    {
        ArgumentNullException.ThrowIfNull(signal);
        var powers = FramePowers(signal);
        var speech = powers.Order().ElementAtOrDefault((int)(SpeechShare * powers.Length));
        var threshold = speech * Math.Pow(10, -BelowSpeechDb / 10);
        var first = Array.FindIndex(powers, power => power > threshold);
        if (first < 0)
        {
            return null;
        }

        var last = Array.FindLastIndex(powers, power => power > threshold);
        var frameSeconds = (double)FrameLength(signal) / signal.SampleRate;
        var pauses = new List<double>();
        var silent = 0;
        for (var frame = first; frame <= last; frame++)
        {
            if (powers[frame] <= threshold)
            {
                silent++;
                continue;
            }

            if (silent >= LeastFrames)
            {
                pauses.Add(silent * frameSeconds);
            }

            silent = 0;
        }

        return new PauseMeasures(first * frameSeconds, (last + 1) * frameSeconds, pauses);
    }

    // Whole samples: at 22.05 kHz a frame lasts a little less than 10 ms.
    private static int FrameLength(Signal signal) => Math.Max(1, (int)(FrameSeconds * signal.SampleRate));

    private static double[] FramePowers(Signal signal)
    {
        var length = FrameLength(signal);
        var powers = new double[signal.Samples.Length / length];
        for (var frame = 0; frame < powers.Length; frame++)
        {
            foreach (var sample in signal.Samples.AsSpan(frame * length, length))
            {
                powers[frame] += sample * sample / length;
            }
        }

        return powers;
    }
}
