using CudaTts.Tensors;

namespace CudaTts.Models;

/// <summary>What a model that predicts durations makes of an utterance. T tokens, F frames.</summary>
/// <param name="Mel">Log-mel, or a network's latent frames, [1, bands, F].</param>
/// <param name="Durations">Frames of each token, [T]; their sum is F.</param>
/// <param name="Stop">Why the model stopped; where it was cancelled there are no frames.</param>
public sealed record DurationResult(Tensor Mel, int[] Durations, StopReason Stop) : AcousticResult(Mel, Stop)
{
    /// <inheritdoc/>
    public override int Steps => Mel[2];

    /// <inheritdoc/>
    // One of F x T where a token is spoken in a frame; made when somebody looks, because its size is the square of the utterance's.
    public override Tensor Alignments
    {
        get
        {
            var alignments = new Tensor(1, Steps, Durations.Length);
            foreach (var (frame, token) in TokensOfFrames(Durations).Index())
            {
                alignments.Span[(frame * Durations.Length) + token] = 1;
            }

            return alignments;
        }
    }

    /// <summary>The token that each frame says, [F].</summary>
    /// <param name="durations">Frames of each token, [T].</param>
    internal static int[] TokensOfFrames(int[] durations)
    {
        var tokens = new int[durations.Sum()];
        var frame = 0;
        for (var token = 0; token < durations.Length; token++)
        {
            tokens.AsSpan(frame, durations[token]).Fill(token);
            frame += durations[token];
        }

        return tokens;
    }

    /// <summary>What is left of an utterance whose synthesis was cancelled before there were frames.</summary>
    internal static DurationResult Cancelled(int bands, int tokens) => new(new Tensor(1, bands, 0), new int[tokens], StopReason.Cancelled);

    /// <inheritdoc/>
    public override int[] TokenBoundaries()
    {
        var boundaries = new int[Durations.Length + 1];
        for (var token = 0; token < Durations.Length; token++)
        {
            boundaries[token + 1] = boundaries[token] + Durations[token];
        }

        return boundaries;
    }

    /// <inheritdoc/>
    // There is no attention to watch: durations read every token once and in order, and only a limit can cut them off.
    public override AttentionVerdict Judge(double secondsPerFrame) => new(
        Stop == StopReason.FrameLimit ? SpeechFaults.FrameLimit : SpeechFaults.None, Coverage: 1, LongestSkip: 0, LongestBackwardJump: 0,
        LongestForwardJump: 1, Durations.Max() * secondsPerFrame, Spread: 1, Steps * secondsPerFrame / Durations.Length, TailLevel: 0);

    /// <inheritdoc/>
    internal override AcousticResult OfLast(int tokens)
    {
        var first = TokenBoundaries()[Durations.Length - tokens];
        return this with { Mel = MelFrames.Cut(Mel, first, Mel[2] - first), Durations = Durations[^tokens..] };
    }
}
