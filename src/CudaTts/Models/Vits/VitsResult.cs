using CudaTts.Tensors;

namespace CudaTts.Models.Vits;

/// <summary>What a VITS makes of an utterance, stage by stage. T tokens, F frames.</summary>
/// <param name="TextEncoding">Of the text encoder, [1, H, T].</param>
/// <param name="Means">Of the prior of each token, [1, C, T]: <c>m_p</c>.</param>
/// <param name="LogDeviations">Logarithms of its standard deviations, [1, C, T]: <c>logs_p</c>.</param>
/// <param name="LogDurations">Logarithms of durations in frames, before any factor, [1, T].</param>
/// <param name="Durations">Frames of each token, [T].</param>
/// <param name="PriorFrames">Drawn from the prior, [1, C, F]: <c>z_p</c>.</param>
/// <param name="Frames">What the decoder reads, [1, C, F]: <c>z</c>.</param>
/// <param name="Stop">Why the model stopped.</param>
public sealed record VitsResult(
    Tensor TextEncoding, Tensor Means, Tensor LogDeviations, Tensor LogDurations, int[] Durations, Tensor PriorFrames, Tensor Frames,
    StopReason Stop);
