namespace CudaTts.Quality.Pesq;

/// <summary>
/// Splits utterances within which the delay changes: of up to 40 places, the one at which both parts, each with a delay of its own, are to be
/// believed more than the whole with one.
/// </summary>
internal sealed class UtteranceSplitting
{
    private const int ShortestUtterance = 200;
    private const int MostBreakPoints = 40;

    private readonly AlignmentPair _pair;
    private readonly Utterance _whole;
    private readonly int[] _breakPoints;

    private UtteranceSplitting(AlignmentPair pair, Utterance whole, int[] breakPoints)
    {
        _pair = pair;
        _whole = whole;
        _breakPoints = breakPoints;
    }

    /// <summary>Splits utterances until none is better for it, or there are 50.</summary>
    public static void SplitAll(List<Utterance> utterances, AlignmentPair pair)
    {
        for (var u = 0; u < utterances.Count && utterances.Count < Utterance.Most;)
        {
            if (Split(utterances[u], pair) is var (before, after))
            {
                utterances[u] = before;
                utterances.Insert(u + 1, after);
            }
            else
            {
                u++;
            }
        }
    }

    private static (Utterance Before, Utterance After)? Split(Utterance whole, AlignmentPair pair)
    {
        var (first, last) = Speech(whole, pair.Reference.Power);
        if (last - first < ShortestUtterance)
        {
            return null;
        }

        var splitting = new UtteranceSplitting(pair, whole, BreakPoints(first, last));
        var left = splitting.LeftParts();
        var right = splitting.RightParts(left);
        return splitting.Best(left, right) is { } best ? splitting.Parts(best, left[best], right[best]) : null;
    }

    /// <summary>The first frame of an utterance with speech, and the first one after its last.</summary>
    private static (int First, int End) Speech(Utterance utterance, double[] power)
    {
        bool IsSilent(int frame) => frame < 0 || frame >= power.Length || power[frame] <= 0;
        var (first, last) = (utterance.Start, utterance.End);
        while (first < utterance.End && IsSilent(first))
        {
            first++;
        }

        while (last > utterance.Start && IsSilent(last))
        {
            last--;
        }

        return (first, last + 1);
    }

    private static int[] BreakPoints(int first, int end)
    {
        var length = end - first;
        var step = 4 * (int)(((0.801 * length) + 159) / 160);
        var margin = Math.Max(75, length / 10);
        var count = Math.Clamp(((end - first - (2 * margin)) / step) + 1, 1, MostBreakPoints);
        return [.. Enumerable.Range(0, count).Select(i => first + margin + (i * step))];
    }

    /// <summary>For each break point the delay of what is before it.</summary>
    private DelayEstimate[] LeftParts()
    {
        var correlation = new ActivityCorrelation(_pair.Reference.Logarithm, _pair.Degraded.Logarithm);
        var walks = new Dictionary<int, FineAlignment.Walk>();
        var parts = new DelayEstimate[_breakPoints.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            correlation.Cover(_whole.Start, _breakPoints[i], Shift);
            parts[i] = Estimate(walks, crude => _pair.Fine.From(_whole.Start, crude), correlation, _breakPoints[i]);
        }

        return parts;
    }

    /// <summary>For each break point whose left part is to be believed, the delay of what is after it.</summary>
    private DelayEstimate[] RightParts(DelayEstimate[] left)
    {
        var correlation = new ActivityCorrelation(_pair.Reference.Logarithm, _pair.Degraded.Logarithm);
        var walks = new Dictionary<int, FineAlignment.Walk>();
        var parts = new DelayEstimate[_breakPoints.Length];
        for (var i = parts.Length - 1; i >= 0; i--)
        {
            correlation.Cover(_breakPoints[i], _whole.End, Shift);
            if (left[i].Confidence > _whole.Alignment.Confidence)
            {
                parts[i] = Estimate(walks, crude => _pair.Fine.Before(_whole.End, crude), correlation, _breakPoints[i]);
            }
        }

        return parts;
    }

    private int Shift => _whole.Alignment.Crude / _pair.Rate.ActivityFrame;

    /// <summary>The delay of a part up to a break point; parts with equal crude delays share one walk.</summary>
    private DelayEstimate Estimate(
        Dictionary<int, FineAlignment.Walk> walks, Func<int, FineAlignment.Walk> start, ActivityCorrelation correlation, int breakPoint)
    {
        var crude = _whole.Alignment.Crude + (_pair.Rate.ActivityFrame * correlation.Lag(Shift));
        if (!walks.TryGetValue(crude, out var walk))
        {
            walks[crude] = walk = start(crude);
        }

        walk.To(breakPoint);
        return walk.Estimate;
    }

    private int? Best(DelayEstimate[] left, DelayEstimate[] right)
    {
        var whole = _whole.Alignment.Confidence;
        double greatest = 0;
        int? best = null;
        for (var i = 0; i < left.Length; i++)
        {
            var isChange = Math.Abs(right[i].Delay - left[i].Delay) >= _pair.Rate.ActivityFrame;
            var isBelieved = left[i].Confidence > whole && right[i].Confidence > whole;
            if (isChange && isBelieved && left[i].Confidence + right[i].Confidence > greatest)
            {
                (greatest, best) = (left[i].Confidence + right[i].Confidence, i);
            }
        }

        return best;
    }

    /// <summary>The two parts; where the delay grows, they overlap by half of what it grows by.</summary>
    private (Utterance Before, Utterance After) Parts(int breakPoint, DelayEstimate left, DelayEstimate right)
    {
        var at = _breakPoints[breakPoint];
        var overlap = right.Delay < left.Delay ? 0 : (right.Delay - left.Delay) / (2 * _pair.Rate.ActivityFrame);
        var before = UtteranceLimits.KeepStart(new Utterance(_whole.Start, at + overlap, left), _pair.Rate);
        return (before, UtteranceLimits.KeepEnd(new Utterance(at - overlap, _whole.End, right), _pair));
    }
}
