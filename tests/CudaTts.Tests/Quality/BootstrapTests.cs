using CudaTts.Quality.Statistics;

namespace CudaTts.Tests.Quality;

/// <summary>Intervals by drawing again: the worked example, and what must hold of any values.</summary>
[TestFixture]
internal sealed class BootstrapTests
{
    private static readonly double[][] s_listeners = [[4, 5, 3, 4], [3, 4, 4, 2], [5, 5, 4, 5], [2, 3, 3, 3], [4, 4, 5, 3]];

    [Test]
    public void The_sequence_draws_as_specified()
    {
        var uniform = new UniformSequence("mos.1");
        Assert.That(new[] { uniform[0], uniform[1], uniform[2] }, Is.EqualTo(new[] { 0.8259537220, 0.9468845725, 0.2429434657 }).Within(5e-11));
    }

    [Test]
    public void Listeners_are_drawn_as_in_the_worked_example()
    {
        var interval = Bootstrap.BlockMean(s_listeners, "mos.1");
        Assert.That(interval.Mean, Is.EqualTo(3.75).Within(1e-12));
        Assert.That(interval.Low, Is.EqualTo(3.1).Within(1e-12));
        Assert.That(interval.High, Is.EqualTo(4.3).Within(1e-12));
        Assert.That(interval.Count, Is.EqualTo(20));
        var student = StudentDistribution.IntervalOfMean([.. s_listeners.SelectMany(votes => votes)])!;
        Assert.That((student.High - student.Low) / 2, Is.EqualTo(0.452357).Within(5e-7));
    }

    [Test]
    public void Another_sequence_draws_otherwise() =>
        Assert.That(Bootstrap.Mean([1, 2.5, 4, 7], "a", 50), Is.Not.EqualTo(Bootstrap.Mean([1, 2.5, 4, 7], "b", 50)));

    [Test]
    public void A_mean_is_drawn_value_by_value()
    {
        double[] values = [1, 2.5, 4, 7];
        var uniform = new UniformSequence("some");
        double[] means = [.. Enumerable.Range(0, 100).Select(replicate =>
            Enumerable.Range(0, 4).Average(draw => values[(int)(uniform[(replicate * 4) + draw] * 4)])).Order()];
        var interval = Bootstrap.Mean(values, "some", 100);
        Assert.That(interval.Mean, Is.EqualTo(3.625));
        Assert.That(interval.Low, Is.EqualTo(means[2] + (0.475 * (means[3] - means[2]))).Within(1e-12));
        Assert.That(interval.High, Is.EqualTo(means[96] + (0.525 * (means[97] - means[96]))).Within(1e-12));
        Assert.That(interval, Is.EqualTo(Bootstrap.Mean(values, "some", 100)), "the same again");
    }

    [Test]
    public void One_value_is_its_own_interval() => Assert.That(Bootstrap.Mean([3], "one"), Is.EqualTo(new Interval(3, 3, 3, 1)));

    [Test]
    public void What_pairs_share_does_not_widen_the_interval_of_their_difference()
    {
        var uniform = new UniformSequence("pairs");
        double[] hard = [.. Enumerable.Range(0, 30).Select(i => 100 * uniform[i])];
        double[] easier = [.. hard.Select((value, i) => value - 0.5 - (0.1 * uniform[100 + i]))];
        var difference = Bootstrap.PairedDifference(hard, easier, "difference");
        Assert.That(difference.Mean, Is.EqualTo(0.55).Within(0.02));
        Assert.That(difference.ExcludesZero, Is.True);
        Assert.That(difference.High - difference.Low, Is.LessThan(0.05));
        Assert.That(Bootstrap.PairedDifference(easier, hard, "difference").High, Is.EqualTo(-difference.Low).Within(1e-12));
        Assert.That(Bootstrap.PairedDifference(hard, hard, "difference").ExcludesZero, Is.False);
    }

    [Test]
    public void An_interval_of_many_independent_values_is_near_students()
    {
        var uniform = new UniformSequence("values");
        double[] values = [.. Enumerable.Range(0, 400).Select(i => uniform[i])];
        var (drawn, student) = (Bootstrap.Mean(values, "mean"), StudentDistribution.IntervalOfMean(values)!);
        Assert.That(drawn.Low, Is.EqualTo(student.Low).Within(0.003));
        Assert.That(drawn.High, Is.EqualTo(student.High).Within(0.003));
    }

    [Test]
    public void Systems_that_every_listener_tells_apart_differ()
    {
        double[][] better = [.. s_listeners.Select(votes => votes.Select(vote => vote + 0.5).ToArray())];
        var difference = Bootstrap.BlockDifference(better, s_listeners, "difference");
        Assert.That(difference.Interval.Mean, Is.EqualTo(0.5).Within(1e-12));
        Assert.That(difference.Interval.Low, Is.EqualTo(0.5).Within(1e-12), "every listener gives half a point more");
        Assert.That(difference.PValue, Is.EqualTo(Math.Pow(2, -4)).Within(1e-12), "so often five people lean to one side by chance");
        Assert.That(Bootstrap.BlockDifference(s_listeners, s_listeners, "difference").PValue, Is.EqualTo(1));
    }

    [Test]
    public void Listeners_without_votes_for_a_system_do_not_count()
    {
        double[][] votes = [[5, 5], [], [4, 4]];
        var interval = Bootstrap.BlockMean(votes, "missing");
        Assert.That(interval, Is.EqualTo(new Interval(4.5, 4, 5, 4)));
        var difference = Bootstrap.BlockDifference(votes, [[1], [2], []], "missing");
        Assert.That(difference.Interval.Mean, Is.EqualTo(3));
        Assert.That(double.IsFinite(difference.Interval.Low) && double.IsFinite(difference.Interval.High), Is.True);
    }

    [Test]
    public void Nothing_to_draw_from_is_refused()
    {
        Assert.That(() => Bootstrap.Mean([], "none"), Throws.ArgumentException);
        Assert.That(() => Bootstrap.BlockMean([[], []], "none"), Throws.ArgumentException);
        Assert.That(() => Bootstrap.BlockDifference([[1]], [[]], "none"), Throws.ArgumentException);
        Assert.That(() => Bootstrap.PairedDifference([1], [1, 2], "none"), Throws.ArgumentException);
        Assert.That(() => Bootstrap.Mean([1], "none", 0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }
}
