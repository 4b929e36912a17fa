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
    public static void Write(HtmlWriter html, ShownClip shown, int place, ReportMeasures measures)
    {
        var (clip, id) = (shown.Clip, IdOf(place));
        using var article = html.Open("article", ("class", "clip"), ("id", id), ("aria-labelledby", $"{id}-name"));
        using (html.Open("h3", ("id", $"{id}-name")))
        {
            html.Element("span", $"{place}.", ("class", "place"));
            html.Text($" {clip.Name}");
        }

        WriteList(html, "faults", (clip.Error is null ? [] : (string[])[clip.Error]).Concat(clip.Faults));
        WriteWords(html, clip);
        WriteScores(html, clip, measures);
        SoundFigures.Write(html, shown);
        PitchChart.Write(html, shown);
        foreach (var (i, alignment) in shown.Alignments.Index())
        {
            AlignmentChart.Write(html, alignment, shown.Alignments.Count > 1 ? $"Alignment of sentence {i + 1}" : "Alignment");
        }

        WriteList(html, "notes", clip.Notes);
    }

    private static void WriteList(HtmlWriter html, string style, IEnumerable<string> items)
    {
        if (items.ToList() is { Count: > 0 } lines)
        {
            using var list = html.Open("ul", ("class", style));
            foreach (var line in lines)
            {
                html.Element("li", line);
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
            using (html.Open("dt"))
            {
                html.Text(measure.Label);
                MeasureCells.WriteUnit(html, measure);
            }

            using (html.Open("dd"))
            {
                html.Element("b", NumberText.Of(clip.Measures.GetValueOrDefault(key), measure.Decimals));
                if (measures.Summary(key) is { Count: > 1, Mean: var mean })
                {
                    html.Text(" ");
                    html.Element("small", $"mean\u00A0{NumberText.Of(mean, measure.Decimals)}");
                }
            }
        }
    }

    private static void WriteWords(HtmlWriter html, EvaluatedClip clip)
    {
        if (clip.Text is null && clip.Heard is null)
        {
            return;
        }

        var differences = clip is { Text: { } said, Heard: { } understood } ? WordDifferences.Of(said, understood) : null;
        using var list = html.Open("dl", ("class", "words"));
        WriteLine(html, "Text", clip.Text, differences?.Text, ("missing", "not heard"));
        WriteLine(html, "Heard", clip.Heard, differences?.Heard, ("added", "not in the text"));
    }

    private static void WriteLine(
        HtmlWriter html, string label, string? line, IReadOnlyList<(string Word, WordFate Fate)>? words, (string Style, string Meaning) alone)
    {
        if (line is null)
        {
            return;
        }

        html.Element("dt", label);
        using var text = html.Open("dd");
        if (words is null || words.Count == 0)
        {
            html.Text(line.Length > 0 ? line : NumberText.Missing);
            return;
        }

        foreach (var (word, fate) in words)
        {
            if (fate == WordFate.Same)
            {
                html.Text(word);
            }
            else
            {
                // Each fate has a line of its own kind below or through it, and its name for a screen reader and for the pointer.
                var (style, meaning) = fate == WordFate.Replaced ? ("replaced", "another word was heard") : alone;
                html.Element("mark", word, ("class", style), ("title", meaning));
            }

            html.Text(" ");
        }
    }
}
