namespace CudaTts.Quality.Pitch;

/// <summary>
/// DIO (Morise et al. 2009): the signal through low-passes half an octave apart. Where one leaves little but the fundamental, the distances between
/// rising and falling zeros, peaks and dips agree; per frame the channel in which they agree best gives the frequency, and a contour that jumps is
/// cut.
/// </summary>
internal static class Dio
{
    private const int ChannelsPerOctave = 2;
    private const double Rejected = 100000;
    private const double Tiny = 1e-12;

    /// <summary>Up to where each low-pass lets through, Hz.</summary>
    internal static double[] Limits { get; } =
        [.. Enumerable.Range(1, 1 + (int)(ChannelsPerOctave * Math.Log2(PitchTrack.Ceiling / PitchTrack.Floor)))
            .Select(step => PitchTrack.Floor * Math.Pow(2, (double)step / ChannelsPerOctave))];

    /// <summary>The frequency [T] of every frame of samples [N] at 16 kHz, 0 where unvoiced.</summary>
    public static double[] Track(double[] samples)
    {
        var frames = PitchTrack.FramesOf(samples.Length);
        var candidates = new double[Limits.Length][];
        var scores = new double[Limits.Length][];
        var filtered = LowPassBank.Filter(samples);
        for (var channel = 0; channel < Limits.Length; channel++)
        {
            candidates[channel] = new double[frames];
            scores[channel] = new double[frames];
            Judge(ZeroCrossings.Of(filtered[channel], frames), Limits[channel], candidates[channel], scores[channel]);
        }

        var best = new double[frames];
        for (var frame = 0; frame < frames; frame++)
        {
            var channel = 0;
            for (var other = 1; other < Limits.Length; other++)
            {
                channel = scores[other][frame] < scores[channel][frame] ? other : channel;
            }

            best[frame] = candidates[channel][frame];
        }

        return ContourCleanup.Apply(best, candidates);
    }

    /// <summary>The mean of the four estimates of every frame, and how far they differ, relative to it.</summary>
    private static void Judge(double[][]? trains, double limit, double[] candidates, double[] scores)
    {
        for (var frame = 0; frame < candidates.Length; frame++)
        {
            double mean = 0, squares = 0;
            if (trains is not null)
            {
                mean = (trains[0][frame] + trains[1][frame] + trains[2][frame] + trains[3][frame]) / 4;
                foreach (var train in trains)
                {
                    squares += (train[frame] - mean) * (train[frame] - mean);
                }
            }

            var isHeld = trains is not null && mean <= limit && mean >= limit / 2 && mean <= PitchTrack.Ceiling && mean >= PitchTrack.Floor;
            candidates[frame] = isHeld ? mean : 0;
            scores[frame] = (isHeld ? Math.Sqrt(squares / 3) : Rejected) / (candidates[frame] + Tiny);
        }
    }
}
