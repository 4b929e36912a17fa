using System.Globalization;
using System.Text.RegularExpressions;

namespace CudaTts.Server.Tests.Page;

/// <summary>The page's colours have the contrast that people with weak sight need: level AA of the Web Content Accessibility Guidelines.</summary>
[TestFixture]
internal sealed partial class PageColourTests
{
    private const double ForText = 4.5;
    private const double ForEdges = 3;

    [Test]
    public void Text_and_edges_stand_out_from_every_ground([Values("light", "dark")] string scheme)
    {
        var colours = ColoursOf(scheme);
        Assert.Multiple(() =>
        {
            foreach (var (text, ground) in (IEnumerable<(string, string)>)
                [
                    ("ink", "paper"), ("ink", "ground"), ("ink", "accent-soft"), ("soft", "paper"), ("soft", "ground"), ("accent", "ground"),
                    ("accent-ink", "accent"), ("good", "good-soft"), ("bad", "bad-soft"), ("bad", "paper"),
                ])
            {
                Assert.That(Contrast(colours[text], colours[ground]), Is.GreaterThanOrEqualTo(ForText), $"{text} on {ground}");
            }

            foreach (var (edge, ground) in (IEnumerable<(string, string)>)
                [("edge", "paper"), ("accent", "paper"), ("accent", "line"), ("bad", "paper")])
            {
                Assert.That(Contrast(colours[edge], colours[ground]), Is.GreaterThanOrEqualTo(ForEdges), $"{edge} on {ground}");
            }
        });
    }

    // The first block has the light colours, the second the dark ones.
    private static Dictionary<string, string> ColoursOf(string scheme)
    {
        using var stream = typeof(ServerHost).Assembly.GetManifestResourceStream("Page/page.css")!;
        using var reader = new StreamReader(stream);
        var all = Colour().Matches(reader.ReadToEnd()).GroupBy(match => match.Groups["name"].Value);
        return all.ToDictionary(group => group.Key, group => (scheme == "light" ? group.First() : group.Last()).Groups["value"].Value);
    }

    private static double Contrast(string one, string other)
    {
        var (light, dark) = (Math.Max(Luminance(one), Luminance(other)), Math.Min(Luminance(one), Luminance(other)));
        return (light + 0.05) / (dark + 0.05);
    }

    private static double Luminance(string colour) => (0.2126 * Light(colour, 0)) + (0.7152 * Light(colour, 2)) + (0.0722 * Light(colour, 4));

    private static double Light(string colour, int digit)
    {
        var value = int.Parse(colour.AsSpan(digit, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
    }

    [GeneratedRegex("--(?<name>[a-z-]+): #(?<value>[0-9a-f]{6});")]
    private static partial Regex Colour();
}
