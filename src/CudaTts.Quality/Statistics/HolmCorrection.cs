namespace CudaTts.Quality.Statistics;

/// <summary>
/// Holm's step-down correction (Scandinavian Journal of Statistics 6(2), 1979): of many tests at once, the chance that any of those called
/// significant is none stays below the level asked for.
/// </summary>
public static class HolmCorrection
{
    /// <summary>
    /// The corrected probabilities in the order given: the i-th smallest of m times m - i + 1, never less than one before it, at most 1.
    /// </summary>
    /// <param name="probabilities">The probability of each test by itself.</param>
    public static double[] Adjust(ReadOnlySpan<double> probabilities)
    {
        var values = probabilities.ToArray();
        int[] order = [.. Enumerable.Range(0, values.Length).OrderBy(i => values[i])];
        var adjusted = new double[values.Length];
        double least = 0;
        for (var i = 0; i < order.Length; i++)
        {
            least = Math.Max(least, Math.Min(1, (order.Length - i) * values[order[i]]));
            adjusted[order[i]] = least;
        }

        return adjusted;
    }
}
