using System.Text.Json;
using CudaTts.Cli;
using CudaTts.Quality.Listening;
using CudaTts.Tests.Cli;
using static CudaTts.Tests.Listening.MadeUpResults;

namespace CudaTts.Tests.Listening;

/// <summary><c>listening-test analyse</c>: what it prints and writes.</summary>
[TestFixture]
internal sealed class ListeningTestAnalyseTests : CommandTestBase
{
    private const string Evil = "<script>alert(1)</script>\u001b[31m";

    // A blind name has no slash.
    private const string Bad = "bad<script>\u001b[31m";

    [Test]
    public void The_table_has_every_system_and_listener()
    {
        var output = Run(["listening-test", "analyse", .. WriteResults(), "--key", At("key.csv")]).Output;
        Assert.That(output, Does.Contain("test made-up, ACR: 3 files, 3 listeners, 2 after screening"));
        Assert.That(output, Does.Match(@"good +16 +2 +4\.50"));
        Assert.That(output, Does.Match(@"good minus .* 2\.50 "));
        Assert.That(output, Does.Contain("left out: always the same score: 1"));
        Assert.That(output, Does.Contain("listener 2: the scores have a standard deviation of 0.00"));
        Assert.That(output, Does.Not.Contain("\u001b"), "a name commands no terminal");
    }

    [Test]
    public void The_json_has_all_figures_and_the_rules()
    {
        var result = Run(
            ["listening-test", "analyse", .. WriteResults(), "--key", At("key.csv"), "--json", "--least-agreement", "0.25", "--seed", "5"]);
        var report = JsonDocument.Parse(result.Output).RootElement;
        Assert.That(report.GetProperty("test_id").GetString(), Is.EqualTo(TestId));
        Assert.That(report.GetProperty("method").GetString(), Is.EqualTo("acr"));
        Assert.That(report.GetProperty("seed").GetInt32(), Is.EqualTo(5));
        Assert.That(report.GetProperty("rules").GetProperty("least_agreement").GetDouble(), Is.EqualTo(0.25));
        Assert.That(report.GetProperty("before_screening")[0].GetProperty("votes").GetInt32(), Is.EqualTo(24));
        Assert.That(report.GetProperty("after_screening")[0].GetProperty("bootstrap").GetProperty("low").GetDouble(), Is.InRange(4, 5));
        Assert.That(report.GetProperty("comparisons")[0].GetProperty("is_significant").GetBoolean(), Is.False);
        Assert.That(report.GetProperty("comments")[0].GetProperty("text").GetString(), Is.EqualTo(Evil));
    }

    [Test]
    public void The_page_of_the_report_needs_nothing_and_quotes_what_people_wrote()
    {
        var result = Run(["listening-test", "analyse", .. WriteResults(), "--key", At("key.csv"), "--html", At("out/report.html")]);
        Assert.That(result.Code, Is.EqualTo(ExitCode.Done), result.Error);
        var page = File.ReadAllText(At("out/report.html"));
        Assert.That(page, Does.Contain("&lt;script&gt;alert(1)").And.Not.Contain("<script>alert").And.Not.Contain("\u001b"));
        Assert.That(page, Does.Not.Match("https?://|src="));
        Assert.That(page.Split("<svg"), Has.Length.EqualTo(1 + 2 + 2 + 1), "two systems before and after screening, and their difference");
        Assert.That(page, Does.Contain("4.50").And.Contain("listener 2: the scores have a standard deviation"));
    }

    [Test]
    public void A_result_of_another_test_is_refused_by_name()
    {
        var results = WriteResults();
        File.WriteAllBytes(At("other.json"), (Of(9, ("good.0", 4)) with { TestId = "other" }).Json());
        AssertFails(
            Run(["listening-test", "analyse", .. results, At("other.json"), "--key", At("key.csv")]), ExitCode.Failed,
            $"{At("other.json")}: is of another test: expected the test_id made-up, found 'other'.");
        AssertFails(Run("listening-test", "analyse", At("none.json"), "--key", At("key.csv")), ExitCode.Failed, "none.json: cannot be read");
        AssertFails(Run("listening-test", "analyse", results[0], "--key", results[0]), ExitCode.Failed, "0.json: ");
    }

    [TestCase("--least-agreement", "2", "--least-agreement: expected a number, 0 to 1")]
    [TestCase("--least-deviation", "-1", "--least-deviation: expected a number, 0 to 100")]
    [TestCase("--most-fast", "0,1", "with a decimal point, not a comma")]
    [TestCase("--gold-tolerance", "0.5", "--gold-tolerance: expected a whole number")]
    [TestCase("--html", "", "--html: expected the name of a file or folder")]
    public void A_rule_that_cannot_be_meant_is_refused(string option, string value, string message) => AssertFails(
        Run(["listening-test", "analyse", .. WriteResults(), "--key", At("key.csv"), option, value]), ExitCode.WrongArguments, message);

    [Test]
    public void A_report_does_not_replace_what_it_is_made_of()
    {
        var results = WriteResults();
        AssertFails(
            Run(["listening-test", "analyse", .. results, "--key", At("key.csv"), "--html", results[1]]), ExitCode.WrongArguments,
            "is also the file of a result");
    }

    // Two listeners who agree, and one who always says the same.
    private string[] WriteResults()
    {
        using (var stream = File.Create(At("key.csv")))
        {
            Key(ListeningMethod.Acr, ["good", Bad], 8).Write(stream);
        }

        return [.. Enumerable.Range(0, 3).Select(listener =>
        {
            var scores = Enumerable.Range(0, 8).SelectMany(i =>
                new[] { ($"good.{i}", listener == 2 ? 3 : 4 + (i % 2)), ($"{Bad}.{i}", listener == 2 ? 3 : 2) });
            var path = At($"{listener}.json");
            File.WriteAllBytes(path, (Of(listener, scores) with { Comment = listener == 0 ? Evil : "" }).Json());
            return path;
        })];
    }
}
