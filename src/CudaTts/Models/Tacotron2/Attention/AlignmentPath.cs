using CudaTts.Tensors;

namespace CudaTts.Models.Tacotron2.Attention;

/// <summary>
/// When each token is spoken: of all ways to go through the tokens in order, staying on or advancing by
/// one each decoder step, the one with the largest sum of log attention weights (the monotonic alignment
/// search of Glow-TTS, arXiv:2005.11129, section 2.2, on an alignment instead of likelihoods).
/// </summary>
public static class AlignmentPath
{
    // Keeps the logarithm of a weight of zero finite.
    private const float LeastWeight = 1e-6f;

    /// <summary>The decoder steps that belong to each token.</summary>
    /// <param name="alignments">Attention weights [1, steps, T].</param>
    /// <returns>
    /// [T + 1]: token j is spoken in the steps from entry j to before entry j + 1. Where there are fewer steps than tokens, the tokens that the path
    /// does not come to are empty.
    /// </returns>
    public static int[] Boundaries(Tensor alignments)
    {
        ArgumentNullException.ThrowIfNull(alignments);
        var (steps, tokens) = (alignments[1], alignments[2]);
        var advanced = new bool[steps * tokens];
        var scores = new double[tokens];
        Array.Fill(scores, double.NegativeInfinity);
        for (var step = 0; step < steps; step++)
        {
            var weights = alignments.Span.Slice(step * tokens, tokens);
            for (var token = Math.Min(step, tokens - 1); token >= 0; token--)
            {
                var before = token > 0 ? scores[token - 1] : step == 0 ? 0 : double.NegativeInfinity;
                advanced[(step * tokens) + token] = before > scores[token];
                scores[token] = Math.Max(before, scores[token]) + Math.Log(Math.Max(weights[token], LeastWeight));
            }
        }

        return TraceBack(advanced, steps, tokens);
    }

    private static int[] TraceBack(bool[] advanced, int steps, int tokens)
    {
        var boundaries = new int[tokens + 1];
        var token = Math.Min(steps, tokens) - 1;
        Array.Fill(boundaries, steps, token + 1, tokens - token);
        for (var step = steps - 1; step > 0; step--)
        {
            if (advanced[(step * tokens) + token])
            {
                boundaries[token] = step;
                token--;
            }
        }

        return boundaries;
    }
}
