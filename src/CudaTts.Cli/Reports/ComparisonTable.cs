using CudaTts.Quality.Evaluation;

namespace CudaTts.Cli.Reports;

/// <summary>What has changed since an earlier report.</summary>
internal static class ComparisonTable
{
    /// <summary>Writes the section; nothing where there is no earlier report.</summary>
    public static void Write(HtmlWriter html, EvaluationReport report, ReportMeasures measures)
    {
        if (report.Comparison is not { } comparison)
        {
            return;
        }

        using var section = html.Open("section", ("id", "comparison"), ("aria-labelledby", "comparison-heading"));
        html.Element("h2", "Comparison", ("id", "comparison-heading"));
        html.Element("p", $"Against \u201C{comparison.Baseline}\u201D of {HtmlPage.Moment(comparison.Created)}.");
        if (comparison.Differences.Count > 0)
        {
            WriteTable(html, comparison, measures);
        }

        WriteList(html, "What differs in the settings", comparison.Setting);
        WriteList(html, "Clips that only one of the reports has", comparison.Unmatched);
    }

    /// <summary>The verdict's word with a mark that is told apart without colour, and the class that colours it.</summary>
    internal static (string Mark, string Style) MarkOf(string verdict) => verdict switch
    {
        "better" => ("\u2713", "better"),
        "worse" => ("\u2717", "worse"),
        "changed" => ("\u25C6", "changed"),
        _ => ("\u2248", "same"),
    };

    private static void WriteTable(HtmlWriter html, BaselineComparison comparison, ReportMeasures measures)
    {
        using var table = HtmlTable.Open(
            html, "Means of the clips that both reports have; bar: 95 % interval of the difference, each on its own scale with zero in the middle");
        HtmlTable.WriteColumns(
            html, ("Measure", false), ("Before", true), ("After", true), ("Difference", true), ("95 % interval", true),
            ("Verdict", false), ("Clips", true));
        using var body = html.Open("tbody");
        foreach (var difference in comparison.Differences)
        {
            WriteRow(html, measures[difference.Measure], difference);
        }
    }

    private static void WriteRow(HtmlWriter html, Measure measure, MeasureDifference difference)
    {
        string Signed(double? value) => NumberText.Signed(value, measure.Decimals);
        var interval = difference is { Low: { } low, High: { } high } ? $"{Signed(low)} to {Signed(high)}" : NumberText.Missing;
        var (mark, style) = MarkOf(difference.Verdict);
        using var row = html.Open("tr");
        MeasureHeading.WriteRow(html, measure);
        HtmlTable.WriteNumber(html, NumberText.Of(difference.Before, measure.Decimals));
        HtmlTable.WriteNumber(html, NumberText.Of(difference.After, measure.Decimals));
        HtmlTable.WriteNumber(html, Signed(difference.Difference));
        using (html.Open("td", ("class", "number")))
        {
            html.Text(interval);
            var scale = IntervalBar.OfDifference(difference.Difference, difference.Low, difference.High);
            scale.Write(
                html, difference.Difference, (difference.Low, difference.High), (scale.From, scale.To), "drawn with zero in the middle", style);
        }

        using (html.Open("td", ("class", $"verdict {style}")))
        {
            html.Element("span", mark, ("aria-hidden", "true"));
            html.Text("\u00A0" + difference.Verdict);
        }

        HtmlTable.WriteNumber(html, NumberText.Of(difference.Count, 0));
    }

    private static void WriteList(HtmlWriter html, string heading, IReadOnlyList<string> items)
    {
        if (items.Count > 0)
        {
            html.Element("h3", heading);
            HtmlPage.WriteList(html, items);
        }
    }
}
