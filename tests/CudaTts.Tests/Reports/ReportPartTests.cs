using System.Text;
using System.Xml.Linq;
using CudaTts.Cli.Plot;
using CudaTts.Cli.Reports;

namespace CudaTts.Tests.Reports;

/// <summary>The parts that reports are made of: numbers, axes, bars, dots, words, spectrograms.</summary>
[TestFixture]
internal sealed class ReportPartTests
{
    [TestCase(1.005, 1, "1.0")]
    [TestCase(-1.26, 1, "\u22121.3")]
    [TestCase(-0.004, 2, "0.00")]
    [TestCase(12345.6, 0, "12346")]
    [TestCase(double.NaN, 2, "\u2013")]
    [TestCase(double.NegativeInfinity, 2, "\u2013")]
    [TestCase(null, 2, "\u2013")]
    public void A_number_has_its_decimals_and_a_minus_and_what_is_missing_is_a_dash(double? value, int decimals, string expected) =>
        Assert.That(NumberText.Of(value, decimals), Is.EqualTo(expected));

    [TestCase(0.5, "+0.5")]
    [TestCase(-0.5, "\u22120.5")]
    [TestCase(0.04, "0.0")]
    [TestCase(-0.04, "0.0")]
    [TestCase(null, "\u2013")]
    public void A_difference_has_a_sign_unless_it_rounds_to_zero(double? value, string expected) =>
        Assert.That(NumberText.Signed(value, 1), Is.EqualTo(expected));

    [TestCase(0, 9, 10, "0 1 2 3 4 5 6 7 8 9")]
    [TestCase(0, 9.1, 4, "0 5")]
    [TestCase(-0.25, 0.21, 5, "-0.2 -0.1 0.0 0.1 0.2")]
    [TestCase(1017, 1029, 3, "1020 1025")]
    [TestCase(3, 3, 5, "3.0000")]
    public void Ticks_are_round_numbers_within_the_range(double from, double to, int most, string expected) =>
        Assert.That(string.Join(' ', AxisTicks.Between(from, to, most).Select(tick => tick.Label)), Is.EqualTo(expected));

    [Test]
    public void An_octave_is_as_long_everywhere_on_an_axis_of_octaves()
    {
        var axis = ChartAxis.OfOctaves(100, 800, [50, 100, 200, 400, 900]);
        Assert.That(axis.Ticks.Select(tick => axis.Share(tick.Value)), Is.EqualTo((double[])[0, 1 / 3.0, 2 / 3.0]).Within(1e-12));
    }

    [Test]
    public void A_bar_reaches_over_its_interval_and_its_line_over_the_values()
    {
        var svg = Written(html => new IntervalBar(0, 10).Write(html, 5, (4, 7), (2, 9), "drawn"));
        var bar = svg.Element("rect")!;
        double At(double value) => 3 + (126 * value / 10);
        Assert.That((double)bar.Attribute("x")!, Is.EqualTo(At(4)).Within(0.01));
        Assert.That((double)bar.Attribute("x")! + (double)bar.Attribute("width")!, Is.EqualTo(At(7)).Within(0.02));
        Assert.That(svg.Elements("path").Select(path => path.Attribute("class")!.Value), Is.EqualTo((string[])["range", "mean"]));
        Assert.That(svg.Elements("path").First().Attribute("d")!.Value, Is.EqualTo("M28.2 8L116.4 8"));
    }

    [Test]
    public void A_bar_without_an_interval_is_a_mark_and_one_over_zero_has_a_line_there()
    {
        var svg = Written(html => IntervalBar.OfDifference(-3, null).Write(html, -3, (null, null), (-3, 3), "drawn", "worse"));
        Assert.That(svg.Element("rect"), Is.Null);
        Assert.That(svg.Elements("path").Select(path => path.Attribute("class")!.Value), Is.EqualTo((string[])["range", "zero", "mean"]));
        Assert.That(svg.Attribute("class")!.Value, Is.EqualTo("interval worse"));
    }

    [Test]
    public void Dots_at_one_place_are_stacked_and_stay_within_the_drawing()
    {
        var path = Written(html => DotPlot.Of([100, 100, 101, 900, .. Enumerable.Repeat(500.0, 1000)], 56).Draw(html, "dots")).Attribute("d")!.Value;
        var dots = path.Split('M', StringSplitOptions.RemoveEmptyEntries)
            .Select(dot => Array.ConvertAll(dot[..^2].Split(' '), double.Parse)).ToList();
        Assert.That(dots.Select(dot => dot[0]), Is.EquivalentTo((double[])[100, 100, 101, 900, .. Enumerable.Repeat(500.0, 1000)]));
        Assert.That(dots.Select(dot => dot[1]), Is.All.InRange(0, 56));
        Assert.That(dots.Where(dot => dot[0] <= 101).Select(dot => dot[1]), Is.Unique);
    }

    [TestCase(500)]
    [TestCase(1250)]
    [TestCase(3700)]
    public void A_tone_is_loudest_in_its_row_of_a_spectrogram_at_its_level(double hertz)
    {
        var levels = Spectrogram.Of(ReportExample.Tone(hertz), rows: 160, columns: 50, hertz: 4000);
        Assert.That(levels.Shape, Is.EqualTo((int[])[1, 160, 50]));
        var column = Enumerable.Range(0, 160).Select(row => levels.Span[(row * 50) + 25]).ToList();
        Assert.That(column.IndexOf(column.Max()), Is.EqualTo(hertz / 25).Within(1));

        // Half of full scale is 6 dB below it; a row between bins loses up to 2 dB.
        Assert.That(column.Max(), Is.InRange(-8.5, -5.9));
        Assert.That(column.Count(level => level > -60), Is.LessThan(20), "the rest is quiet");
    }

    [Test]
    public void A_limited_map_has_the_same_colour_for_the_same_value_and_another_for_another()
    {
        byte[] Png(float value, float brightest)
        {
            var map = new HeatMap(1, 1);
            map.Fill(0, 0, Tensors.Tensor.From([value], 1, 1, 1));
            map.Limit(0, brightest);
            return map.ToPng();
        }

        Assert.That(Png(0.5f, 1), Is.EqualTo(Png(1, 2)));
        Assert.That(Png(0.5f, 1), Is.Not.EqualTo(Png(0.5f, 2)));
    }

    private static XElement Written(Action<HtmlWriter> write)
    {
        using var stream = new MemoryStream();
        using (var html = new HtmlWriter(stream))
        {
            write(html);
        }

        return XElement.Parse(Encoding.UTF8.GetString(stream.ToArray()));
    }
}
