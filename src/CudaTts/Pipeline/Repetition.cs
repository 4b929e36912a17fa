using CudaTts.Models.Tacotron2;
using CudaTts.Models.Tacotron2.Attention;
using CudaTts.Tensors;
using CudaTts.Text;

namespace CudaTts.Pipeline;

/// <summary>
/// A sentence of a sound or two ("Oh.") is shorter than anything that a model has learnt, and other random numbers do not help it. Another attempt
/// says it twice, "Oh, oh.", and keeps the second time.
/// </summary>
internal static class Repetition
{
    private const int MostSounds = 2;

    /// <summary>Whether an attempt, counted from 1, says the sentence twice.</summary>
    public static bool IsFor(TokenSequence tokens, int attempt) => attempt > 1 && tokens.Ids.Count(SymbolTable.IsSpoken) <= MostSounds;

    /// <summary>The token ids of the sentence behind its own sounds and a comma.</summary>
    public static int[] Twice(Voice voice, TokenSequence tokens) =>
        [.. tokens.Ids[..(Array.FindLastIndex(tokens.Ids, SymbolTable.IsSpoken) + 1)], .. voice.FrontEnd.PauseIds, .. tokens.Ids];

    /// <summary>What was made of the last tokens, as if there were no others.</summary>
    /// <param name="twice">Everything: memory [1, T, E], mel [1, 80, F], alignments [1, steps, T].</param>
    /// <param name="tokens">The number of tokens to keep.</param>
    public static Tacotron2Result SecondTime(Tacotron2Result twice, int tokens)
    {
        var (steps, all) = (twice.Alignments[1], twice.Alignments[2]);
        var step = Math.Min(AlignmentPath.Boundaries(twice.Alignments)[all - tokens], steps - 1);
        var frame = step * (twice.Mel[2] / steps);
        return twice with
        {
            EncoderMemory = Cut(twice.EncoderMemory, all - tokens, 0),
            MelBeforePostnet = Cut(twice.MelBeforePostnet, 0, frame),
            Mel = Cut(twice.Mel, 0, frame),
            GateLogits = Tensor.From(twice.GateLogits.Span[step..], 1, steps - step),
            Alignments = Cut(twice.Alignments, step, all - tokens),
        };
    }

    /// <summary>[1, rows, columns] without its first rows and columns.</summary>
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
