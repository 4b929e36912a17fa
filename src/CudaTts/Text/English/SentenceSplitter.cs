namespace CudaTts.Text.English;

/// <summary>Cuts a text into segments: sentences, and parts of those that are too long. Linear in the text.</summary>
internal static class SentenceSplitter
{
    /// <summary>The longest segment unless a caller chooses, in UTF-16 units: about fifteen seconds of speech.</summary>
    public const int LongestSegment = 200;

    /// <summary>
    /// The segments in order, trimmed, none empty. No character but white space is lost, and phones in braces stay whole unless they alone exceed
    /// a segment. A segment ends after . ! ? or a line break that is no mere space; a longer one at the last comma, semicolon or colon, failing that
    /// in front of a word that begins a clause, failing that at a space.
    /// </summary>
    public static IReadOnlyList<string> Split(string text, int longest = LongestSegment)
    {
        text = LineBreaks.Join(text);
        var segments = new List<string>();
        var start = 0;
        while (start < text.Length)
        {
            var end = SentenceEnd(text, start);
            AddSegments(segments, text.AsSpan(start, end - start), longest);
            start = end;
        }

        return segments;
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
            if (!isFullWidth && i > mark && GoesOnSmall(text, i + 1))
            {
                continue;
            }

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
        if (dot + 1 >= text.Length)
        {
            return false;
        }

        var isListNumber = first == dot && IsListNumber(text, start, dot);
        var isNumber = word.Equals("no", StringComparison.OrdinalIgnoreCase) && dot + 2 < text.Length && char.IsAsciiDigit(text[dot + 2]);
        return GoesOnSmall(text, dot + 1) || isNumber || isListNumber || ShortForms.GoesOn(word, WordAfter(text, dot + 1), IsDotAfter(text, dot + 1));
    }

    /// <summary>Whether a small letter follows behind one space: <c>"Really?" he said</c>.</summary>
    private static bool GoesOnSmall(string text, int end) => end + 1 < text.Length && text[end] == ' ' && char.IsLower(text[end + 1]);

    /// <summary>The number of an item in a list: digits alone at the beginning, <c>1. First</c>.</summary>
    private static bool IsListNumber(string text, int start, int dot)
    {
        var number = dot - start > 8 ? [] : text.AsSpan(start, dot - start).TrimStart();
        return number.Length is > 0 and <= 3 && number.IndexOfAnyExceptInRange('0', '9') < 0 && dot + 1 < text.Length;
    }

    /// <summary>Whether a dot stands right behind the next word, which is an initial then.</summary>
    private static bool IsDotAfter(string text, int place)
    {
        while (place < text.Length && text[place] == ' ')
        {
            place++;
        }

        var end = place + WordAfter(text, place).Length;
        return end < text.Length && text[end] == '.';
    }

    private static ReadOnlySpan<char> WordAfter(ReadOnlySpan<char> text, int place)
    {
        var rest = text.Slice(place, Math.Min(24, text.Length - place)).TrimStart(' ');
        var end = 0;
        while (end < rest.Length && char.IsAsciiLetter(rest[end]))
        {
            end++;
        }

        return rest[..end];
    }

    private static void AddSegments(List<string> segments, ReadOnlySpan<char> sentence, int longest)
    {
        while (!sentence.IsEmpty)
        {
            var cut = sentence.Length <= longest ? sentence.Length : CutPoint(sentence, longest);
            var segment = sentence[..cut].Trim();
            if (!segment.IsEmpty)
            {
                segments.Add(segment.ToString());
            }

            sentence = sentence[cut..];
        }
    }

    /// <summary>The best place to cut within the longest segment; the middle of a word only when there is no other.</summary>
    private static int CutPoint(ReadOnlySpan<char> sentence, int longest)
    {
        int atMark = 0, atClause = 0, atSpace = 0, braces = 0, brackets = 0;
        for (var i = 0; i < longest; i++)
        {
            braces = sentence[i] == '{' ? 1 : sentence[i] == '}' ? 0 : braces;
            brackets = sentence[i..].StartsWith("[[") ? 1 : sentence[i..].StartsWith("]]") ? 0 : brackets;
            if (braces + brackets == 0 && char.IsWhiteSpace(sentence[i]))
            {
                atSpace = i + 1;
                atClause = ClauseCuts.BeginsClause(WordAfter(sentence, i + 1)) ? i + 1 : atClause;
                atMark = i > 0 && sentence[i - 1] is ',' or ';' or ':' or '—' or '–' ? i + 1 : atMark;
            }
        }

        // A comma in the first quarter would leave a fragment.
        var cut = atMark > longest / 4 ? atMark : atClause > longest / 4 ? atClause : atSpace;
        return cut > 0 ? cut : char.IsHighSurrogate(sentence[longest - 1]) ? longest - 1 : longest;
    }
}
