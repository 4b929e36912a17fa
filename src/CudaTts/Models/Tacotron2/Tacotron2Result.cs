using CudaTts.Tensors;

namespace CudaTts.Models.Tacotron2;

/// <summary>Why the decoder stopped.</summary>
public enum StopReason
{
    /// <summary>The model's gate said that the utterance is over.</summary>
    Gate,

    /// <summary>The most steps allowed were taken first; the utterance is probably incomplete.</summary>
    FrameLimit,

    /// <summary>The caller cancelled; the result holds what there was until then.</summary>
    Cancelled,
}

/// <summary>A mel spectrogram and how it came about. T tokens, F = steps x frames a step.</summary>
/// <param name="EncoderMemory">What attention reads, [1, T, E].</param>
/// <param name="MelBeforePostnet">The decoder's log-mel, [1, 80, F].</param>
/// <param name="Mel">The postnet's log-mel, [1, 80, F]: what vocoders read.</param>
/// <param name="GateLogits">The gate before its sigmoid, [1, steps].</param>
/// <param name="Alignments">Attention weights, [1, steps, T].</param>
/// <param name="Stop">Why the decoder stopped.</param>
public sealed record Tacotron2Result(
    Tensor EncoderMemory, Tensor MelBeforePostnet, Tensor Mel, Tensor GateLogits, Tensor Alignments, StopReason Stop);
