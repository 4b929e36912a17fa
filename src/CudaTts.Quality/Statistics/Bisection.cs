namespace CudaTts.Quality.Statistics;

/// <summary>Inverts a distribution by halving an interval until its ends are neighbouring numbers.</summary>
internal static class Bisection
{
    /// <summary>The quantile of a distribution that is symmetric about zero.</summary>
    /// <param name="probability">Above 0 and below 1.</param>
    /// <param name="central">The probability that |X| is at most a number that is zero or more.</param>
    public static double SymmetricQuantile(double probability, Func<double, double> central)
    {
        if (probability is not (> 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "Expected a probability above 0 and below 1.");
        }

        var wanted = Math.Abs((2 * probability) - 1);
        double low = 0, high = 1;
        while (central(high) < wanted)
        {
            (low, high) = (high, 2 * high);
        }

        while (low + ((high - low) / 2) is var middle && middle > low && middle < high)
        {
            (low, high) = central(middle) < wanted ? (middle, high) : (low, middle);
        }

        return wanted == 0 ? 0 : Math.CopySign(high, probability - 0.5);
    }
}
