namespace CudaTts.Quality.Statistics;

/// <summary>The standard normal distribution.</summary>
public static class NormalDistribution
{
    // Beyond it the series adds and takes away more than it leaves, and the continued fraction converges in a few steps.
    private const double Far = 3;

    /// <summary>The probability that |Z| exceeds z: what a two-sided test reports.</summary>
    /// <param name="z">Zero or more.</param>
    public static double TwoTails(double z)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(z);
        return z < Far ? 1 - Series(z) : Fraction(z);
    }

    /// <summary>The z that a share of the distribution lies below.</summary>
    /// <param name="probability">Above 0 and below 1.</param>
    public static double Quantile(double probability) => Bisection.SymmetricQuantile(probability, z => 1 - TwoTails(z));

    private static double Density(double z) => Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);

    // P(|Z| <= z) = 2 phi(z) (z + z^3 / 3 + z^5 / (3 5) + ...) (Marsaglia 2004).
    private static double Series(double z)
    {
        double term = z, sum = z;
        for (var k = 3; term > sum * 1e-17; k += 2)
        {
            term *= z * z / k;
            sum += term;
        }

        return 2 * Density(z) * sum;
    }

    // Laplace's continued fraction: P(Z > z) = phi(z) / (z + 1 / (z + 2 / (z + 3 / ...))).
    private static double Fraction(double z)
    {
        var value = z;
        for (var k = 200; k >= 1; k--)
        {
            value = z + (k / value);
        }

        return 2 * Density(z) / value;
    }
}
