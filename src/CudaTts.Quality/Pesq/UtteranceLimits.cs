namespace CudaTts.Quality.Pesq;

/// <summary>Where utterances begin and end: they take up the pauses between them, and stay within both signals.</summary>
internal static class UtteranceLimits
{
    private const int Guard = ModelRate.GuardFrames;

    /// <summary>Moves the limits of utterances from where speech begins and ends to where the utterances meet.</summary>
    public static void Settle(List<Utterance> utterances, AlignmentPair pair)
    {
        utterances[0] = utterances[0] with { Start = Guard };
        utterances[^1] = utterances[^1] with { End = pair.Reference.Power.Length - Guard };
        for (var u = 1; u < utterances.Count; u++)
        {
            Meet(utterances, u, (utterances[u].Start + utterances[u - 1].End) / 2);
        }

        utterances[0] = KeepStart(utterances[0], pair.Rate);
        utterances[^1] = KeepEnd(utterances[^1], pair);
        for (var u = 1; u < utterances.Count; u++)
        {
            Separate(utterances, u, pair.Rate.ActivityFrame);
        }
    }

    /// <summary>An utterance that does not begin before the degraded signal.</summary>
    public static Utterance KeepStart(Utterance utterance, ModelRate rate)
    {
        var frame = rate.ActivityFrame;
        return (utterance.Start * frame) + utterance.Delay < rate.Guard
            ? utterance with { Start = Guard + ((frame - 1 - utterance.Delay) / frame) }
            : utterance;
    }

    /// <summary>An utterance that does not end after the degraded signal.</summary>
    public static Utterance KeepEnd(Utterance utterance, AlignmentPair pair)
    {
        var frame = pair.Rate.ActivityFrame;
        return (utterance.End * frame) + utterance.Delay > pair.DegradedLength - pair.Rate.Guard
            ? utterance with { End = ((pair.DegradedLength - utterance.Delay) / frame) - Guard }
            : utterance;
    }

    private static void Meet(List<Utterance> utterances, int second, int frame)
    {
        utterances[second] = utterances[second] with { Start = frame };
        utterances[second - 1] = utterances[second - 1] with { End = frame };
    }

    /// <summary>Two utterances that would overlap in the degraded signal meet in the middle of the overlap.</summary>
    private static void Separate(List<Utterance> utterances, int second, int frame)
    {
        var (before, after) = (utterances[second - 1], utterances[second]);
        var begin = (after.Start * frame) + after.Delay;
        var finish = (before.End * frame) + before.Delay;
        if (begin < finish)
        {
            var middle = (begin + finish) / 2;
            utterances[second] = after with { Start = (frame - 1 + middle - after.Delay) / frame };
            utterances[second - 1] = before with { End = (middle - before.Delay) / frame };
        }
    }
}
