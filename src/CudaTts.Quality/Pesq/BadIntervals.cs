namespace CudaTts.Quality.Pesq;

/// <summary>
/// Stretches of frames with a great disturbance are aligned once more, each by itself: what was badly aligned is not badly transmitted.
/// </summary>
internal static class BadIntervals
{
    private const int Smear = 2;
    private const int ShortestInterval = 5;
    private const int MostIntervals = 1000;

    /// <summary>The intervals, as their first frame and the first frame after them: bad frames, and frames between bad ones that are near.</summary>
    /// <param name="disturbance">The symmetric disturbance of every frame.</param>
    public static List<(int Start, int End)> Find(double[] disturbance)
    {
        var intervals = new List<(int Start, int End)>();
        for (var frame = 0; frame < disturbance.Length && intervals.Count < MostIntervals; frame++)
        {
            var start = frame;
            while (IsNearBad(disturbance, frame))
            {
                frame++;
            }

            if (frame - start >= ShortestInterval)
            {
                intervals.Add((start, frame));
            }
        }

        return intervals;
    }

    /// <summary>The degraded signal in step with the reference, sample by sample, within each interval by a delay of its own.</summary>
    public static double[] Realign(ModelSignals signals, List<(int Start, int End)> intervals)
    {
        var aligned = Align(signals);
        var realigned = aligned[..];
        var envelopes = new EnvelopeAlignment(signals, aligned);
        foreach (var interval in intervals)
        {
            var start = signals.Rate.Guard + (interval.Start * signals.Rate.Hop);
            var end = signals.Rate.Guard + (interval.End * signals.Rate.Hop) + signals.Rate.ModelWindow;
            var delay = envelopes.Delay(start, end);
            for (var i = start; i < end; i++)
            {
                realigned[i] = aligned[Math.Clamp(i + delay, 0, signals.Longest - 1)];
            }
        }

        return realigned;
    }

    private static bool IsNearBad(double[] disturbance, int frame) => frame >= Smear && frame < disturbance.Length - 1 - Smear
        && IsAnyBad(disturbance, frame - Smear, frame) && IsAnyBad(disturbance, frame, frame + Smear);

    // The first frame of all never counts.
    private static bool IsAnyBad(double[] disturbance, int first, int last)
    {
        var isBad = false;
        for (var frame = Math.Max(first, 1); frame <= last; frame++)
        {
            isBad |= disturbance[frame] > Disturbances.Bad;
        }

        return isBad;
    }

    private static double[] Align(ModelSignals signals)
    {
        var aligned = new double[signals.Degraded.Length];
        foreach (var (start, end, delay) in signals.Delays.Between(signals.Rate.Guard, signals.End))
        {
            for (var i = start; i < end; i++)
            {
                aligned[i] = signals.Degraded[Math.Clamp(i + delay, signals.Rate.Guard, signals.End - 1)];
            }
        }

        return aligned;
    }
}
