using CudaTts.Quality.Evaluation;

namespace CudaTts.Cli.Reports;

/// <summary>The measures that say most, each with its mean in large letters and all clips as dots.</summary>
internal static class HeadlineTiles
{
    private const int Height = 56;
    private const int MostTicks = 5;

    /// <summary>Writes the tiles.</summary>
    public static void Write(HtmlWriter html, EvaluationReport report, ReportMeasures measures)
    {
        using var tiles = html.Open("div", ("class", "tiles"));
        foreach (var key in measures.Headlines)
        {
            WriteTile(html, report, measures[key], measures.Summary(key));
        }
    }

    private static void WriteTile(HtmlWriter html, EvaluationReport report, Measure measure, MeasureSummary summary)
    {
        using var tile = html.Open("figure", ("class", "tile"));
        using (html.Open("figcaption"))
        {
            using (html.Open("span", ("class", "label")))
            {
                html.Text(measure.Label);
                html.Element("small", MeasureHeading.BetterSide(measure.Better));
            }

            using (html.Open("span", ("class", "mean")))
            {
                html.Text(NumberText.Of(summary.Mean, measure.Decimals));
                MeasureHeading.WriteUnit(html, measure);
            }

            html.Element("small", summary.Low is null
                ? $"{summary.Count} clip"
                : $"95\u00A0%: {NumberText.Interval(summary.Low, summary.High, measure.Decimals)}");
            WriteVerdict(html, report, measure);
        }

        var values = report.Clips.Select(clip => clip.Measures.GetValueOrDefault(measure.Key)).OfType<double>().Where(double.IsFinite).ToList();
        if (values.Count > 1)
        {
            WriteDots(html, measure, summary, values);
        }
    }

    private static void WriteVerdict(HtmlWriter html, EvaluationReport report, Measure measure)
    {
        if (report.Comparison?.Differences.FirstOrDefault(difference => difference.Measure == measure.Key) is { } difference)
        {
            var (mark, style) = ComparisonTable.MarkOf(difference.Verdict);
            using var line = html.Open("span", ("class", $"verdict {style}"));
            html.Element("span", mark, ("aria-hidden", "true"));
            html.Text($"\u00A0{difference.Verdict}: {NumberText.Signed(difference.Difference, measure.Decimals)}");
        }
    }

    private static void WriteDots(HtmlWriter html, Measure measure, MeasureSummary summary, List<double> values)
    {
        var (least, most) = (values.Min(), values.Max());
        var margin = most > least ? 0.04 * (most - least) : 0.5;
        var description = $"{values.Count} clips from {NumberText.Of(least, measure.Decimals)} to {NumberText.Of(most, measure.Decimals)}";
        var chart = new Chart(ChartAxis.Of(least - margin, most + margin, "", MostTicks), null, Height, description);
        chart.Write(html, () =>
        {
            if (summary is { Low: { } low, High: { } high })
            {
                html.Empty("rect", ("class", "band"), ("x", NumberText.Coordinate(chart.X(low))), ("y", "0"), ("height", $"{Height}"),
                    ("width", NumberText.Coordinate(Math.Max(chart.X(high) - chart.X(low), 1))));
            }

            new SvgPath().Move(chart.X(summary.Mean), 0).Line(chart.X(summary.Mean), Height).Draw(html, "mean");
            DotPlot.Of([.. values.Select(chart.X)], Height).Draw(html, "dots");
        });
    }
}
