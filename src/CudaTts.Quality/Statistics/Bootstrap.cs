namespace CudaTts.Quality.Statistics;

/// <summary>
/// Intervals by drawing again from what was observed (Efron 1979), from the 2.5th to the 97.5th percentile of the means so drawn. Draw r of replicate
/// b takes element floor(u(b n + r) n) of n, u being a named <see cref="UniformSequence"/>, so that a report can be repeated to the last digit.
/// </summary>
public static class Bootstrap
{
    /// <summary>How often is drawn when nobody asks for more.</summary>
    public const int Replicates = 2000;

    /// <summary>The mean of independent values. Of a single value both ends are that value.</summary>
    /// <param name="values">One value or more.</param>
    /// <param name="sequenceName">The name of the random sequence.</param>
    /// <param name="replicates">How often is drawn.</param>
    public static Interval Mean(ReadOnlySpan<double> values, string sequenceName, int replicates = Replicates)
    {
        var means = new double[RequirePositive(replicates)];
        var mean = SampleStatistics.Mean(values);
        var draws = new Draws(sequenceName, values.Length);
        for (var replicate = 0; replicate < replicates; replicate++)
        {
            double sum = 0;
            for (var draw = 0; draw < values.Length; draw++)
            {
                sum += values[draws[replicate, draw]];
            }

            means[replicate] = sum / values.Length;
        }

        return IntervalOf(mean, means, values.Length);
    }

    /// <summary>The mean of first - second over pairs; pairs are drawn, so what both have in common (a hard sentence) does not widen it.</summary>
    /// <param name="first">One value of every pair.</param>
    /// <param name="second">The other values, as many.</param>
    /// <param name="sequenceName">The name of the random sequence.</param>
    /// <param name="replicates">How often is drawn.</param>
    public static Interval PairedDifference(
        ReadOnlySpan<double> first, ReadOnlySpan<double> second, string sequenceName, int replicates = Replicates)
    {
        if (first.Length != second.Length)
        {
            throw new ArgumentException($"Expected {first.Length} values, found {second.Length}.", nameof(second));
        }

        var differences = new double[first.Length];
        for (var i = 0; i < differences.Length; i++)
        {
            differences[i] = first[i] - second[i];
        }

        return Mean(differences, sequenceName, replicates);
    }

    /// <summary>
    /// The mean of all votes, drawn by listener: the votes of one person are not independent, so they come and go together.
    /// </summary>
    /// <param name="blocks">The votes of each listener; some may have none, all together at least one.</param>
    /// <param name="sequenceName">The name of the random sequence.</param>
    /// <param name="replicates">How often is drawn.</param>
    public static Interval BlockMean(IReadOnlyList<double[]> blocks, string sequenceName, int replicates = Replicates)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        Votes[] votes = [.. blocks.Select(Votes.Of)];
        var all = Votes.Total(votes);
        RequireVotes(all, nameof(blocks));
        var draws = new Draws(sequenceName, votes.Length);
        var means = new List<double>(RequirePositive(replicates));
        for (var replicate = 0; replicate < replicates; replicate++)
        {
            var drawn = new Votes(0, 0);
            for (var draw = 0; draw < votes.Length; draw++)
            {
                drawn += votes[draws[replicate, draw]];
            }

            // Listeners who have no votes may be drawn alone; they say nothing of the mean.
            if (drawn.Count > 0)
            {
                means.Add(drawn.Mean);
            }
        }

        return IntervalOf(all.Mean, [.. means], all.Count);
    }

    /// <summary>The difference of two means of votes, first - second, of the same listeners, who are drawn.</summary>
    /// <param name="first">The votes of each listener for one system.</param>
    /// <param name="second">The votes of the same listeners, in the same order, for the other.</param>
    /// <param name="sequenceName">The name of the random sequence.</param>
    /// <param name="replicates">How often is drawn.</param>
    public static BlockDifference BlockDifference(
        IReadOnlyList<double[]> first, IReadOnlyList<double[]> second, string sequenceName, int replicates = Replicates)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.Count != second.Count)
        {
            throw new ArgumentException($"Expected votes of {first.Count} listeners, found {second.Count}.", nameof(second));
        }

        Votes[] firsts = [.. first.Select(Votes.Of)], seconds = [.. second.Select(Votes.Of)];
        var (allFirst, allSecond) = (Votes.Total(firsts), Votes.Total(seconds));
        RequireVotes(allFirst, nameof(first));
        RequireVotes(allSecond, nameof(second));
        var draws = new Draws(sequenceName, firsts.Length);
        var differences = new List<double>(RequirePositive(replicates));
        for (var replicate = 0; replicate < replicates; replicate++)
        {
            var (drawnFirst, drawnSecond) = (new Votes(0, 0), new Votes(0, 0));
            for (var draw = 0; draw < firsts.Length; draw++)
            {
                var listener = draws[replicate, draw];
                drawnFirst += firsts[listener];
                drawnSecond += seconds[listener];
            }

            if (drawnFirst.Count > 0 && drawnSecond.Count > 0)
            {
                differences.Add(drawnFirst.Mean - drawnSecond.Mean);
            }
        }

        var interval = IntervalOf(allFirst.Mean - allSecond.Mean, [.. differences], Math.Min(allFirst.Count, allSecond.Count));
        var listeners = firsts.Zip(seconds).Count(votes => votes.First.Count > 0 && votes.Second.Count > 0);
        return new BlockDifference(interval, Math.Max(TwoSided(differences), LeastProbability(listeners)));
    }

    // So often all of a few listeners lean to one side by chance, which drawing from them again cannot show.
    private static double LeastProbability(int listeners) => Math.Min(1, Math.Pow(2, 1 - listeners));

    // As the observed sample counts as one of the draws, no number of replicates gives a probability of zero.
    private static double TwoSided(List<double> differences)
    {
        var smaller = Math.Min(differences.Count(difference => difference <= 0), differences.Count(difference => difference >= 0));
        return Math.Min(1, 2 * (smaller + 1.0) / (differences.Count + 1));
    }

    private static Interval IntervalOf(double mean, double[] means, int count) => means.Length == 0
        ? new Interval(mean, mean, mean, count)
        : new Interval(mean, SampleStatistics.Percentile(means, Interval.Tail), SampleStatistics.Percentile(means, 1 - Interval.Tail), count);

    private static int RequirePositive(int replicates)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(replicates);
        return replicates;
    }

    private static void RequireVotes(Votes all, string name)
    {
        if (all.Count == 0)
        {
            throw new ArgumentException("Expected at least one vote.", name);
        }
    }

    /// <summary>Which element each draw takes.</summary>
    private readonly struct Draws(string name, int count)
    {
        private readonly UniformSequence _uniform = new(name);

        public int this[int replicate, int draw] => (int)(_uniform[((long)replicate * count) + draw] * count);
    }

    /// <summary>A sum of votes and their number.</summary>
    private readonly record struct Votes(double Sum, int Count)
    {
        public double Mean => Sum / Count;

        public static Votes operator +(Votes a, Votes b) => new(a.Sum + b.Sum, a.Count + b.Count);

        public static Votes Of(double[] votes) => new(votes.Sum(), votes.Length);

        public static Votes Total(Votes[] votes) => votes.Aggregate(new Votes(0, 0), (a, b) => a + b);
    }
}

/// <summary>How two systems differ for listeners who heard both.</summary>
/// <param name="Interval">The difference of the means and its 95 % interval.</param>
/// <param name="PValue">Two-sided: twice the share of replicates on the rarer side of zero.</param>
public sealed record BlockDifference(Interval Interval, double PValue);
