using System.Numerics;
using CudaTts.Quality.Statistics;

namespace CudaTts.Tests.Quality;

/// <summary>Distributions and tests against tables and worked examples of textbooks.</summary>
[TestFixture]
internal sealed class StatisticsTests
{
    // The table of Fisher and Yates; with more digits, tan(0.475 pi), the closed form of one degree, and sqrt(2) 0.95 / sqrt(1 - 0.95^2), of two.
    [TestCase(1, 12.7062, 5e-5)]
    [TestCase(2, 4.3027, 5e-5)]
    [TestCase(4, 2.7764, 5e-5)]
    [TestCase(7, 2.3646, 5e-5)]
    [TestCase(9, 2.2622, 5e-5)]
    [TestCase(23, 2.0687, 5e-5)]
    [TestCase(31, 2.0395, 5e-5)]
    [TestCase(99, 1.9842, 5e-5)]
    [TestCase(1, 12.706204736174705, 1e-11)]
    [TestCase(2, 4.302652729749464, 1e-12)]
    [TestCase(10_000_000, 1.959963985, 3e-7)]
    public void The_upper_quantile_of_student_is_the_tables(int degrees, double expected, double tolerance)
    {
        Assert.That(StudentDistribution.Quantile(0.975, degrees), Is.EqualTo(expected).Within(tolerance));
        Assert.That(StudentDistribution.Quantile(0.025, degrees), Is.EqualTo(-expected).Within(tolerance));
    }

    // One degree of freedom is Cauchy's distribution and two have a closed form.
    [Test]
    public void Student_agrees_with_its_closed_forms([Values(0, 0.1, 1, 2.5, 40)] double t)
    {
        Assert.That(StudentDistribution.CentralProbability(t, 1), Is.EqualTo(2 / Math.PI * Math.Atan(t)).Within(1e-15));
        Assert.That(StudentDistribution.CentralProbability(t, 2), Is.EqualTo(t / Math.Sqrt(2 + (t * t))).Within(1e-15));
    }

    [Test]
    public void A_quantile_undoes_the_probability([Values(1, 2, 3, 8, 101)] int degrees, [Values(0.5, 0.6, 0.9, 0.999)] double probability)
    {
        var t = StudentDistribution.Quantile(probability, degrees);
        Assert.That(StudentDistribution.CentralProbability(t, degrees), Is.EqualTo((2 * probability) - 1).Within(1e-14));
    }

    [TestCase(0, 1)]
    [TestCase(1, 0.31731050786291415)]
    [TestCase(1.959963984540054, 0.05)]
    [TestCase(3, 0.0026997960632601866)]
    [TestCase(5, 5.733031437583866e-7)]
    public void The_tails_of_the_normal_are_the_tables(double z, double expected) =>
        Assert.That(NormalDistribution.TwoTails(z), Is.EqualTo(expected).Within(1e-12 * Math.Max(expected, 1e-4)));

    [Test]
    public void The_series_and_the_fraction_of_the_normal_meet() =>
        Assert.That(NormalDistribution.TwoTails(Math.BitDecrement(3)), Is.EqualTo(NormalDistribution.TwoTails(3)).Within(1e-15));

