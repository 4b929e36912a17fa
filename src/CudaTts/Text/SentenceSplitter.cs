namespace CudaTts.Text;

/// <summary>Cuts a text into pieces that an acoustic model can speak at once: sentences, and parts of those that are too long. Linear in the
/// text.</summary>
public static class SentenceSplitter
{
    /// <summary>The longest piece, in UTF-16 units: about fifteen seconds of speech.</summary>
    public const int LongestPiece = 200;

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Abbreviations = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        "mr", "mrs", "ms", "dr", "st", "jr", "sr", "prof", "rev", "hon", "gen", "lt", "col", "capt", "sgt", "maj", "gov", "sen", "rep", "vs", "fig",
        "vol",
        "mt", "ft", "jan", "feb", "apr", "aug", "sept", "oct", "nov", "dec", "approx", "dept",
    }.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>
    /// The pieces in order, trimmed, none empty. No character but white space is lost, and phones in braces stay whole unless they alone exceed a
    /// piece.
    /// A piece ends after . ! ? or a line break; a longer one at the last comma, semicolon, colon or, failing that, space.
    /// </summary>
    public static IReadOnlyList<string> Split(string text)
    {
        var pieces = new List<string>();
        var start = 0;
        while (start < text.Length)
        {
            var end = SentenceEnd(text, start);
            AddPieces(pieces, text, start, end);
            start = end;
        }

        return pieces;
    }

    /// <summary>Where the sentence that begins at <paramref name="start"/> ends, its closing quotes and brackets included.</summary>
    private static int SentenceEnd(string text, int start)
    {
        for (var i = start; i < text.Length; i++)
        {
            if (text[i] == '\n')
            {
                return i + 1;
            }

            if (text[i] is not ('.' or '!' or '?' or '…' or '。' or '！' or '？'))
            {
                continue;
            }

            var mark = i;
            while (i + 1 < text.Length && text[i + 1] is '.' or '!' or '?' or '…' or '"' or '\'' or ')' or ']' or '”' or '’' or '»')
            {
                i++;
            }

            var isFullWidth = text[mark] is '。' or '！' or '？';
            var isFollowedBySpace = i + 1 == text.Length || char.IsWhiteSpace(text[i + 1]);
            if (isFullWidth || (isFollowedBySpace && !(text[mark] == '.' && i == mark && IsAbbreviation(text, start, mark))))
            {
                return i + 1;
            }
        }

        return text.Length;
    }

    /// <summary>Whether the dot belongs to a title, an initial or a short form, after which the sentence goes on.</summary>
    private static bool IsAbbreviation(string text, int start, int dot)
    {
        // Nothing that long is an abbreviation, and a word of any length must not be walked again for every dot.
        var first = dot;
        while (first > start && dot - first < 8 && (char.IsLetter(text[first - 1]) || text[first - 1] == '.'))
        {
            first--;
        }

        var word = text.AsSpan(first, dot - first);
        var goesOnSmall = dot + 2 < text.Length && char.IsLower(text[dot + 2]);
        var isInitial = word.Length == 1 && char.IsUpper(word[0]) && word[0] != 'I';
        var isNumber = word.Equals("no", StringComparison.OrdinalIgnoreCase) && dot + 2 < text.Length && char.IsAsciiDigit(text[dot + 2]);
        return goesOnSmall || isNumber || isInitial || Abbreviations.Contains(word);
    }

    private static void AddPieces(List<string> pieces, string text, int start, int end)
    {
        while (start < end)
        {
            var cut = end - start <= LongestPiece ? end : CutPoint(text, start);
            var piece = text.AsSpan(start, cut - start).Trim();
            if (!piece.IsEmpty)
            {
                pieces.Add(piece.ToString());
            }

            start = cut;
        }
    }

    /// <summary>The best place to cut within the longest piece; the middle of a word only when there is no other.</summary>
    private static int CutPoint(string text, int start)
    {
        int atMark = -1, atSpace = -1;
        var inBraces = false;
        for (var i = start; i < start + LongestPiece; i++)
        {
            inBraces = text[i] == '{' || (inBraces && text[i] != '}');
            if (!inBraces && char.IsWhiteSpace(text[i]))
            {
                atSpace = i + 1;
                atMark = i > start && text[i - 1] is ',' or ';' or ':' or '—' or '–' ? i + 1 : atMark;
            }
        }

        // A comma in the first quarter would leave a fragment.
        var cut = atMark > start + (LongestPiece / 4) ? atMark : atSpace;
        return cut > start ? cut : char.IsHighSurrogate(text[start + LongestPiece - 1]) ? start + LongestPiece - 1 : start + LongestPiece;
    }
}
