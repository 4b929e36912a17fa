namespace CudaTts.Quality.Statistics;

/// <summary>Student's t distribution of a whole number of degrees of freedom, and the interval of a mean that it gives.</summary>
public static class StudentDistribution
{
    /// <summary>
    /// The probability that |T| is at most t (Abramowitz, Stegun, 26.7.3 and 26.7.4): a finite series in the angle atan(t / sqrt(n)).
    /// </summary>
    /// <param name="t">Zero or more.</param>
    /// <param name="degrees">Degrees of freedom n, one or more.</param>
    public static double CentralProbability(double t, int degrees)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(t);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(degrees);
        var angle = Math.Atan(t / Math.Sqrt(degrees));
        var (sin, cos) = Math.SinCos(angle);
        var isOdd = degrees % 2 == 1;
        double term = isOdd ? cos : 1, sum = 0;
        for (var k = isOdd ? 1 : 0; k <= degrees - 2 && term > sum * 1e-18; k += 2)
        {
            sum += term;
            term *= cos * cos * (k + 1) / (k + 2);
        }

        return isOdd ? 2 / Math.PI * (angle + (sin * sum)) : sin * sum;
    }

    /// <summary>The t that a share of the distribution lies below.</summary>
    /// <param name="probability">Above 0 and below 1; 0.975 for the upper end of a 95 % interval.</param>
    /// <param name="degrees">Degrees of freedom, one or more.</param>
    public static double Quantile(double probability, int degrees)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(degrees);
        return Bisection.SymmetricQuantile(probability, t => CentralProbability(t, degrees));
    }

    /// <summary>The mean with its 95 % interval, t(0.975, n - 1) s / sqrt(n) to either side; null of fewer than two values.</summary>
    /// <param name="values">Independent values.</param>
    public static Interval? IntervalOfMean(ReadOnlySpan<double> values)
    {
        if (values.Length < 2)
        {
            return null;
        }

        var mean = SampleStatistics.Mean(values);
        var half = Quantile(1 - Interval.Tail, values.Length - 1) * SampleStatistics.StandardDeviation(values) / Math.Sqrt(values.Length);
        return new Interval(mean, mean - half, mean + half, values.Length);
    }
}
