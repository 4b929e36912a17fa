using CudaTts.Quality.Listening;
using CudaTts.Quality.Listening.Analysis;
using static CudaTts.Tests.Listening.MadeUpResults;

namespace CudaTts.Tests.Listening;

/// <summary>From answers to figures: the worked examples, and every rule that leaves listeners out.</summary>
[TestFixture]
internal sealed class ListeningAnalysisTests
{
    // Rules that leave nobody out but for what a test is about.
    private static readonly ScreeningRules s_lenient = new() { LeastDeviation = 0, LeastAgreement = 0 };

    [Test]
    public void The_worked_example_has_its_mean_and_both_intervals()
    {
        int[][] votes = [[4, 5, 3, 4], [3, 4, 4, 2], [5, 5, 4, 5], [2, 3, 3, 3], [4, 4, 5, 3]];
        var report = Analyse(
            Key(ListeningMethod.Acr, ["a"], 4), s_lenient, votes.Index().Select(entry => Of(entry.Index, Scores("a", entry.Item))));
        var summary = report.AfterScreening.Single();
        Assert.That((summary.Votes, summary.Listeners), Is.EqualTo((20, 5)));
        Assert.That(summary.Mean, Is.EqualTo(3.75).Within(1e-12));
        Assert.That((summary.Student!.High - summary.Student.Low) / 2, Is.EqualTo(0.452357).Within(5e-7));
        Assert.That((summary.Bootstrap.Low, summary.Bootstrap.High), Is.EqualTo((3.1, 4.3)).Using<(double, double)>((a, b) =>
            Math.Abs(a.Item1 - b.Item1) < 1e-12 && Math.Abs(a.Item2 - b.Item2) < 1e-12));
        Assert.That((summary.LowerQuartile, summary.Median, summary.UpperQuartile), Is.EqualTo((3, 4, 4.25)));
        Assert.That(report.Listeners.Select(listener => listener.Mean), Is.EqualTo(new[] { 4, 3.25, 4.75, 2.75, 4 }));
    }

    [Test]
    public void Systems_that_all_tell_apart_differ_significantly_and_equals_do_not()
    {
        var key = Key(ListeningMethod.Acr, ["good", "same", "bad"], 4);
        var report = Analyse(key, s_lenient, Enumerable.Range(0, 8).Select(i => Of(
            i, [.. Scores("good", 5, 4, 5, 4 + (i % 2)), .. Scores("same", 4 + (i % 2), 5, 4, 5), .. Scores("bad", 2, 1 + (i % 2), 2, 1)])));
        Assert.That(report.Comparisons.Select(comparison => (comparison.First, comparison.Second, comparison.IsSignificant)), Is.EqualTo(new[]
        {
            ("good", "same", false), ("good", "bad", true), ("same", "bad", true),
        }));
        Assert.That(report.Comparisons.Select(comparison => comparison.AdjustedPValue), Is.All.GreaterThanOrEqualTo(2.0 / 2001));
        Assert.That(report.Comparisons[1].AdjustedPValue, Is.EqualTo(3 * report.Comparisons[1].PValue).Within(1e-12), "Holm: three comparisons");
        Assert.That(report.Comparisons[1].Difference.Mean, Is.EqualTo(4.5 + 0.125 - 1.625).Within(1e-12));
    }

    [Test]
    public void A_comparison_that_was_played_in_reverse_counts_with_the_other_sign()
    {
        var key = Key(ListeningMethod.Ccr, ["old", "new"], 2);
        var report = Analyse(key, s_lenient, Of(0, ("old.0/new.0", 2), ("new.1/old.1", -3)), Of(1, ("new.0/old.0", -1), ("old.1/new.1", 2)));
        var summary = report.AfterScreening.Single();
        Assert.That((summary.Condition, summary.Mean), Is.EqualTo(("new against old", 2.0)));
        Assert.That(report.Comparisons.Single().Second, Is.Null);
        Assert.That(report.Comparisons.Single().Difference.Mean, Is.EqualTo(2));
        Assert.That(report.Comparisons.Single().IsSignificant, Is.False, "two people agree by chance in one case of two");
    }

    [Test]
    public void What_is_compared_with_the_original_is_scored_for_the_second_clip()
    {
        var key = Key(ListeningMethod.Dcr, ["a"], 1, new KeyRow("ref", "original", "0", ClipKind.OpenReference, null, 1));
        var summary = Analyse(key, s_lenient, Of(0, ("ref/a.0", 4))).AfterScreening.Single();
        Assert.That((summary.Condition, summary.Mean), Is.EqualTo(("a", 4.0)));
    }

