namespace CudaTts.Quality.Pesq;

/// <summary>Finds the utterances of the reference, and the delay of each in a window around it.</summary>
internal static class UtteranceSearch
{
    private const int ShortestUtterance = 50;
    private const int Margin = ModelRate.GuardFrames;

    /// <summary>
    /// The utterances as the activity has them, 50 at most; none where the reference has no speech that the degraded signal could have.
    /// </summary>
    public static List<Utterance> Find(AlignmentPair pair)
    {
        var frame = pair.Rate.ActivityFrame;
        var shift = ActivityCorrelation.Lag(pair.Reference.Logarithm, pair.Degraded.Logarithm);
        var last = pair.Reference.Power.Length - 1;
        var utterances = new List<Utterance>();
        foreach (var (start, runEnd) in pair.Reference.Runs())
        {
            var end = Math.Min(runEnd, last);
            var isThere = start < ((pair.DegradedLength - (shift * frame)) / frame) - ShortestUtterance && end > ShortestUtterance - shift;
            if (end - start >= ShortestUtterance && isThere && utterances.Count < Utterance.Most)
            {
                var alignment = Align(pair, Math.Max(0, start - Margin), Math.Min(last, end + Margin), shift);
                utterances.Add(new Utterance(start, end, alignment));
            }
        }

        return utterances;
    }

    private static DelayEstimate Align(AlignmentPair pair, int start, int end, int shift)
    {
        var lag = ActivityCorrelation.Lag(pair.Reference.Logarithm, pair.Degraded.Logarithm, start, end, shift);
        return pair.Fine.Estimate(start, end, (shift + lag) * pair.Rate.ActivityFrame);
    }
}
