using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using CudaTts.Cli.Reports;
using CudaTts.Quality.Evaluation;
using CudaTts.Quality.Recognition;
using CudaTts.Quality.Signals;

namespace CudaTts.Tests.Reports;

/// <summary>The HTML report of an evaluation: what it says, in which order, and that it needs nothing from elsewhere.</summary>
[TestFixture]
internal sealed partial class EvaluationPageTests
{
    private const int MostBytes = 15_000_000;

    [TestCase("recordings")]
    [TestCase("voice")]
    public void A_page_is_well_formed_and_its_ids_and_links_meet(string example)
    {
        var page = Parse(ReportExample.Named(example).Page());
        var ids = page.Descendants().Attributes("id").Select(id => id.Value).ToList();
        Assert.That(ids, Is.Unique);
        var targets = page.Descendants("a").Select(link => link.Attribute("href")!.Value)
            .Concat(page.Descendants().Attributes("aria-labelledby").Select(label => "#" + label.Value)).ToList();
        Assert.That(targets.Select(target => target[1..]), Is.Not.Empty.And.SubsetOf(ids));
    }

    [TestCase("recordings")]
    [TestCase("voice")]
    public void A_page_refers_to_nothing_outside_of_itself(string example) => Assert.That(References(ReportExample.Named(example).Page()), Is.Empty);

    [TestCase("""<img src="https://example.org/a.png"/>""")]
    [TestCase("""<link href="//example.org/a.css"/>""")]
    [TestCase("""<style>body { background: url(a.png) }</style>""")]
    [TestCase("""<style>@import "a.css";</style>""")]
    public void A_reference_to_the_outside_is_found(string markup) => Assert.That(References($"<html>{markup}</html>"), Is.Not.Empty);

    [TestCase("recordings")]
    [TestCase("voice")]
    public void Tables_pictures_and_players_are_named_for_those_who_do_not_see_them(string example)
    {
        var page = Parse(ReportExample.Named(example).Page());
        foreach (var table in page.Descendants("table"))
        {
            Assert.That(table.Elements("caption").Count(), Is.EqualTo(1));
            Assert.That(table.Descendants("th").Attributes("scope").Count(), Is.EqualTo(table.Descendants("th").Count()));
            Assert.That(table.Element("tbody")!.Elements("tr").All(row => row.Elements().First().Name == "th"), "each row has a heading");
        }

        Assert.That(page.Descendants("img").All(image => image.Attribute("alt") is not null), "img");
        Assert.That(page.Descendants("audio").All(player => player.Attribute("aria-label") is not null), "audio");
        Assert.That(page.Descendants("svg").All(svg => svg.Attribute("aria-hidden") is not null
            || (svg.Attribute("role")?.Value == "img" && svg.Attribute("aria-label") is not null)), "svg");
    }

    [Test]
    public void The_numbers_of_a_report_stand_in_its_tables()
    {
        var clips = new[]
        {
            ReportExample.Clip("b", ("mcd_db", 6.254), ("si_sdr_db", -12.004)),
            ReportExample.Clip("a", ("mcd_db", 4.5), ("si_sdr_db", null)),
        };
        var report = ReportExample.Of("pairs", clips) with
        {
            Summary =
            [
                new("mcd_db", 2, 0, 5.377, 4.5, 6.25, 5.3, 4.5, 6.254),
                new("si_sdr_db", 1, 1, -12.004, null, null, -12.004, -12.004, -12.004),
            ],
        };
        var page = Parse(new ReportExample(report, []).Page());
        Assert.That(Rows(page, "summary"), Is.EqualTo((string[])
        [
            "MCD\u00A0dBlower is better, c1..cM, exact DTW|5.38|4.50 to 6.25|5.30|4.50|6.25|2|0",
            "SI-SDR\u00A0dBhigher is better, sample by sample|\u221212.00|\u2013|\u221212.00|\u221212.00|\u221212.00|1|1",
        ]));
        Assert.That(Rows(page, "all"), Is.EqualTo((string[])["b|6.25|\u221212.00|", "a|4.50|\u2013|"]));
    }

