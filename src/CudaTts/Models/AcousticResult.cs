using CudaTts.Tensors;

namespace CudaTts.Models;

/// <summary>Why an acoustic model stopped.</summary>
public enum StopReason
{
    /// <summary>The model itself said, step by step, that the utterance is over.</summary>
    Gate,

    /// <summary>Every token has lasted as long as the model predicted beforehand.</summary>
    Durations,

    /// <summary>The most frames allowed were made first; the utterance is probably incomplete.</summary>
    FrameLimit,

    /// <summary>The caller cancelled; the result holds what there was until then.</summary>
    Cancelled,
}

/// <summary>A mel spectrogram and how it came about. T tokens, F frames.</summary>
/// <param name="Mel">Log-mel [1, bands, F]: what vocoders read.</param>
/// <param name="Stop">Why the model stopped.</param>
public abstract record AcousticResult(Tensor Mel, StopReason Stop)
{
    /// <summary>Attention weights [1, steps, T], or a model's durations in this form.</summary>
    public abstract Tensor Alignments { get; }

    /// <summary>Steps that the model took; each makes the same number of frames.</summary>
    public abstract int Steps { get; }

    /// <summary>When each token is spoken, [T + 1]: token j in the steps from entry j to before entry j + 1.</summary>
    public abstract int[] TokenBoundaries();

    /// <summary>Judges whether this is what the text says.</summary>
    /// <param name="secondsPerFrame">Length of a mel frame, seconds.</param>
    public abstract AttentionVerdict Judge(double secondsPerFrame);

    /// <summary>
    /// What was made of the last tokens, as if there were no others. Before them stand a mark of a pause and a space, and it begins where that pause
    /// is quietest.
    /// </summary>
    internal abstract AcousticResult OfLast(int tokens);
}
