using System.Numerics;
using CudaTts.Tensors;

namespace CudaTts.Models.Tacotron2.Attention;

/// <summary>What can go wrong with a Tacotron 2 utterance. A good one has none.</summary>
[Flags]
public enum SpeechFaults
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The frame limit came before the gate opened.</summary>
    FrameLimit = 1,

    /// <summary>The attention never came to the end of the text.</summary>
    Unfinished = 2,

    /// <summary>Several tokens in a row were passed without being read.</summary>
    Skipped = 4,

    /// <summary>The attention went back and read something again.</summary>
    Repeated = 8,

    /// <summary>The attention stayed on one token for longer than anyone speaks a phone.</summary>
    Stuck = 16,

    /// <summary>The attention was spread over the text instead of on one place.</summary>
    Unfocused = 32,

    /// <summary>Far fewer or more frames than a text of this length takes.</summary>
    Length = 64,

    /// <summary>The sound ends while it is still loud.</summary>
    CutOff = 128,
}

/// <summary>What the watch saw in one utterance.</summary>
/// <param name="Faults">What is wrong.</param>
/// <param name="Coverage">Share of the tokens that were read, 0 to 1.</param>
/// <param name="LongestSkip">Most tokens in a row that were not read.</param>
/// <param name="LongestBackwardJump">Tokens by which the attention fell back from where it had been.</param>
/// <param name="LongestForwardJump">Most tokens from one step to the next.</param>
/// <param name="LongestStay">Longest time on one token, seconds.</param>
/// <param name="Spread">Mean over the steps of the number of tokens that share the attention (the exponential of its entropy).</param>
/// <param name="SecondsPerToken">Speech for each token, seconds.</param>
/// <param name="TailLevel">Log-mel of the last frames against the loudest, natural logarithm; the nearer to 0, the more was cut off.</param>
public sealed record AttentionVerdict(
    SpeechFaults Faults,
    double Coverage,
    int LongestSkip,
    int LongestBackwardJump,
    int LongestForwardJump,
    double LongestStay,
    double Spread,
    double SecondsPerToken,
    double TailLevel)
{
    /// <summary>Whether nothing is wrong.</summary>
    public bool IsGood => Faults == SpeechFaults.None;

    /// <summary>The larger, the worse: for choosing among attempts. A good utterance has less than 1, each fault adds 1.</summary>
    public double Badness => BitOperations.PopCount((uint)Faults) + Math.Clamp((1 - Coverage) + (0.01 * (LongestBackwardJump + LongestSkip)), 0, 0.99);
}

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
    public static AttentionVerdict Judge(Tacotron2Result result, double secondsPerFrame)
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

    private static SpeechFaults Faults(AttentionVerdict verdict, Tacotron2Result result)
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
