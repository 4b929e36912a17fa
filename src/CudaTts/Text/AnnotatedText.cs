namespace CudaTts.Text;

/// <summary>A stretch of a text: characters, or phones that its writer gave.</summary>
/// <param name="Place">The characters of the text that it takes, with the braces or brackets around phones.</param>
/// <param name="Phones">The names that stand there; null for characters.</param>
internal readonly record struct TextPart(TextRange Place, IReadOnlyList<string>? Phones)
{
    /// <summary>Whether what is written beside it is read as if a space lay between.</summary>
    public bool StandsApart { get; init; }
}

/// <summary>A text, taken apart into characters and phones where it enters the front end; behind that, phones are values.</summary>
/// <param name="Text">The text as it is written.</param>
/// <param name="Parts">All of it, in order.</param>
internal sealed record AnnotatedText(string Text, IReadOnlyList<TextPart> Parts)
{
    /// <summary>Takes a text apart in which phones stand in braces. A brace without a partner is text.</summary>
    public static AnnotatedText Parse(string text)
    {
        var parts = new List<TextPart>();
        AddBraced(parts, text, new TextRange(0, text.Length));
        return new AnnotatedText(text, parts);
    }

    /// <summary>Adds the parts of some of a text's characters.</summary>
    public static void AddBraced(List<TextPart> parts, string text, TextRange place)
    {
        var start = place.Start;
        while (true)
        {
            var open = text.IndexOf('{', start, place.End - start);
            var close = open < 0 ? -1 : text.IndexOf('}', open + 1, place.End - open - 1);
            if (close < 0)
            {
                break;
            }

            // The innermost pair: in "{a {HH}" the first brace is text.
            open = text.LastIndexOf('{', close);
            if (open > start)
            {
                parts.Add(new TextPart(new TextRange(start, open), Phones: null));
            }

            parts.Add(new TextPart(new TextRange(open, close + 1), NamesIn(text[(open + 1)..close])));
            start = close + 1;
        }

        if (start < place.End)
        {
            parts.Add(new TextPart(new TextRange(start, place.End), Phones: null));
        }
    }

    /// <summary>Names with white space between them.</summary>
    public static string[] NamesIn(string phones) => phones.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
