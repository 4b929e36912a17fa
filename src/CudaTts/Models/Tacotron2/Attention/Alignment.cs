using CudaTts.Tensors;

namespace CudaTts.Models.Tacotron2.Attention;

/// <summary>What attention weights tell about a synthesis.</summary>
public static class Alignment
{
    // The last tokens are punctuation and a closing consonant; attention often peaks on none of them although it has heard them all.
    private const int LeastSlack = 3;

    /// <summary>Whether the attention's peak came to the last tokens in any decoder step; when not, the end of the text was not spoken.</summary>
    /// <param name="alignments">Attention weights [1, steps, T].</param>
    public static bool ReachesEnd(Tensor alignments)
    {
        ArgumentNullException.ThrowIfNull(alignments);
        var (steps, tokens) = (alignments[1], alignments[2]);
        for (var step = 0; step < steps; step++)
        {
            if (IsEnd(Peak(alignments, step), tokens))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a token is one of the last.</summary>
    internal static bool IsEnd(int token, int tokens) => token >= tokens - 1 - Math.Max(LeastSlack, tokens / 20);

    /// <summary>The token with the largest weight in a step.</summary>
    internal static int Peak(Tensor alignments, int step)
    {
        var weights = alignments.Span.Slice(step * alignments[2], alignments[2]);
        var peak = 0;
        for (var token = 1; token < weights.Length; token++)
        {
            peak = weights[token] > weights[peak] ? token : peak;
        }

        return peak;
    }
}
