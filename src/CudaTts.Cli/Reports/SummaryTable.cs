using CudaTts.Quality.Evaluation;

namespace CudaTts.Cli.Reports;

/// <summary>The table of all measures over all clips.</summary>
internal static class SummaryTable
{
    /// <summary>Writes the section.</summary>
    public static void Write(HtmlWriter html, EvaluationReport report, ReportMeasures measures)
    {
        using var section = html.Open("section", ("id", "summary"), ("aria-labelledby", "summary-heading"));
        html.Element("h2", "Summary", ("id", "summary-heading"));
        using var table = HtmlTable.Open(html, "Each measure over all clips; thin line: least to most, bar: 95 % interval of the mean");
        HtmlTable.WriteColumns(
            html, ("Measure", false), ("Mean", true), ("95 % interval", true), ("Median", true), ("Least", true), ("Most", true),
            ("Clips", true), ("Missing", true));
        using var body = html.Open("tbody");
        foreach (var key in measures.Keys)
        {
            WriteRow(html, measures[key], measures.Summary(key));
        }
    }

    private static void WriteRow(HtmlWriter html, Measure measure, MeasureSummary summary)
    {
        string Number(double value) => NumberText.Of(value, measure.Decimals);
        using var row = html.Open("tr");
        MeasureHeading.WriteRow(html, measure);
        HtmlTable.WriteNumber(html, Number(summary.Mean));
        using (html.Open("td", ("class", "number")))
        {
            html.Text(NumberText.Interval(summary.Low, summary.High, measure.Decimals));
            if (summary.Count > 1)
            {
                IntervalBar.Around(summary.Least, summary.Most, summary.Low, summary.High).Write(
                    html, summary.Mean, (summary.Low, summary.High), (summary.Least, summary.Most),
                    $"drawn with all clips, {Number(summary.Least)} to {Number(summary.Most)}");
            }
        }

        HtmlTable.WriteNumber(html, Number(summary.Median));
        HtmlTable.WriteNumber(html, Number(summary.Least));
        HtmlTable.WriteNumber(html, Number(summary.Most));
        HtmlTable.WriteNumber(html, NumberText.Of(summary.Count, 0));
        HtmlTable.WriteNumber(html, NumberText.Of(summary.Missing, 0));
    }
}
