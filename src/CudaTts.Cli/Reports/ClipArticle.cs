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

        WriteList(html, "faults", (clip.Error is null ? [] : (string[])[clip.Error]).Concat(clip.Faults));
        WriteWords(html, clip);
        WriteScores(html, clip, measures);
        SoundFigures.Write(html, shown, sound);
        PitchChart.Write(html, shown, sound);
        WriteAlignments(html, shown);
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
                    MeasureCells.WriteUnit(html, measure);
                }

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
        using (html.Open("dl", ("class", "words")))
        {
            WriteLine(html, "Text", clip.Text, differences?.Text, "missing");
            WriteLine(html, "Heard", clip.Heard, differences?.Heard, "added");
        }

        if (differences is not null)
        {
            WriteKey(html, differences);
        }
    }

    /// <summary>What the marks mean that these words have.</summary>
    private static void WriteKey(HtmlWriter html, WordDifferences differences)
    {
        bool Has(IEnumerable<(string Word, WordFate Fate)> words, WordFate fate) => words.Any(word => word.Fate == fate);
        ((string Style, string Meaning) Mark, bool IsThere)[] marks =
        [
            (("replaced", "another word was heard"), Has(differences.Text, WordFate.Replaced)),
            (("missing", "not heard"), Has(differences.Text, WordFate.Alone)),
            (("added", "not in the text"), Has(differences.Heard, WordFate.Alone)),
        ];
        if (marks.Any(mark => mark.IsThere))
        {
            using var key = html.Open("p", ("class", "words-key"));
            foreach (var (mark, _) in marks.Where(mark => mark.IsThere))
            {
                html.Element("mark", mark.Meaning, ("class", mark.Style));
                html.Text(" ");
            }
        }
    }

    private static void WriteLine(
        HtmlWriter html, string label, string? line, IReadOnlyList<(string Word, WordFate Fate)>? words, string alone)
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
                html.Element("mark", word, ("class", fate == WordFate.Replaced ? "replaced" : alone));
            }

            html.Text(" ");
        }
    }
}
