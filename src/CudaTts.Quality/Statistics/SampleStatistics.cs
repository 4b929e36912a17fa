namespace CudaTts.Quality.Statistics;

/// <summary>What describes a handful of numbers: their middle and their spread.</summary>
public static class SampleStatistics
{
    /// <summary>The arithmetic mean.</summary>
    /// <param name="values">One value or more.</param>
    public static double Mean(ReadOnlySpan<double> values)
    {
        RequireAny(values);
        double sum = 0;
        foreach (var value in values)
        {
            sum += value;
        }

        return sum / values.Length;
    }

    /// <summary>The standard deviation with n - 1, in two passes so that a large mean costs no digits; zero of a single value.</summary>
    /// <param name="values">One value or more.</param>
    public static double StandardDeviation(ReadOnlySpan<double> values)
    {
        var mean = Mean(values);
        double squares = 0;
        foreach (var value in values)
        {
            squares += (value - mean) * (value - mean);
        }

        return values.Length == 1 ? 0 : Math.Sqrt(squares / (values.Length - 1));
    }

    /// <summary>The value that a share of the values lies below: at position share (n - 1) of the sorted values, linear between neighbours.</summary>
    /// <param name="values">One value or more, in any order.</param>
    /// <param name="share">From 0, the least, over 0.5, the median, to 1, the greatest.</param>
    public static double Percentile(ReadOnlySpan<double> values, double share)
    {
        RequireAny(values);
        ArgumentOutOfRangeException.ThrowIfNegative(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        double[] sorted = [.. values];
        Array.Sort(sorted);
        var position = share * (sorted.Length - 1);
        var below = (int)position;
        return below == sorted.Length - 1 ? sorted[below] : sorted[below] + ((position - below) * (sorted[below + 1] - sorted[below]));
    }

    /// <summary>The correlation of Pearson, from -1 to 1; null where one side does not vary or there are fewer than two pairs.</summary>
    /// <param name="first">One value of every pair.</param>
    /// <param name="second">The other values, as many.</param>
    public static double? Correlation(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        if (first.Length != second.Length)
        {
            throw new ArgumentException($"Expected {first.Length} values, found {second.Length}.", nameof(second));
        }

        if (first.Length < 2)
        {
            return null;
        }

        var (meanFirst, meanSecond) = (Mean(first), Mean(second));
        double product = 0, squaresFirst = 0, squaresSecond = 0;
        for (var i = 0; i < first.Length; i++)
        {
            var (a, b) = (first[i] - meanFirst, second[i] - meanSecond);
            product += a * b;
            squaresFirst += a * a;
            squaresSecond += b * b;
        }

        return squaresFirst > 0 && squaresSecond > 0
            ? Math.Clamp(product / (Math.Sqrt(squaresFirst) * Math.Sqrt(squaresSecond)), -1, 1)
            : null;
    }

    private static void RequireAny(ReadOnlySpan<double> values)
    {
        if (values.IsEmpty)
        {
            throw new ArgumentException("Expected at least one value.", nameof(values));
        }
    }
}
