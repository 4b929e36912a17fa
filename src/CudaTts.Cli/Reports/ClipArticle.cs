using CudaTts.Quality.Evaluation;

namespace CudaTts.Cli.Reports;

/// <summary>One clip in full: its scores, what was said and heard, its sound and pictures of it.</summary>
internal static class ClipArticle
{
    /// <summary>The id of a clip on its page, which a name from outside could not be.</summary>
    /// <param name="place">Its place among those shown, from 1.</param>
    public static string IdOf(int place) => $"clip-{place}";

    /// <summary>Writes the clip.</summary>
    /// <param name="html">The page.</param>
    /// <param name="shown">The clip.</param>
    /// <param name="place">Its place among those shown, from 1.</param>
    /// <param name="measures">How the measures are printed.</param>
    /// <param name="sound">What its sound is called beside a reference's.</param>
    public static void Write(HtmlWriter html, ShownClip shown, int place, ReportMeasures measures, string sound)
    {
        var (clip, id) = (shown.Clip, IdOf(place));
        using var article = html.Open("article", ("class", "clip"), ("id", id), ("aria-labelledby", $"{id}-name"));
        using (html.Open("h3", ("id", $"{id}-name")))
        {
            html.Element("span", $"{place}.", ("class", "place"));
            html.Text($" {clip.Name}");
        }

        HtmlPage.WriteList(html, (clip.Error is null ? [] : (string[])[clip.Error]).Concat(clip.Faults), "faults");
        HeardWords.Write(html, shown);
        WriteScores(html, clip, measures);
        SoundFigures.Write(html, shown, sound);
        PitchChart.Write(html, shown, sound);
        WriteAlignments(html, shown);
        HtmlPage.WriteList(html, clip.Notes);
    }

    private static void WriteAlignments(HtmlWriter html, ShownClip shown)
    {
        if (shown.Alignments.Count > 0)
        {
            using var alignments = html.Open("div", ("class", "alignments"));
            foreach (var (i, alignment) in shown.Alignments.Index())
            {
                AlignmentChart.Write(html, alignment, shown.Alignments.Count > 1 ? $"Alignment of sentence {i + 1}" : "Alignment");
            }
        }
    }

    private static void WriteScores(HtmlWriter html, EvaluatedClip clip, ReportMeasures measures)
    {
        using var list = html.Open("dl", ("class", "scores"));
        foreach (var key in measures.Headlines.Concat(measures.Keys.Except(measures.Headlines)))
        {
            var measure = measures[key];
            using var score = html.Open("div");
            html.Element("dt", measure.Label);
            using (html.Open("dd"))
            {
                var value = clip.Measures.GetValueOrDefault(key);
                html.Element("b", NumberText.Of(value, measure.Decimals));
                if (value is not null)
                {
                    MeasureHeading.WriteUnit(html, measure);
                }

                if (measures.Summary(key) is { Count: > 1, Mean: var mean })
                {
                    html.Text(" ");
                    html.Element("small", $"mean\u00A0{NumberText.Of(mean, measure.Decimals)}");
                }
            }
        }
    }
}
