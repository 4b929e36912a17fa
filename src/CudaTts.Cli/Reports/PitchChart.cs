using CudaTts.Quality.Pitch;

namespace CudaTts.Cli.Reports;

/// <summary>The pitch of a clip over that of its reference, on a scale on which an octave has the same length everywhere.</summary>
internal static class PitchChart
{
    private const int Height = 140;
    private const double LeastOctaves = 1;
    private const double MarginOctaves = 0.1;

    // More points would not be seen.
    private const int MostPoints = 2000;

    private static readonly int[] s_hertz = [50, 75, 100, 150, 200, 300, 400, 600, 800];

    /// <summary>Writes the chart; nothing where no frame is voiced.</summary>
    /// <param name="html">The page.</param>
    /// <param name="shown">The clip.</param>
    /// <param name="label">What its sound is called.</param>
    public static void Write(HtmlWriter html, ShownClip shown, string label)
    {
        var voiced = ((PitchTrack?[])[shown.ReferencePitch, shown.SoundPitch])
            .OfType<PitchTrack>().SelectMany(track => track.Hertz).Where(hertz => hertz > 0).ToList();
        if (voiced.Count == 0)
        {
            return;
        }

        var (low, high) = Range(voiced);
        var chart = new Chart(ChartAxis.OfSeconds(shown.Seconds), ChartAxis.OfOctaves(low, high, s_hertz), Height, Description(shown));
        using var figure = html.Open("figure", ("class", "pitch"));
        using (html.Open("figcaption"))
        {
            html.Element("b", "F0");
            html.Text(" Hz, logarithmic");
            if (shown is { ReferencePitch: not null, SoundPitch: not null })
            {
                WriteKey(html, "Reference", "reference");
                WriteKey(html, label, "sound");
            }
        }

        chart.Write(html, () =>
        {
            chart.DrawGrid(html);
            Contour(chart, shown.ReferencePitch).Draw(html, "contour reference");
            Contour(chart, shown.SoundPitch).Draw(html, "contour sound");
        });
    }

    private static void WriteKey(HtmlWriter html, string label, string style)
    {
        using var key = html.Open("span", ("class", "key"));
        using (html.Open("svg", ("width", "28"), ("height", "8"), ("viewBox", "0 0 28 8"), ("aria-hidden", "true")))
        {
            new SvgPath().Move(1, 4).Line(27, 4).Draw(html, $"contour {style}");
        }

        html.Text(label);
    }

    /// <summary>From a little below the lowest to a little above the highest, an octave at least.</summary>
    private static (double Low, double High) Range(List<double> voiced)
    {
        var (low, high) = (Math.Log2(voiced.Min()) - MarginOctaves, Math.Log2(voiced.Max()) + MarginOctaves);
        var missing = Math.Max(0, LeastOctaves - (high - low)) / 2;
        return (Math.Pow(2, low - missing), Math.Pow(2, high + missing));
    }

    private static string Description(ShownClip shown)
    {
        static string Mean(PitchTrack? track, string name) => track is { Voiced: > 0 }
            ? $"{name}: mean {NumberText.Of(track.Hertz.Where(hertz => hertz > 0).Average(), 0)} Hz, "
                + $"{NumberText.Of(100.0 * track.Voiced / track.Hertz.Length, 0)} % of the frames voiced"
            : $"{name}: no voiced frame";
        return "Fundamental frequency. " + string.Join("; ", ((string?[])
        [
            shown.ReferencePitch is null ? null : Mean(shown.ReferencePitch, "reference"),
            shown.SoundPitch is null ? null : Mean(shown.SoundPitch, "sound"),
        ]).OfType<string>());
    }

    private static SvgPath Contour(Chart chart, PitchTrack? track)
    {
        var path = new SvgPath();
        var hertz = track?.Hertz ?? [];
        var stride = (hertz.Length / MostPoints) + 1;
        var isOpen = false;
        for (var frame = 0; frame < hertz.Length; frame += stride)
        {
            if (hertz[frame] > 0)
            {
                var (x, y) = (chart.X(frame * PitchTrack.FrameSeconds), chart.Y(hertz[frame]));
                _ = isOpen ? path.Line(x, y) : path.Dot(x, y);
            }

            isOpen = hertz[frame] > 0;
        }

        return path;
    }
}