    [Test]
    public void Mushra_has_medians_and_wilcoxon_over_listeners()
    {
        var key = Key(ListeningMethod.Mushra, ["a", "b"], 4,
            [.. Enumerable.Range(0, 4).Select(i => new KeyRow($"h.{i}", "original", $"{i}", ClipKind.HiddenReference, null, 1))]);
        var report = Analyse(key, null, Enumerable.Range(0, 3).Select(listener => Of(
            listener, [.. Scores("a", 80, 70, 60, 75 + listener), .. Scores("b", 40, 45, 50, 30 + listener), .. Scores("h", 100, 95, 90, 100)])));
        Assert.That(report.Screening.Select(step => step.Name), Does.Contain("hidden reference not heard"));
        Assert.That(
            report.AfterScreening.Select(summary => (summary.Condition, summary.Median)),
            Is.EqualTo(new[] { ("a", 72.5), ("b", 42.5), ("original", 97.5) }));
        var comparison = report.Comparisons[0];
        Assert.That((comparison.First, comparison.Second, comparison.Test), Is.EqualTo(("a", "b", "wilcoxon")));
        Assert.That(comparison.PValue, Is.EqualTo(2 * Math.Pow(2, -3)).Within(1e-15), "three people, all for a");
        Assert.That(comparison.AdjustedPValue, Is.EqualTo(3 * 2 * Math.Pow(2, -3)).Within(1e-15));
    }

    [Test]
    public void Answers_of_the_training_are_no_results()
    {
        var key = Key(ListeningMethod.Acr, ["a"], 2);
        var result = Of(0, ("a.0", 5), ("a.1", 1)).Each(rating => rating with { Block = rating.Trial == 1 ? "training" : "rating" });
        Assert.That(Analyse(key, s_lenient, result).AfterScreening.Single().Mean, Is.EqualTo(1));
    }

    [TestCase("heard")]
    [TestCase("ears")]
    [TestCase("trap")]
    [TestCase("gold")]
    public void An_invalid_session_is_left_out(string fault)
    {
        var key = Key(
            ListeningMethod.Acr, ["a"], 3, new KeyRow("g", "clean", "0", ClipKind.Gold, 5, 1),
            new KeyRow("t", "score 2", "0", ClipKind.Trap, 2, 1));
        var good = Of(0, ("a.0", 4), ("a.1", 3), ("g", 4), ("t", 2), ("a.2", 5));
        var bad = fault switch
        {
            "heard" => good.Each(rating => rating with { PlayedToEnd = rating.Stimulus != "a.1" }),
            "ears" => good with { Answers = good.Answers with { BothEars = false } },
            "trap" => good.Each(rating => rating with { Score = rating.Stimulus == "t" ? 3 : rating.Score }),
            _ => good.Each(rating => rating with { Score = rating.Stimulus == "g" ? 3 : rating.Score }),
        };
        var report = Analyse(key, s_lenient, good, bad with { Listener = 1 });
        Assert.That(report.Screening[0].Dropped.Select(dropped => dropped.Listener), Is.EqualTo(new[] { 1 }));
        Assert.That(report.Listeners[1].Dropped, Does.StartWith("invalid session: "));
        Assert.That((report.BeforeScreening.Single().Votes, report.AfterScreening.Single().Votes), Is.EqualTo((6, 3)));
        if (fault == "gold")
        {
            Assert.That(Analyse(key, s_lenient with { GoldTolerance = 2 }, bad).Screening[0].Dropped, Is.Empty);
        }
    }

    [TestCase(ListeningMethod.Ccr, "clean/broken", -3, true)]
    [TestCase(ListeningMethod.Ccr, "clean/broken", -2, true)]
    [TestCase(ListeningMethod.Ccr, "clean/broken", 3, false)]
    [TestCase(ListeningMethod.Ccr, "broken/clean", 3, true)]
    [TestCase(ListeningMethod.Ccr, "broken/clean", 0, false)]
    [TestCase(ListeningMethod.Dcr, "ref/broken", 1, true)]
    [TestCase(ListeningMethod.Dcr, "ref/broken", 4, false)]
    [TestCase(ListeningMethod.Dcr, "ref/clean", 4, true)]
    public void A_pair_of_gold_clips_has_a_right_answer(ListeningMethod method, string stimulus, int score, bool isRight)
    {
        var key = Key(
            method, ["a"], 1, new KeyRow("ref", "original", "0", ClipKind.OpenReference, null, 1),
            new KeyRow("clean", "clean", "0", ClipKind.Gold, 5, 1), new KeyRow("broken", "broken", "0", ClipKind.Gold, 1, 1));
        Assert.That(Analyse(key, s_lenient, Of(0, (stimulus, score))).Screening[0].Dropped, isRight ? Is.Empty : Has.Count.EqualTo(1));
    }

    [TestCase(8, 3, 3, true)]
    [TestCase(8, 3, 4, false)]
    [TestCase(7, 3, 3, false)]
    public void Who_always_says_the_same_is_left_out(int scores, int usual, int last, bool isLeftOut)
    {
        var key = Key(ListeningMethod.Acr, ["a"], scores);
        var report = Analyse(key, null, Of(0, Scores("a", [.. Enumerable.Repeat(usual, scores - 1), last])));
        Assert.That(report.Screening[1].Dropped, Has.Count.EqualTo(isLeftOut ? 1 : 0));
    }

