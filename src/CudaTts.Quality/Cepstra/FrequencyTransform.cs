namespace CudaTts.Quality.Cepstra;

/// <summary>
/// Warping of the frequency axis by the all-pass (z^-1 - a) / (1 - a z^-1), as recursions over the coefficients of a sequence (Oppenheim, Johnson,
/// Proc. IEEE 60, 1972; SPTK's <c>freqt</c> and <c>frqtr</c>), written out as matrices.
/// </summary>
internal static class FrequencyTransform
{
    /// <summary>The matrix [order + 1][last + 1] that warps a cepstrum c[0..last] to the given order.</summary>
    public static double[][] Warp(int last, int order, double alpha) => Columns(last, order, (g, d) =>
    {
        g[0] += alpha * d[0];
        if (order >= 1)
        {
            g[1] = ((1 - (alpha * alpha)) * d[0]) + (alpha * d[1]);
        }

        for (var j = 2; j <= order; j++)
        {
            g[j] = d[j - 1] + (alpha * (d[j] - g[j - 1]));
        }
    });

    /// <summary>The matrix [order + 1][last + 1] that warps an autocorrelation r[0..last].</summary>
    public static double[][] WarpCorrelation(int last, int order, double alpha) => Columns(last, order, (g, d) =>
    {
        for (var j = 1; j <= order; j++)
        {
            g[j] = d[j - 1] + (alpha * (d[j] - g[j - 1]));
        }
    });

    // The recursion runs from the highest coefficient down. What coefficient i leads to is i steps with nothing more added after it
    // has been, so every column is one step further than the one before.
    private static double[][] Columns(int last, int order, Action<double[], double[]> step)
    {
        var matrix = new double[order + 1][];
        for (var j = 0; j <= order; j++)
        {
            matrix[j] = new double[last + 1];
        }

        var (g, d) = (new double[order + 1], new double[order + 1]);
        g[0] = 1;
        step(g, d);
        for (var i = 0; i <= last; i++)
        {
            for (var j = 0; j <= order; j++)
            {
                matrix[j][i] = g[j];
            }

            (g, d) = (d, g);
            g[0] = 0;
            step(g, d);
        }

        return matrix;
    }
}
