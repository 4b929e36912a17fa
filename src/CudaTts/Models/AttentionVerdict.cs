using System.Numerics;

namespace CudaTts.Models;

/// <summary>What can go wrong with an utterance. A good one has no fault.</summary>
[Flags]
public enum SpeechFaults
{
    /// <summary>Nothing is wrong.</summary>
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

/// <summary>What an acoustic model did with one utterance, as its attention, its gate and its mel tell.</summary>
/// <param name="Faults">Says what is wrong.</param>
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
    public double Penalty =>
        BitOperations.PopCount((uint)Faults) + Math.Clamp((1 - Coverage) + (0.01 * (LongestBackwardJump + LongestSkip)), 0, 0.99);
}
