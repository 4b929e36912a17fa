using CudaTts.Tensors;

namespace CudaTts.Models.Tacotron2.Attention;

/// <summary>
/// Looks for what goes wrong with attention models: words skipped, repeated or babbled, an end that never comes or comes too soon. It needs no
/// ears: the alignment, the gate and the mel tell.
/// </summary>
public static class AttentionWatch
{
    // A token counts as read when it or a neighbour had this much of the attention in some step: short phones share theirs.
    private const float LeastAttention = 0.3f;

    // The limits lie between what 60 sentences of the default voice show (nothing skipped or read twice, at most 0.26 s on a token, a spread of
    // at most 1.7, 0.068 to 0.086 s a token, a tail below -9) and what failures look like.
    // Silent tokens side by side (a comma and a space, the end) are passed quickly even in good speech.
    private const int MostSkipped = 3;
    private const int MostBackward = 4;
    private const double MostSecondsOnOneToken = 0.7;
    private const double MostSpread = 4;
    private const double LeastSecondsPerToken = 0.025;
    private const double MostSecondsPerToken = 0.4;
    private const int TailFrames = 3;

    // e^-1.5: the sound's last frames are within 13 dB of its loudest.
    private const double LoudestTail = -1.5;

    /// <summary>Judges an utterance.</summary>
    /// <param name="result">What the acoustic model made.</param>
    /// <param name="secondsPerFrame">Length of a mel frame, seconds.</param>
    public static AttentionVerdict Judge(AcousticResult result, double secondsPerFrame)
    {
        ArgumentNullException.ThrowIfNull(result);
        var alignments = result.Alignments;
        var (steps, tokens) = (alignments[1], alignments[2]);
        var secondsPerStep = secondsPerFrame * result.Mel[2] / steps;
        var (unread, longestSkip) = Unread(alignments);
        var (backward, forward, stay) = Movement(alignments);
        var verdict = new AttentionVerdict(
            SpeechFaults.None,
            Coverage: 1 - ((double)unread / tokens),
            longestSkip,
            backward,
            forward,
            LongestStay: stay * secondsPerStep,
            Spread(alignments),
            SecondsPerToken: steps * secondsPerStep / tokens,
            TailLevel(result.Mel));
        return verdict with { Faults = Faults(verdict, result) };
    }

    private static SpeechFaults Faults(AttentionVerdict verdict, AcousticResult result)
    {
        SpeechFaults If(bool condition, SpeechFaults fault) => condition ? fault : SpeechFaults.None;
        return If(result.Stop != StopReason.Gate, SpeechFaults.FrameLimit)
            | If(!Alignment.ReachesEnd(result.Alignments), SpeechFaults.Unfinished)
            | If(verdict.LongestSkip > MostSkipped, SpeechFaults.Skipped)
            | If(verdict.LongestBackwardJump > MostBackward, SpeechFaults.Repeated)
            | If(verdict.LongestStay > MostSecondsOnOneToken, SpeechFaults.Stuck)
            | If(verdict.Spread > MostSpread, SpeechFaults.Unfocused)
            | If(!(verdict.SecondsPerToken is >= LeastSecondsPerToken and <= MostSecondsPerToken), SpeechFaults.Length)
            | If(verdict.TailLevel > LoudestTail, SpeechFaults.CutOff);
    }

    private static (int Unread, int LongestSkip) Unread(Tensor alignments)
    {
        var (steps, tokens) = (alignments[1], alignments[2]);
        var most = new float[tokens];
        for (var i = 0; i < steps * tokens; i++)
        {
            most[i % tokens] = Math.Max(most[i % tokens], alignments.Span[i]);
        }

        var (unread, run, longest) = (0, 0, 0);
        for (var token = 0; token < tokens; token++)
        {
            var near = Math.Max(most[token], Math.Max(token > 0 ? most[token - 1] : 0, token + 1 < tokens ? most[token + 1] : 0));
            run = near < LeastAttention ? run + 1 : 0;
            unread += run > 0 ? 1 : 0;
            longest = Math.Max(longest, run);
        }

        return (unread, longest);
    }

    // The last tokens' silence may be long, and attention wanders over it: it counts neither as a stay nor as going back.
    private static (int Backward, int Forward, int Stay) Movement(Tensor alignments)
    {
        var (steps, tokens) = (alignments[1], alignments[2]);
        var (furthest, last, stay) = (0, 0, 0);
        var (backward, forward, longestStay) = (0, 0, 0);
        for (var step = 0; step < steps && !Alignment.IsEnd(furthest, tokens); step++)
        {
            var peak = Alignment.Peak(alignments, step);
            (backward, forward) = (Math.Max(backward, furthest - peak), Math.Max(forward, peak - last));
            stay = peak == last ? stay + 1 : 1;
            (furthest, last, longestStay) = (Math.Max(furthest, peak), peak, Math.Max(longestStay, stay));
        }

        return (backward, forward, longestStay);
    }

    private static double Spread(Tensor alignments)
    {
        var sum = 0.0;
        var steps = alignments[1];
        foreach (var weight in alignments.Span)
        {
            sum -= weight > 0 ? weight * Math.Log(weight) : 0;
        }

        return Math.Exp(sum / steps);
    }

    private static double TailLevel(Tensor mel)
    {
        var (bands, frames) = (mel[1], mel[2]);
        var levels = new double[frames];
        for (var i = 0; i < bands * frames; i++)
        {
            levels[i % frames] += Math.Exp(mel.Span[i]);
        }

        return Math.Log(levels[^Math.Min(TailFrames, frames)..].Average() / levels.Max());
    }
}
