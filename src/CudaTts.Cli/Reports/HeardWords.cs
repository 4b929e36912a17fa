namespace CudaTts.Cli.Reports;

/// <summary>What was to be said and what was heard, with the words marked that a word error rate counts.</summary>
internal static class HeardWords
{
    // Each kind has a line of its own below or through the word: colour alone tells nothing.
    private static readonly (string Style, string Meaning) s_replaced = ("replaced", "another word was heard");
    private static readonly (string Style, string Meaning) s_missing = ("missing", "not heard");
    private static readonly (string Style, string Meaning) s_added = ("added", "not to be said");

    /// <summary>Writes the text, what was heard of it, and, where they differ, both word by word; nothing where there is no text.</summary>
    public static void Write(HtmlWriter html, ShownClip shown)
    {
        var clip = shown.Clip;
        if (clip.Text is null && clip.Heard is null)
        {
            return;
        }

        var marks = shown.Words.Select(MarkOf).OfType<(string Style, string Meaning)>().Distinct().ToList();
        using (html.Open("dl", ("class", "words")))
        {
            WriteLine(html, "Text", () => html.Text(clip.Text ?? NumberText.Missing));
            if (marks.Count == 0)
            {
                WriteLine(html, "Heard", () => html.Text(clip.Heard is { Length: > 0 } heard ? heard : NumberText.Missing));
                return;
            }

            WriteLine(html, "Said", () => WriteWords(html, shown, pair => pair.Said));
            WriteLine(html, "Heard", () => WriteWords(html, shown, pair => pair.Heard));
        }

        WriteKey(html, marks);
    }

    private static (string Style, string Meaning)? MarkOf((string? Said, string? Heard) pair) => pair switch
    {
        (_, null) => s_missing,
        (null, _) => s_added,
        _ => pair.Said == pair.Heard ? null : s_replaced,
    };

    private static void WriteLine(HtmlWriter html, string label, Action write)
    {
        html.Element("dt", label);
        using (html.Open("dd"))
        {
            write();
        }
    }

    private static void WriteWords(HtmlWriter html, ShownClip shown, Func<(string? Said, string? Heard), string?> side)
    {
        foreach (var pair in shown.Words)
        {
            if (side(pair) is not { } word)
            {
                continue;
            }

            if (MarkOf(pair) is { } mark)
            {
                html.Element("mark", word, ("class", mark.Style));
            }
            else
            {
                html.Text(word);
            }

            html.Text(" ");
        }
    }

    private static void WriteKey(HtmlWriter html, List<(string Style, string Meaning)> marks)
    {
        using var key = html.Open("p", ("class", "words-key"));
        foreach (var (style, meaning) in marks)
        {
            html.Element("mark", meaning, ("class", style));
            html.Text(" ");
        }
    }
}
