using CudaTts.Models;
using CudaTts.Tensors;

namespace CudaTts.Pipeline;

/// <summary>The mel of a text without words: it has no frames, and nothing is wrong with it.</summary>
/// <param name="Bands">Bands of the voice's mel.</param>
/// <param name="Stop">Why the voice's model stops when it has said everything.</param>
internal sealed record SilentResult(int Bands, StopReason Stop) : AcousticResult(new Tensor(1, Bands, 0), Stop)
{
    /// <inheritdoc/>
    public override Tensor Alignments { get; } = new(1, 0, 0);

    /// <inheritdoc/>
    public override int Steps => 0;

    /// <inheritdoc/>
    public override int[] TokenBoundaries() => [0];

    /// <inheritdoc/>
    public override AttentionVerdict Judge(double secondsPerFrame) => new(SpeechFaults.None, Coverage: 1, 0, 0, 0, 0, 0, 0, 0);

    /// <inheritdoc/>
    internal override AcousticResult OfLast(int tokens) => this;
}
