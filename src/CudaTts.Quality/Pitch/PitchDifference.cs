using CudaTts.Quality.Statistics;

namespace CudaTts.Quality.Pitch;

/// <summary>
/// How far two contours of pitch differ over pairs of frames. Gross errors and errors of voicing as Nakatani, Amano, Irino, Ishizuka and Kondo
/// (Speech Communication 50, 2008) and Chu and Alwan (ICASSP 2009) define them. What has no pair of voiced frames to be seen in is null.
/// </summary>
/// <param name="LogRmse">Root mean square of ln f - ln f' over frames voiced in both, nepers.</param>
/// <param name="GrossError">Share of the frames voiced in both that are off by more than a fifth.</param>
/// <param name="VoicingError">Share of all pairs that are voiced in one only.</param>
/// <param name="FrameError">Share of all pairs with an error of either kind.</param>
/// <param name="RmseHertz">Root mean square difference over frames voiced in both, Hz.</param>
/// <param name="Correlation">Pearson's correlation over frames voiced in both.</param>
public readonly record struct PitchDifference(
    double? LogRmse, double? GrossError, double? VoicingError, double? FrameError, double? RmseHertz, double? Correlation)
{
    private const double Gross = 0.2;

    /// <summary>Compares pairs of frequencies, 0 where a frame is unvoiced.</summary>
    /// <param name="pairs">The reference's and the other's frequency, Hz.</param>
    public static PitchDifference Of(IReadOnlyCollection<(double Reference, double Degraded)> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        if (pairs.Count == 0)
        {
            return default;
        }

        var voiced = pairs.Where(pair => pair is { Reference: > 0, Degraded: > 0 }).ToList();
        var mismatched = pairs.Count(pair => pair.Reference > 0 != pair.Degraded > 0);
        var gross = voiced.Count(pair => Math.Abs(pair.Degraded - pair.Reference) > Gross * pair.Reference);
        var (voicingError, frameError) = ((double)mismatched / pairs.Count, (double)(mismatched + gross) / pairs.Count);
        return voiced.Count == 0
            ? new PitchDifference(null, null, voicingError, frameError, null, null)
            : new PitchDifference(
                Math.Sqrt(voiced.Average(pair => Square(Math.Log(pair.Degraded) - Math.Log(pair.Reference)))),
                (double)gross / voiced.Count,
                voicingError,
                frameError,
                Math.Sqrt(voiced.Average(pair => Square(pair.Degraded - pair.Reference))),
                SampleStatistics.Correlation([.. voiced.Select(pair => pair.Reference)], [.. voiced.Select(pair => pair.Degraded)]));
    }

    private static double Square(double value) => value * value;
}