    [Test]
    public void A_comparison_says_before_after_and_which_is_better_in_words_and_marks()
    {
        var clip = ReportExample.Clip("a", ("mcd_db", 4.5), ("stoi", 0.9), ("clipped_samples", 1), ("loudness_difference_lu", 0));
        var report = ReportExample.Of("pairs", clip);
        MeasureDifference Change(string measure, double difference, string verdict) =>
            new(measure, 7, 5, 5 + difference, difference, difference - 0.26, difference + 0.26, verdict);
        report = report with
        {
            Comparison = new("the earlier one", "2026-11-20T00:00:00Z",
                [Change("mcd_db", -0.5, "better"), Change("stoi", -0.5, "worse"), Change("clipped_samples", 0, "not told apart"),
                    Change("loudness_difference_lu", 0.5, "changed")],
                ["only here"], ["seed: was 0, is 1"]),
        };
        var text = Parse(new ReportExample(report, []).Page());
        Assert.That(Rows(text, "comparison").Select(row => row[(row.IndexOf('|', StringComparison.Ordinal) + 1)..]), Is.EqualTo((string[])
        [
            "5.00|4.50|\u22120.50|\u22120.76 to \u22120.24|\u2713\u00A0better|7",
            "5.0000|4.5000|\u22120.5000|\u22120.7600 to \u22120.2400|\u2717\u00A0worse|7",
            "5.0|5.0|0.0|\u22120.3 to +0.3|\u2248\u00A0not told apart|7",
            "5.00|5.50|+0.50|+0.24 to +0.76|\u25C6\u00A0changed|7",
        ]));
        Assert.That(Section(text, "comparison").Value, Does.Contain("only here").And.Contain("seed: was 0, is 1").And.Contain("the earlier one"));
    }

    [Test]
    public void Clips_are_shown_in_the_order_of_the_report_whatever_order_they_come_in()
    {
        var clips = ((string[])["worst", "bad", "good"]).Select(name => ReportExample.Clip(name, ("stoi", 0.5))).ToList();
        var shown = ((string[])["good", "worst"])
            .Select(name => new ShownClip(clips.Single(clip => clip.Name == name), null, ReportExample.Tone(440)));
        var page = Parse(new ReportExample(ReportExample.Of("pairs", clips), [.. shown]).Page());
        Assert.That(page.Descendants("article").Select(article => article.Element("h3")!.Value), Is.EqualTo((string[])["1. worst", "2. good"]));
        Assert.That(Section(page, "clips").Element("h2")!.Value, Is.EqualTo("The 2 worst of 3 clips"));
        Assert.That(Section(page, "all").Descendants("a").Select(link => (link.Value, link.Attribute("href")!.Value)),
            Is.EqualTo(((string, string)[])[("worst", "#clip-1"), ("good", "#clip-2")]));
    }

    [Test]
    public void A_clip_that_failed_is_named_before_any_mean()
    {
        var failed = ReportExample.Clip("no.wav") with { Error = "no.wav: expected a RIFF/WAVE file" };
        var page = new ReportExample(ReportExample.Of("pairs", failed, ReportExample.Clip("yes.wav", ("stoi", 1))), []).Page();
        Assert.That(page, Does.Contain("1 of 2 clips could not be measured"));
        Assert.That(
            page.IndexOf("expected a RIFF/WAVE file", StringComparison.Ordinal),
            Is.LessThan(page.IndexOf(">Summary</h2>", StringComparison.Ordinal)));
    }

