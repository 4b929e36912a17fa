using CudaTts.Tensors;

namespace CudaTts.Models.FastPitch;

/// <summary>What FastPitch makes of an utterance. T tokens, F frames.</summary>
/// <param name="Mel">Log-mel, [1, 80, F]: what vocoders read.</param>
/// <param name="Durations">Frames of each token, [T]; their sum is F.</param>
/// <param name="Stop">Why it stopped; where it was cancelled there are no frames.</param>
public sealed record FastPitchResult(Tensor Mel, int[] Durations, StopReason Stop)
{
    /// <summary>The predicted logarithm of one more than each token's frames at pace 1, [1, T].</summary>
    public required Tensor LogDurations { get; init; }

    /// <summary>The pitch that was spoken, in deviations from the mean, [1, T].</summary>
    public required Tensor Pitch { get; init; }

    /// <summary>The energy that was spoken, [1, T], where the network predicts it.</summary>
    public Tensor? Energy { get; init; }

    /// <summary>What the encoder puts out, [1, T, H], where <see cref="FastPitchOptions.KeepsEncoderOutput"/> has asked for it.</summary>
    public Tensor? EncoderOutput { get; init; }
}
