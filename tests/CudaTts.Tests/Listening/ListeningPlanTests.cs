using CudaTts.Quality.Listening;

namespace CudaTts.Tests.Listening;

/// <summary>What must hold of every listener's order, whatever the numbers of systems and sentences.</summary>
[TestFixture]
internal sealed class ListeningPlanTests
{
    [Test]
    public void A_listener_hears_each_sentence_once_and_each_system_equally_often(
        [Values(1, 2, 3, 4, 7)] int conditions, [Values(1, 2, 5)] int squares, [Values(0u, 1u, 6u, uint.MaxValue)] uint listener)
    {
        var cells = Ratings(Test(conditions * squares, conditions), listener).Select(CellOf).ToList();
        Assert.That(cells.Select(cell => cell.Row), Is.Unique);
        Assert.That(cells, Has.Count.EqualTo(conditions * squares));
        Assert.That(cells.CountBy(cell => cell.Condition).Select(count => count.Value), Is.All.EqualTo(squares));
    }

    [Test]
    public void As_many_listeners_as_systems_cover_the_square([Values(2, 3, 4)] int conditions, [Values(0u, 5u, 4_294_967_290u)] uint first)
    {
        var test = Test(2 * conditions, conditions);
        var cells = Enumerable.Range(0, conditions).SelectMany(i => Ratings(test, first + (uint)i)).Select(CellOf).ToList();
        Assert.That(cells, Is.Unique);
        Assert.That(cells, Has.Count.EqualTo(2 * conditions * conditions));
    }

    [Test]
    public void Listeners_have_orders_of_their_own()
    {
        var test = Test(12, 3);
        Assert.That(Ratings(test, 0).Select(CellOf), Is.Not.EqualTo(Ratings(test, 3).Select(CellOf)), "the same clips");
        Assert.That(Ratings(test, 0).Select(CellOf), Is.EquivalentTo(Ratings(test, 3).Select(CellOf)));
        Assert.That(Ratings(test with { Seed = 8 }, 0).Select(CellOf), Is.Not.EqualTo(Ratings(test, 0).Select(CellOf)));
    }

    [Test]
    public void Two_clips_of_one_system_are_neighbours_only_where_no_other_is_left([Values(2, 3, 5)] int conditions, [Values(false, true)] bool full)
    {
        var test = Test(4 * conditions, conditions) with { Full = full };
        for (var listener = 0u; listener < 40; listener++)
        {
            var order = Ratings(test, listener).Select(trial => CellOf(trial).Condition).ToList();
            for (var i = 1; i < order.Count; i++)
            {
                Assert.That(order[i] != order[i - 1] || order.Skip(i).All(condition => condition == order[i]), Is.True, string.Join(' ', order));
            }
        }
    }

    [Test]
    public void A_full_design_has_every_sentence_through_every_system([Values(1, 2, 3, 6)] int conditions, [Values(1, 4, 5)] int sentences)
    {
        var cells = Ratings(Test(sentences, conditions) with { Full = true }, 3).Select(CellOf).ToList();
        Assert.That(cells, Is.Unique);
        Assert.That(cells, Has.Count.EqualTo(sentences * conditions));
    }

    // Over as many blocks as the square has rows; what joins two blocks is not counted.
    [Test]
    public void In_a_full_design_every_system_follows_every_other_equally_often([Values(3, 4, 5, 6)] int conditions)
    {
        var rows = conditions % 2 == 0 ? conditions : 2 * conditions;
        var test = Test(1, conditions) with { Full = true };
        var followers = Enumerable.Range(0, rows)
            .SelectMany(listener => Ratings(test, (uint)listener).Select(trial => CellOf(trial).Condition).Pairwise())
            .CountBy(pair => pair).ToList();
        Assert.That(followers, Has.Count.EqualTo(conditions * (conditions - 1)));
        Assert.That(followers.Select(count => count.Value), Is.All.EqualTo(rows / conditions));
    }