    [TestCase(1, false)]
    [TestCase(2, true)]
    public void Who_answers_before_the_clip_could_have_ended_is_left_out(int fast, bool isLeftOut)
    {
        var key = Key(ListeningMethod.Acr, ["a"], 10);
        var result = Of(0, Scores("a", 1, 2, 3, 4, 5, 1, 2, 3, 4, 5))
            .Each(rating => rating with { SecondsToRate = rating.Trial <= fast ? 0.9 : 1.1 });
        Assert.That(Analyse(key, null, result).Screening[2].Dropped, Has.Count.EqualTo(isLeftOut ? 1 : 0));
        Assert.That(Analyse(key, new ScreeningRules { MostFast = 0.2 }, result).Screening[2].Dropped, Is.Empty);
    }

    [Test]
    public void Who_hears_the_opposite_of_the_others_is_left_out()
    {
        var key = Key(ListeningMethod.Acr, ["a"], 8);
        var results = Enumerable.Range(0, 4).Select(i => Of(i, Scores("a", 1, 2, 3, 4, 5, 4, 3, i + 1)))
            .Append(Of(9, Scores("a", 5, 4, 3, 2, 1, 2, 3, 4))).ToList();
        var report = Analyse(key, null, results);
        Assert.That(report.Screening[3].Dropped.Select(dropped => dropped.Listener), Is.EqualTo(new[] { 9 }));
        Assert.That(report.Listeners[4].Agreement, Is.LessThan(-0.5));
        Assert.That(report.AgreementAfterScreening, Is.GreaterThan(0.7).And.GreaterThan(report.AgreementBeforeScreening!.Value));
        Assert.That(Analyse(key, new ScreeningRules { LeastAgreement = 0 }, results).Screening[3].Dropped, Is.Empty);
    }

    [TestCase(89, 50, "hidden reference not heard")]
    [TestCase(100, 91, "anchor not heard")]
    [TestCase(90, 90, null)]
    public void Who_misjudges_reference_or_anchor_is_left_out(int reference, int anchor, string? step)
    {
        var key = Key(ListeningMethod.Mushra, ["a"], 10, [.. Enumerable.Range(0, 10).SelectMany(i => new[]
        {
            new KeyRow($"h.{i}", "original", $"{i}", ClipKind.HiddenReference, null, 1),
            new KeyRow($"l.{i}", "anchor", $"{i}", ClipKind.Anchor, null, 1),
        })]);
        var scores = Enumerable.Range(0, 10)
            .SelectMany(i => new[] { ($"a.{i}", 60), ($"h.{i}", i < 2 ? reference : 100), ($"l.{i}", i < 2 ? anchor : 20) });
        var report = Analyse(key, null, Of(0, scores));
        Assert.That(
            report.Screening.Where(entry => entry.Dropped.Count > 0).Select(entry => entry.Name),
            step is null ? Is.Empty : Is.EqualTo(new[] { step }));
    }

    [Test]
    public void Who_is_left_out_early_is_not_judged_again()
    {
        var key = Key(ListeningMethod.Acr, ["a"], 8);
        var straight = Of(0, Scores("a", 3, 3, 3, 3, 3, 3, 3, 3)).Each(rating => rating with { PlayedToEnd = false, SecondsToRate = 0 });
        Assert.That(Analyse(key, null, straight).Screening.Select(step => step.Dropped.Count), Is.EqualTo(new[] { 1, 0, 0, 0 }));
    }

    [Test]
    public void When_nobody_is_left_there_are_no_figures()
    {
        var key = Key(ListeningMethod.Acr, ["a", "b"], 4);
        var report = Analyse(key, null, Of(0, Scores("a", 3, 3, 3, 3).Concat(Scores("b", 3, 3, 3, 3))));
        Assert.That(report.AfterScreening, Is.Empty);
        Assert.That(report.Comparisons, Is.Empty);
        Assert.That(report.AgreementAfterScreening, Is.Null);
        Assert.That(report.BeforeScreening, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_file_that_is_there_twice_counts_once()
    {
        var key = Key(ListeningMethod.Acr, ["a"], 2);
        var result = Of(0, Scores("a", 5, 3)) with { Comment = "loud" };
        var report = Analyse(key, s_lenient, result, result);
        Assert.That((report.Files, report.Duplicates, report.BeforeScreening.Single().Votes, report.Comments.Count), Is.EqualTo((2, 2, 2, 1)));
    }

    [Test]
    public void Two_people_of_one_number_are_refused()
    {
        var key = Key(ListeningMethod.Acr, ["a"], 2);
        Assert.That(
            () => Analyse(key, s_lenient, Of(3, Scores("a", 5, 3)), Of(3, Scores("a", 5, 4))),
            Throws.TypeOf<FileException>().With.Message.EqualTo(
                "1.json: listener 3, trial 2: other answers than in 0.json: two people had one number; leave one of the files out."));
    }

    private static IEnumerable<(string Stimulus, int Score)> Scores(string system, params int[] scores) =>
        scores.Index().Select(entry => ($"{system}.{entry.Index}", entry.Item));
}