    [Test]
    public void The_quantile_of_the_normal_is_the_tables() =>
        Assert.That(NormalDistribution.Quantile(0.975), Is.EqualTo(1.959963984540054).Within(1e-12));

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(double.NaN)]
    public void A_quantile_of_no_probability_is_refused(double probability)
    {
        Assert.That(() => NormalDistribution.Quantile(probability), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => StudentDistribution.Quantile(probability, 3), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Votes_have_the_mean_and_interval_of_the_worked_example()
    {
        double[] votes = [4, 5, 3, 4, 4, 5, 2, 4];
        Assert.That(SampleStatistics.StandardDeviation(votes), Is.EqualTo(0.991031).Within(5e-7));
        var interval = StudentDistribution.IntervalOfMean(votes)!;
        Assert.That(interval.Mean, Is.EqualTo(3.875));
        Assert.That((interval.High - interval.Low) / 2, Is.EqualTo(0.828523).Within(5e-7));
        Assert.That(interval.Count, Is.EqualTo(8));
    }

    [Test]
    public void One_vote_has_no_interval() => Assert.That(StudentDistribution.IntervalOfMean([4]), Is.Null);

    [TestCase(0, 1)]
    [TestCase(0.25, 1.75)]
    [TestCase(0.5, 2.5)]
    [TestCase(0.9, 3.7)]
    [TestCase(1, 4)]
    public void A_percentile_lies_between_its_neighbours(double share, double expected) =>
        Assert.That(SampleStatistics.Percentile([3, 1, 4, 2], share), Is.EqualTo(expected).Within(1e-15));

    [Test]
    public void A_correlation_is_that_of_the_textbook()
    {
        Assert.That(SampleStatistics.Correlation([1, 2, 3, 4, 5], [2, 4, 5, 4, 5]), Is.EqualTo(6 / Math.Sqrt(60)).Within(1e-15));
        Assert.That(SampleStatistics.Correlation([1, 2, 3], [6, 4, 2]), Is.EqualTo(-1).Within(1e-15));
        Assert.That(SampleStatistics.Correlation([1, 2, 3], [2, 2, 2]), Is.Null);
        Assert.That(SampleStatistics.Correlation([1], [2]), Is.Null);
    }

    // Charles Darwin's maize, crossed against self-fertilised (The Design of Experiments, R. A. Fisher, 1935), and the depression scores of
    // Hollander and Wolfe (Nonparametric Statistical Methods, 1973, page 29).
    [TestCase(new double[] { 6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75 }, 96, 0.041259765625)]
    [TestCase(new[] { 0.952, -0.147, 1.022, 0.43, 0.62, 0.59, 0.49, -0.08, 0.01 }, 40, 0.0390625)]
    public void The_signed_rank_test_is_that_of_the_textbook(double[] differences, double positiveRanks, double probability)
    {
        var test = WilcoxonSignedRank.Of(differences);
        Assert.That(test.PositiveRanks, Is.EqualTo(positiveRanks));
        Assert.That(test.PValue, Is.EqualTo(probability).Within(1e-15));
        Assert.That(test.IsExact, Is.True);
    }

    [Test]
    public void Ties_share_their_ranks_and_zeros_are_left_out()
    {
        // Ranks 1.5, 1.5, 3; W+ = 4.5; of the eight choices of signs three give 1.5 or less (0, 1.5, 1.5): p = 2 * 3 / 8.
        var test = WilcoxonSignedRank.Of([0, 2, -2, 3, 0]);
        Assert.That(test, Is.EqualTo(new WilcoxonSignedRank(3, 4.5, 0.75, IsExact: true)));
    }

    [Test]
    public void Without_a_difference_nothing_is_significant() =>
        Assert.That(WilcoxonSignedRank.Of([0, 0]), Is.EqualTo(new WilcoxonSignedRank(0, 0, 1, IsExact: true)));

    [TestCase(0.1)]
    [TestCase(0.25)]
    [TestCase(0.4)]
    public void The_normal_approximation_is_near_the_exact_probability(double shift)
    {
        var uniform = new UniformSequence("signed-rank");
        double[] differences = [.. Enumerable.Range(0, 60).Select(i => Math.Round((uniform[i] - 0.5 + (shift / 2)) * 20))];
        var test = WilcoxonSignedRank.Of(differences);
        Assert.That(test.IsExact, Is.False);
        Assert.That(test.PValue, Is.EqualTo(Exact(differences)).Within(2e-3));
        Assert.That(test.PValue, Is.Not.EqualTo(1).Within(0.01));
    }

    // The example of the statistical literature: 0.01, 0.04, 0.03, 0.005.
    [Test]
    public void Holm_multiplies_by_the_tests_that_are_left()
    {
        Assert.That(HolmCorrection.Adjust([0.01, 0.04, 0.03, 0.005]), Is.EqualTo(new[] { 0.03, 0.06, 0.06, 0.02 }).Within(1e-15));
        Assert.That(HolmCorrection.Adjust([0.9, 0.8]), Is.EqualTo(new double[] { 1, 1 }));
        Assert.That(HolmCorrection.Adjust([0.2]), Is.EqualTo(new[] { 0.2 }));
        Assert.That(HolmCorrection.Adjust([]), Is.Empty);
    }

    // Every sum's number of ways as a whole number without limit, from ranks found by counting.
    private static double Exact(double[] differences)
    {
        double[] kept = [.. differences.Where(difference => difference != 0)];
        int[] ranks = [.. kept.Select(value =>
            (2 * kept.Count(other => Math.Abs(other) < Math.Abs(value))) + 1 + kept.Count(other => Math.Abs(other) == Math.Abs(value)))];
        var ways = new BigInteger[ranks.Sum() + 1];
        ways[0] = 1;
        foreach (var rank in ranks)
        {
            for (var sum = ways.Length - 1; sum >= rank; sum--)
            {
                ways[sum] += ways[sum - rank];
            }
        }

        var positive = kept.Zip(ranks).Where(pair => pair.First > 0).Sum(pair => pair.Second);
        var smaller = Math.Min(positive, ways.Length - 1 - positive);
        var few = ways.Take(smaller + 1).Aggregate(BigInteger.Add);
        return 2 * Math.Exp(BigInteger.Log(few) - (ranks.Length * Math.Log(2)));
    }
}