    [TestCase("a b c", "a b c", "Text a b c|Heard a b c", "")]
    [TestCase("a b c", "a c", "Text a b c|Said a [b] c|Heard a c", "not heard")]
    [TestCase("a c", "a b c", "Text a c|Said a c|Heard a [b] c", "not to be said")]
    [TestCase("a b", "a x", "Text a b|Said a [b]|Heard a [x]", "another word was heard")]
    [TestCase("a", "", "Text a|Said [a]|Heard", "not heard")]
    public void Words_that_were_not_heard_or_were_added_are_marked(string text, string heard, string lines, string key)
    {
        var clip = ReportExample.Clip("a", ("word_error_rate", 0.5)) with { Text = text, Heard = heard };
        string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var shown = new ShownClip(clip, null, ReportExample.Tone(440)) { Words = WordErrors.Align(Words(text), Words(heard)) };
        var article = Parse(new ReportExample(ReportExample.Of("voice", clip), [shown]).Page()).Descendants("article").Single();
        foreach (var mark in article.Descendants("dl").Descendants("mark"))
        {
            mark.Value = $"[{mark.Value}]";
        }

        var list = article.Elements("dl").Single(list => list.Attribute("class")!.Value == "words");
        Assert.That(string.Join('|', list.Elements("dt").Zip(list.Elements("dd"), (dt, dd) => $"{dt.Value} {dd.Value}".Trim())), Is.EqualTo(lines));
        var marks = article.Elements("p").Where(line => line.Attribute("class")!.Value == "words-key").Descendants("mark");
        Assert.That(string.Join('|', marks.Select(mark => mark.Value)), Is.EqualTo(key));
    }

    [Test]
    public void A_report_without_clips_and_one_of_sounds_without_samples_can_be_written()
    {
        var empty = new ShownClip(ReportExample.Clip("empty"), new Signal([], 16000), new Signal([], 22050));
        Assert.Multiple(() =>
        {
            Assert.That(Parse(new ReportExample(ReportExample.Of("pairs"), []).Page()).Descendants("table").Count(), Is.EqualTo(2));
            Assert.That(Parse(new ReportExample(ReportExample.Of("pairs", empty.Clip), [empty]).Page()).Descendants("audio").Count(), Is.EqualTo(2));
        });
    }

    [Test]
    public void A_page_of_ten_clips_is_not_too_large_to_be_mailed() =>
        Assert.That(ReportExample.Named("recordings").Page(), Has.Length.LessThan(MostBytes));

    [Test]
    public void Numbers_do_not_change_with_the_culture()
    {
        var expected = ReportExample.Named("voice").Page();
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (culture.NumberFormat.NumberDecimalSeparator, culture.NumberFormat.NegativeSign) = (",", "~");
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = culture;
            Assert.That(ReportExample.Named("voice").WritePage() == expected, "the page is another one");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static XElement Parse(string page) => XDocument.Parse(page).Root!;

    private static XElement Section(XElement page, string id) =>
        page.Descendants("section").Single(section => section.Attribute("id")?.Value == id);

    private static IEnumerable<string> Rows(XElement page, string section) => Section(page, section).Descendants("tbody").Elements("tr")
        .Select(row => string.Join('|', row.Elements().Select(cell => cell.Value.Trim().Replace("\n", "", StringComparison.Ordinal))));

    private static List<string> References(string page)
    {
        var root = Parse(page);
        var attributes = root.Descendants().Attributes()
            .Where(attribute => attribute.Name.LocalName is "src" or "href" or "srcset" or "action" or "data" or "poster")
            .Select(attribute => attribute.Value)
            .Where(value => !value.StartsWith("data:", StringComparison.Ordinal) && !value.StartsWith('#'));
        var sheets = root.Descendants("style").Concat(root.Descendants("script"))
            .SelectMany(source => Fetch().Matches(source.Value)).Select(match => match.Value);
        return [.. attributes, .. sheets];
    }

    [GeneratedRegex(@"url\(|@import|https?:|fetch\(|XMLHttpRequest|import\(|WebSocket")]
    private static partial Regex Fetch();
}
