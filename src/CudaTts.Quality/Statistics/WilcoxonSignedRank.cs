namespace CudaTts.Quality.Statistics;

/// <summary>
/// The signed-rank test of paired differences (Wilcoxon, Biometrics Bulletin 1(6), 1945): whether they lie symmetric about zero. Differences of zero
/// are left out, and equal sizes share the mean of their ranks.
/// </summary>
/// <param name="Count">How many differences are not zero.</param>
/// <param name="PositiveRanks">The sum of the ranks of positive differences, W+.</param>
/// <param name="PValue">The two-sided probability; 1 where no difference is left.</param>
/// <param name="IsExact">Whether all arrangements of signs were counted; else a normal approximation, corrected for ties and continuity.</param>
public sealed record WilcoxonSignedRank(int Count, double PositiveRanks, double PValue, bool IsExact)
{
    /// <summary>Up to so many differences every arrangement of signs is counted.</summary>
    internal const int MostExact = 50;

    /// <summary>Tests differences of pairs.</summary>
    /// <param name="differences">One difference a pair.</param>
    public static WilcoxonSignedRank Of(ReadOnlySpan<double> differences)
    {
        double[] kept = [.. differences.ToArray().Where(difference => difference != 0).OrderBy(Math.Abs)];
        var ranks = DoubledRanks(kept, out var tieTerm);
        var positive = kept.Zip(ranks).Where(pair => pair.First > 0).Sum(pair => (long)pair.Second);
        var isExact = kept.Length <= MostExact;
        var probability = isExact ? Exact(ranks, positive) : Approximate(kept.Length, positive / 2.0, tieTerm);
        return new WilcoxonSignedRank(kept.Length, positive / 2.0, probability, isExact);
    }

    // Twice the rank of each size, so that the mean rank of a tie is a whole number; and the sum of t^3 - t over ties of t.
    private static int[] DoubledRanks(double[] sorted, out double tieTerm)
    {
        var ranks = new int[sorted.Length];
        tieTerm = 0;
        for (var first = 0; first < sorted.Length;)
        {
            var next = first + 1;
            while (next < sorted.Length && Math.Abs(sorted[next]) == Math.Abs(sorted[first]))
            {
                next++;
            }

            double tied = next - first;
            tieTerm += (tied * tied * tied) - tied;
            Array.Fill(ranks, first + 1 + next, first, next - first);
            first = next;
        }

        return ranks;
    }

    // How many of the 2^n choices of signs give each sum; 2^50 is a whole number of float64.
    private static double Exact(int[] ranks, long positive)
    {
        var total = ranks.Sum();
        var ways = new double[total + 1];
        ways[0] = 1;
        foreach (var rank in ranks)
        {
            for (var sum = total; sum >= rank; sum--)
            {
                ways[sum] += ways[sum - rank];
            }
        }

        var smaller = (int)Math.Min(positive, total - positive);
        return Math.Min(1, 2 * ways.Take(smaller + 1).Sum() / Math.Pow(2, ranks.Length));
    }

    private static double Approximate(int count, double positive, double tieTerm)
    {
        double n = count;
        var mean = n * (n + 1) / 4;
        var variance = (n * (n + 1) * ((2 * n) + 1) / 24) - (tieTerm / 48);
        return NormalDistribution.TwoTails(Math.Max(0, Math.Abs(positive - mean) - 0.5) / Math.Sqrt(variance));
    }
}
