using CudaTts.Models.Tacotron2.Attention;
using CudaTts.Tensors;

namespace CudaTts.Models.Tacotron2;

/// <summary>What Tacotron 2 makes of an utterance. T tokens, F = steps x frames a step.</summary>
/// <param name="Mel">The postnet's log-mel, [1, 80, F]: what vocoders read.</param>
/// <param name="AttentionWeights">Attention weights, [1, steps, T].</param>
/// <param name="Stop">Why the decoder stopped.</param>
public sealed record Tacotron2Result(Tensor Mel, Tensor AttentionWeights, StopReason Stop) : AcousticResult(Mel, Stop)
{
    /// <inheritdoc/>
    public override Tensor Alignments => AttentionWeights;

    /// <inheritdoc/>
    public override int Steps => Alignments[1];

    /// <summary>The gate before its sigmoid, [1, steps].</summary>
    public required Tensor GateLogits { get; init; }

    /// <summary>The decoder's log-mel, [1, 80, F], before the postnet.</summary>
    public required Tensor MelBeforePostnet { get; init; }

    /// <summary>What attention reads, [1, T, E], where <see cref="Tacotron2Options.KeepsEncoderMemory"/> has asked for it.</summary>
    public Tensor? EncoderMemory { get; init; }

    /// <inheritdoc/>
    public override int[] TokenBoundaries() => AlignmentPath.Boundaries(Alignments);

    /// <inheritdoc/>
    public override AttentionVerdict Judge(double secondsPerFrame) => AttentionWatch.Judge(this, secondsPerFrame);

    /// <inheritdoc/>
    internal override AcousticResult OfLast(int tokens)
    {
        var all = Alignments[2];
        var boundaries = TokenBoundaries();
        var step = Math.Min(QuietestStep(boundaries[all - tokens - 2], boundaries[all - tokens - 1]), Steps - 1);
        var frame = step * (Mel[2] / Steps);
        return this with
        {
            EncoderMemory = EncoderMemory is null ? null : Cut(EncoderMemory, all - tokens, 0),
            MelBeforePostnet = Cut(MelBeforePostnet, 0, frame),
            Mel = Cut(Mel, 0, frame),
            GateLogits = Tensor.From(GateLogits.Span[step..], 1, Steps - step),
            AttentionWeights = Cut(Alignments, step, all - tokens),
        };
    }

    /// <summary>The step of [from, to) with the least sound; where there is none, the one behind.</summary>
    private int QuietestStep(int from, int to)
    {
        var (quietest, least) = (to, double.PositiveInfinity);
        var framesPerStep = Mel[2] / Steps;
        for (var step = from; step < to; step++)
        {
            var level = 0.0;
            for (var band = 0; band < Mel[1]; band++)
            {
                foreach (var value in Mel.Span.Slice((band * Mel[2]) + (step * framesPerStep), framesPerStep))
                {
                    level += Math.Exp(value);
                }
            }

            (quietest, least) = level < least ? (step, level) : (quietest, least);
        }

        return quietest;
    }

    /// <summary>Cuts the first rows and columns off a tensor [1, rows, columns].</summary>
    private static Tensor Cut(Tensor tensor, int firstRow, int firstColumn)
    {
        var (rows, columns) = (tensor[1] - firstRow, tensor[2] - firstColumn);
        var cut = new Tensor(1, rows, columns);
        for (var row = 0; row < rows; row++)
        {
            tensor.Span.Slice(((firstRow + row) * tensor[2]) + firstColumn, columns).CopyTo(cut.Span[(row * columns)..]);
        }

        return cut;
    }
}
