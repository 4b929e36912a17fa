using System.Globalization;
using System.Text.RegularExpressions;
using CudaTts.Cli.Reports;

namespace CudaTts.Tests.Reports;

/// <summary>The colours of the reports can be read: contrast as WCAG 2.2 defines it, in light and in dark.</summary>
[TestFixture]
internal sealed partial class ReportStyleTests
{
    private const double LeastContrast = 4.5;
    private static readonly string[] s_textColours = ["ink", "quiet", "link", "better", "worse", "changed"];

    [Test]
    public void Text_stands_out_from_its_ground_in_light_dark_and_print()
    {
        var schemes = Schemes().ToList();
        Assert.That(schemes, Has.Count.EqualTo(3));
        foreach (var colours in schemes)
        {
            Assert.That(
                s_textColours.Select(name => (name, Contrast(colours[name], colours["paper"])))
                    .Append(("ink on alarm", Contrast(colours["ink"], colours["alarm"])))
                    .Where(pair => pair.Item2 < LeastContrast),
                Is.Empty);
        }
    }

    [TestCase("#000000", "#ffffff", 21)]
    [TestCase("#777777", "#ffffff", 4.478)]
    [TestCase("#ff0000", "#ff0000", 1)]
    public void Contrast_is_that_of_the_standard(string text, string ground, double expected) =>
        Assert.That(Contrast(text, ground), Is.EqualTo(expected).Within(0.001));

    /// <summary>The colours of each block of variables; what a later block does not set is as in the first.</summary>
    private static IEnumerable<Dictionary<string, string>> Schemes()
    {
        var first = new Dictionary<string, string>();
        foreach (Match block in Root().Matches(EmbeddedText.Style.Enclosed))
        {
            var colours = new Dictionary<string, string>(first);
            foreach (Match variable in Variable().Matches(block.Value))
            {
                colours[variable.Groups[1].Value] = variable.Groups[2].Value;
            }

            first = first.Count == 0 ? colours : first;
            yield return colours;
        }
    }

    private static double Contrast(string a, string b)
    {
        var (lighter, darker) = (Math.Max(Luminance(a), Luminance(b)), Math.Min(Luminance(a), Luminance(b)));
        return (lighter + 0.05) / (darker + 0.05);
    }

    private static double Luminance(string colour)
    {
        double Channel(int start)
        {
            var value = int.Parse(colour.AsSpan(start, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0;
            return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
        }

        return (0.2126 * Channel(1)) + (0.7152 * Channel(3)) + (0.0722 * Channel(5));
    }

    [GeneratedRegex(@":root \{[^}]*\}")]
    private static partial Regex Root();

    [GeneratedRegex("--([a-z]+): (#[0-9a-f]{6});")]
    private static partial Regex Variable();
}
