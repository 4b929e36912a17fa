namespace CudaTts.Quality.Pitch;

/// <summary>Frequencies by the distances between events of a filtered signal: falling and rising zeros, peaks and dips.</summary>
internal static class ZeroCrossings
{
    private const int LeastIntervals = 3;

    /// <summary>For each of the four kinds of events the frequency [T] at every frame; null where one kind has too few.</summary>
    public static double[][]? Of(double[] signal, int frames)
    {
        var slope = new double[signal.Length - 1];
        for (var m = 0; m < slope.Length; m++)
        {
            slope[m] = signal[m + 1] - signal[m];
        }

        double[][] kinds = [signal, Negative(signal), slope, Negative(slope)];
        var trains = Array.ConvertAll(kinds, Intervals);
        return Array.Exists(trains, train => train.Hertz.Length < LeastIntervals)
            ? null
            : Array.ConvertAll(trains, train => Interpolate(train.Seconds, train.Hertz, frames));
    }

    private static double[] Negative(double[] signal) => Array.ConvertAll(signal, value => -value);

    /// <summary>Between falling zeros: when, and how many fit into a second.</summary>
    private static (double[] Seconds, double[] Hertz) Intervals(double[] signal)
    {
        var zeros = new List<double>();
        for (var m = 0; m < signal.Length - 1; m++)
        {
            if (signal[m] > 0 && signal[m + 1] <= 0)
            {
                // One sample late, as in the original, whose indices begin at 1.
                zeros.Add(m + 1 - (signal[m] / (signal[m + 1] - signal[m])));
            }
        }

        var count = Math.Max(0, zeros.Count - 1);
        var (seconds, hertz) = (new double[count], new double[count]);
        for (var i = 0; i < count; i++)
        {
            hertz[i] = PitchTrack.SampleRate / (zeros[i + 1] - zeros[i]);
            seconds[i] = (zeros[i] + zeros[i + 1]) / 2 / PitchTrack.SampleRate;
        }

        return (seconds, hertz);
    }

    /// <summary>Straight lines between the points; the first and the last go on beyond them.</summary>
    private static double[] Interpolate(double[] seconds, double[] hertz, int frames)
    {
        var values = new double[frames];
        var segment = 0;
        for (var frame = 0; frame < frames; frame++)
        {
            var time = frame * PitchTrack.FrameSeconds;
            while (segment < seconds.Length - 2 && time >= seconds[segment + 1])
            {
                segment++;
            }

            var share = (time - seconds[segment]) / (seconds[segment + 1] - seconds[segment]);
            values[frame] = hertz[segment] + (share * (hertz[segment + 1] - hertz[segment]));
        }

        return values;
    }
}
