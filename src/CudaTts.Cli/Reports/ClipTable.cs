using CudaTts.Quality.Evaluation;

namespace CudaTts.Cli.Reports;

/// <summary>The table of all clips, which the page's script lets a reader sort.</summary>
internal static class ClipTable
{
    /// <summary>Writes the section.</summary>
    /// <param name="html">The page.</param>
    /// <param name="report">What was found.</param>
    /// <param name="measures">How the measures are printed.</param>
    /// <param name="ids">Where a clip is shown in full: name and id.</param>
    public static void Write(HtmlWriter html, EvaluationReport report, ReportMeasures measures, Dictionary<string, string> ids)
    {
        using var section = html.Open("section", ("id", "all"), ("aria-labelledby", "all-heading"));
        html.Element("h2", "All clips", ("id", "all-heading"));
        using var table = HtmlTable.Open(html, $"{report.Clips.Count} clips, the worst first", "sortable clips");
        WriteColumns(html, measures);
        using var body = html.Open("tbody");
        foreach (var clip in report.Clips)
        {
            WriteRow(html, clip, measures, ids.GetValueOrDefault(clip.Name));
        }
    }

    private static void WriteColumns(HtmlWriter html, ReportMeasures measures)
    {
        using var head = html.Open("thead");
        using var row = html.Open("tr");
        html.Element("th", "Clip", ("scope", "col"));
        foreach (var key in measures.Keys)
        {
            // The script's first click brings up the worst.
            var first = measures[key].Better == BetterValue.Lower ? "descending" : "ascending";
            using var heading = html.Open("th", ("scope", "col"), ("class", "number"), ("data-first", first));
            html.Text(measures[key].Label);
            MeasureHeading.WriteUnit(html, measures[key]);
        }

        html.Element("th", "Notes", ("scope", "col"));
    }

    private static void WriteRow(HtmlWriter html, EvaluatedClip clip, ReportMeasures measures, string? id)
    {
        using var row = html.Open("tr");
        using (html.Open("th", ("scope", "row")))
        {
            if (id is null)
            {
                html.Element("span", clip.Name, ("class", "name"));
            }
            else
            {
                html.Element("a", clip.Name, ("href", "#" + id), ("class", "name"));
            }
        }

        foreach (var key in measures.Keys)
        {
            var value = clip.Measures.GetValueOrDefault(key);
            var number = NumberText.Of(value, measures[key].Decimals);
            html.Element("td", number, ("class", "number"), ("data-value", number == NumberText.Missing ? null : NumberText.Plain(value!.Value)));
        }

        var notes = (clip.Error is null ? [] : (string[])[clip.Error]).Concat(clip.Faults).Concat(clip.Notes);
        html.Element("td", string.Join("; ", notes), ("class", "remarks"));
    }
}