    [Test]
    public void Extras_are_strewn_in_but_never_first([Values(4, 10, 14, 15, 26)] int sentences)
    {
        var test = Test(sentences, 1) with { Extras = [[["g0"], ["g1"], ["g2"]], [["t0"]]] };
        var each = Math.Max(1, (int)Math.Round(sentences / 10.0, MidpointRounding.AwayFromZero));
        var places = new HashSet<int>();
        for (var listener = 0u; listener < 50; listener++)
        {
            var names = Ratings(test, listener).Select(trial => trial.Sounds[0]).ToList();
            Assert.That(names[0], Does.StartWith("s"));
            Assert.That(names.Count(name => name[0] == 'g'), Is.EqualTo(each));
            Assert.That(names.Count(name => name[0] == 't'), Is.EqualTo(each));
            places.Add(names.IndexOf("t0"));
        }

        Assert.That(places, Has.Count.GreaterThan(2));
    }

    [Test]
    public void Of_a_pair_each_comes_first_equally_often([Values(1, 2, 3)] int conditions)
    {
        var test = Test(2 * conditions, conditions, sounds: 2) with { Method = ListeningMethod.Ccr };
        var trials = Enumerable.Range(0, 2 * conditions).SelectMany(listener => Ratings(test, (uint)listener)).ToList();
        Assert.That(trials.Count(trial => trial.Sounds[0].EndsWith(".0", StringComparison.Ordinal)), Is.EqualTo(trials.Count / 2));
        Assert.That(trials.CountBy(trial => trial.Sounds[0]).Select(count => count.Value), Is.All.EqualTo(1), "every clip is first once");
    }

    [Test]
    public void A_page_of_mushra_begins_with_the_reference_and_shuffles_the_rest()
    {
        var test = Test(6, 1, sounds: 6) with { Method = ListeningMethod.Mushra };
        var pages = ListeningPlan.Of(test, 4);
        Assert.That(pages.Select(page => page.Block), Is.EqualTo(new[] { "training" }.Concat(Enumerable.Repeat("rating", 6))));
        var ratings = Ratings(test, 4);
        Assert.That(ratings.Select(page => page.Sounds[0][..^2]), Is.Unique);
        Assert.That(ratings.Select(page => page.Sounds[0]), Is.All.EndsWith(".0"));
        Assert.That(ratings.Select(page => string.Concat(page.Sounds.Select(sound => sound[^1]))).Distinct().Count(), Is.GreaterThan(4));
        Assert.That(ratings.Select(page => string.Concat(page.Sounds.Select(sound => sound[^1]).Order())), Is.All.EqualTo("012345"));
    }

    [TestCase(12, 4, 0)]
    [TestCase(16, 4, 4)]
    [TestCase(13, 4, 1)]
    [TestCase(15, 4, 3)]
    [TestCase(4, 4, 0)]
    [TestCase(3, 4, 0)]
    [TestCase(1, 1, 0)]
    [TestCase(4, 1, 1)]
    public void What_makes_no_square_is_for_the_training(int sentences, int perSquare, int training) =>
        Assert.That(TestComposer.TrainingCount(sentences, perSquare), Is.EqualTo(training));

    /// <summary>A test whose sounds are named by their row, column and number.</summary>
    internal static PageTest Test(int sentences, int conditions, int sounds = 1) => new()
    {
        TestId = "test",
        Method = ListeningMethod.Acr,
        Title = "",
        SendTo = "",
        Question = "",
        Seed = 7,
        Full = false,
        HasTraps = false,
        Scale = [],
        Grid =
        [
            .. Enumerable.Range(0, sentences).Select(row => Enumerable.Range(0, conditions).Select(column =>
                Enumerable.Range(0, sounds).Select(sound => $"s{row}.{column}.{sound}").ToArray()).ToArray()),
        ],
        Training = [[.. Enumerable.Range(0, sounds).Select(sound => $"p.{sound}")]],
        Extras = [],
        Volume = "p.0",
    };

    private static List<PlannedTrial> Ratings(PageTest test, uint listener) =>
        [.. ListeningPlan.Of(test, listener).Where(trial => trial.Block == "rating")];

    private static (int Row, int Condition) CellOf(PlannedTrial trial)
    {
        var parts = trial.Sounds[0].TrimStart('s').Split('.');
        return (int.Parse(parts[0]), int.Parse(parts[1]));
    }
}

/// <summary>Neighbours of a sequence.</summary>
internal static class Neighbours
{
    /// <summary>Each element with the one behind it.</summary>
    public static IEnumerable<(T, T)> Pairwise<T>(this IEnumerable<T> items) => items.Zip(items.Skip(1));
}
