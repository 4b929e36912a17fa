using System.Text;
using System.Xml;
using System.Xml.Linq;
using CudaTts.Cli;
using CudaTts.Cli.Reports;
using CudaTts.Quality.Evaluation;
using CudaTts.Quality.Statistics;

namespace CudaTts.Tests.Reports;

/// <summary>Whatever a name, a text or a transcript holds is text on the page and never markup.</summary>
[TestFixture]
internal sealed class HtmlWriterTests
{
    private const int Trials = 60;

    private static readonly string[] s_pieces =
    [
        "<script>alert(1)</script>", "</td></table>", "]]>", "*/", "-->", "&amp;", "&#0;", "\"", "'", "\" onload=\"x", "<", ">", "&",
        "\0", "\u001B[2J", "\r\n", "\t", "\uD800", "\uDC00", "\uFFFE", "\uFFFF", "\u202E", "\u2028", "\u0085", "\U0001F600",
        "javascript:alert(1)", "word", " ", "%s", "{0}",
    ];

    [Test]
    public void Hostile_text_reads_as_it_was_and_leaves_the_page_as_it_is()
    {
        var plain = Shape(Page(() => "plain"));
        var uniform = new UniformSequence("report.hostile");
        for (var (trial, draw) = (0, 0); trial < Trials; trial++)
        {
            var page = Page(() => Hostile(uniform, ref draw));
            Assert.That(Shape(page), Is.EqualTo(plain), $"trial {trial}");
        }
    }

    [TestCaseSource(nameof(s_pieces))]
    public void A_text_is_read_back_as_a_terminal_would_show_it(string text)
    {
        using var stream = new MemoryStream();
        using (var html = new HtmlWriter(stream))
        {
            html.Element("p", text, ("title", text));
        }

        var element = XElement.Parse(Encoding.UTF8.GetString(stream.ToArray()), LoadOptions.PreserveWhitespace);
        var expected = new StringBuilder();
        foreach (var rune in Printable.LinesOf(text).EnumerateRunes())
        {
            expected.Append(rune.Value is 0xFFFE or 0xFFFF ? "\uFFFD" : rune.ToString());
        }

        Assert.That(element.Value, Is.EqualTo(expected.ToString()));
        Assert.That(element.Attribute("title")!.Value, Is.EqualTo(expected.ToString().Replace('\n', ' ').Replace('\t', ' ')));
    }

    [Test]
    public void Markup_that_was_not_escaped_would_be_found() => Assert.Multiple(() =>
    {
        Assert.That(Shape("<p>plain</p>"), Is.Not.EqualTo(Shape("<p><b>plain</b></p>")));
        Assert.That(() => Shape("<p>a & b</p>"), Throws.InstanceOf<XmlException>());
    });

    [Test]
    public void Only_elements_that_hold_nothing_are_closed_in_their_own_tag()
    {
        using var stream = new MemoryStream();
        using (var html = new HtmlWriter(stream))
        {
            html.Empty("img", ("alt", ""), ("title", null));
            html.Empty("td");
        }

        Assert.That(Encoding.UTF8.GetString(stream.ToArray()), Is.EqualTo("<img alt=\"\"/><td></td>\n"));
    }

    private static string Hostile(UniformSequence uniform, ref int draw)
    {
        var text = new StringBuilder();
        for (var count = 1 + (int)(5 * uniform[draw++]); count > 0; count--)
        {
            text.Append(s_pieces[(int)(s_pieces.Length * uniform[draw++])]);
        }

        return text.ToString();
    }

    /// <summary>A report in which every text is from outside.</summary>
    private static string Page(Func<string> text)
    {
        var clip = ReportExample.Clip("1" + text(), ("stoi", 0.5), ("mcd_db", null)) with { Text = text(), Heard = text(), Faults = [text()] };
        var failed = ReportExample.Clip("2" + text()) with { Error = text() };
        var report = ReportExample.Of("pairs", clip, failed);
        report = report with
        {
            Kind = text(),
            Title = text(),
            Created = text(),
            Setting = new Dictionary<string, string> { [text()] = text() },
            Notes = [text()],
            Summary = [.. report.Summary, new MeasureSummary("own " + text(), 1, 1, 1, null, null, 1, 1, 1)],
            Comparison = new(text(), text(), [new("stoi", 1, 0, 1, 1, null, null, text())], [text()], [text()]),
        };
        var shown = new ShownClip(clip, null, ReportExample.Tone(440))
        {
            Alignments = [new ShownAlignment(new Tensors.Tensor(1, 2, 2), [text(), text()])],
            Words = [("1" + text(), "2" + text()), (null, text())],
        };
        return new ReportExample(report, [shown]).Page();
    }

    /// <summary>Names of all elements in order, with the names of their attributes.</summary>
    private static List<string> Shape(string page) =>
        [.. XDocument.Parse(page).Descendants().Select(element => $"{element.Name} {string.Join(' ', element.Attributes().Select(a => a.Name))}")];
}
