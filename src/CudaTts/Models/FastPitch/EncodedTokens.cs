using CudaTts.Tensors;

namespace CudaTts.Models.FastPitch;

/// <summary>What the encoder and the predictors make of an utterance of T tokens, on the host.</summary>
/// <param name="Tokens">What the decoder reads, [1, H, T]: the encoder's output, and the pitch and the energy that were embedded.</param>
/// <param name="LogDurations">The logarithm of one more than each token's frames at pace 1, [1, T]; 0 for padding.</param>
/// <param name="Pitch">In deviations from the mean, [1, T]; 0 for padding.</param>
/// <param name="Energy">Of each token, [1, T], where the network has it; 0 for padding.</param>
/// <param name="EncoderOutput">[1, T, H], where it was asked for.</param>
internal sealed record EncodedTokens(Tensor Tokens, Tensor LogDurations, Tensor Pitch, Tensor? Energy, Tensor? EncoderOutput);
