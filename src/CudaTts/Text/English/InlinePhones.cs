namespace CudaTts.Text.English;

/// <summary>The phones that a text gives itself: ARPAbet in braces, <c>{HH AH0 L OW1}</c>, and IPA in double brackets, <c>[[həˈloʊ]]</c>.</summary>
internal static class InlinePhones
{
    /// <summary>Takes a text apart; brackets that hold no IPA, and braces that hold no ARPAbet, are left to be read as text.</summary>
    public static AnnotatedText Parse(string text)
    {
        var parts = new List<TextPart>();
        var (start, next) = (0, 0);
        while (text.IndexOf("]]", next, StringComparison.Ordinal) is >= 0 and var close)
        {
            // The innermost pair: in "[[a [[b]]" the first brackets are text.
            var open = text.LastIndexOf("[[", close, close - next + 1, StringComparison.Ordinal);
            next = close + 2;
            if (open >= 0 && Ipa.Words(text, new TextRange(open + 2, close)) is { } words)
            {
                AnnotatedText.AddBraced(parts, text, new TextRange(start, open));
                AddWords(parts, words, new TextRange(open, next));
                start = next;
            }
        }

        AnnotatedText.AddBraced(parts, text, new TextRange(start, text.Length));
        return new AnnotatedText(text, parts);
    }

    /// <summary>The brackets belong to the first and the last.</summary>
    private static void AddWords(List<TextPart> parts, List<(TextRange Place, string[] Phones)> words, TextRange brackets)
    {
        for (var i = 0; i < words.Count; i++)
        {
            var start = i == 0 ? brackets.Start : words[i].Place.Start;
            var end = i + 1 == words.Count ? brackets.End : words[i].Place.End;
            parts.Add(new TextPart(new TextRange(start, end), words[i].Phones) { StandsApart = true });
            if (i + 1 < words.Count)
            {
                parts.Add(new TextPart(new TextRange(end, words[i + 1].Place.Start), Phones: null));
            }
        }
    }
}
