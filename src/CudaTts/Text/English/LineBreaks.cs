using System.Text;
using CudaTts.Text.English.Normalization;

namespace CudaTts.Text.English;

/// <summary>
/// Tells line breaks that end something (a paragraph, a heading, an item of a list, a line of a poem or a log) from those that an editor puts in
/// where a line is full, which are spaces. What a reader goes by: how the line ends, how the next begins, and how long the lines of the block are.
/// Linear in the text.
/// </summary>
internal static class LineBreaks
{
    // Editors and mail programs break at 60 to 80 characters, narrow columns at 30: a shorter line was not broken for its length.
    private const int ShortLine = 25;

    // Behind one of these a sentence goes on, whatever comes next.
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> NeverLast = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        "a", "an", "the", "of", "to", "with", "from", "by", "at", "into", "onto", "and", "or", "but", "nor", "than", "my", "your", "his", "their",
        "our", "its", "every", "very", "is", "was", "were", "are", "am", "be", "been", "has", "had", "if", "because", "while", "although", "between",
        "during", "without", "against", "upon", "toward", "towards", "as", "who", "which", "whose", "when", "where", "mr.", "mrs.", "ms.", "dr.",
        "prof.", "rev.", "gen.", "sgt.", "capt.", "lt.", "col.", "vs.", "fig.", "e.g.", "i.e.",
    }.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>
    /// The text with a space in the place of every line break that ends nothing; those that are left are line feeds. No other character changes.
    /// </summary>
    public static string Join(string text)
    {
        if (text.AsSpan().IndexOfAny(Ends) < 0)
        {
            return text;
        }

        var joined = new StringBuilder(text.Length);
        var block = new List<TextRange>();
        foreach (var line in LinesOf(text))
        {
            var characters = text.AsSpan(line.Start, line.Length);
            var isAlone = IsRule(characters) || IsHeading(characters);
            if (isAlone || BeginsItem(characters))
            {
                Append(joined, text, block);
                block.Clear();
            }

            if (line.Length > 0)
            {
                block.Add(line);
            }

            if (isAlone)
            {
                Append(joined, text, block);
                block.Clear();
            }
        }

        Append(joined, text, block);
        return joined.ToString();
    }

    private static ReadOnlySpan<char> Ends => "\r\n\f\v\u0085\u2028\u2029";

    /// <summary>The lines without the white space around them; empty ones stand between paragraphs.</summary>
    private static IEnumerable<TextRange> LinesOf(string text)
    {
        for (var start = 0; start <= text.Length;)
        {
            var length = text.AsSpan(start).IndexOfAny(Ends);
            var end = length < 0 ? text.Length : start + length;
            var (first, last) = (start, end);
            while (first < last && char.IsWhiteSpace(text[first]))
            {
                first++;
            }

            while (last > first && char.IsWhiteSpace(text[last - 1]))
            {
                last--;
            }

            yield return new TextRange(first, last);
            var isPair = end + 1 < text.Length && text[end] == '\r' && text[end + 1] == '\n';
            start = end + (isPair ? 2 : 1);
        }
    }

    /// <summary>Adds the lines of a block, with a space or a line feed between them.</summary>
    private static void Append(StringBuilder joined, string text, List<TextRange> block)
    {
        if (block.Count == 0)
        {
            return;
        }

        var shape = BlockShape.Of(text, block);
        joined.Append(joined.Length == 0 ? "" : "\n");
        for (var i = 0; i < block.Count; i++)
        {
            var line = text.AsSpan(block[i].Start, block[i].Length);
            joined.Append(line);
            if (i + 1 < block.Count)
            {
                var next = text.AsSpan(block[i + 1].Start, block[i + 1].Length);
                var goesOn = GoesOn(line, next, shape);
                joined.Append(!goesOn ? "\n" : IsDivided(line, next) ? "" : " ");
            }
        }
    }

    /// <summary>Whether a sentence goes on in the next line.</summary>
    private static bool GoesOn(ReadOnlySpan<char> line, ReadOnlySpan<char> next, BlockShape shape)
    {
        var word = FirstWord(next);
        var last = LastWord(line);
        if (IsEnd(line, last) || line.Contains('\t') || next.Contains('\t') || word.EndsWith(":") || word.IndexOfAny("@=_\\") >= 0
            || word.Contains("://", StringComparison.Ordinal))
        {
            return false;
        }

        if (line[^1] is '-' or '\u00AD' or '(' || (last.Length < line.Length && NeverLast.Contains(last)))
        {
            return true;
        }

        var isPause = line[^1] is ',' or ';' or '—' or '–';
        if (BeginsSmall(next))
        {
            return isPause || line.Length >= ShortLine || shape.EndsAsProse;
        }

        // A capital or a digit within a sentence: only behind a full line, among lines that often begin with small letters.
        var isFull = isPause ? line.Length >= ShortLine
            : line.Length >= shape.ShortestFullLine && line.Length + 1 + word.Length > shape.LongestLine;
        return isFull && shape.IsProse && (char.IsLetterOrDigit(next[0]) || next[0] is '$' or '£' or '€' or '(')
            && (isPause || word is "I" || word.StartsWith("I'") || word.StartsWith("I’") || !SentenceEnds.IsStarter(Letters(word)));
    }

    /// <summary>Whether the line ends as a sentence does, or announces something. A dot may also belong to a short form.</summary>
    private static bool IsEnd(ReadOnlySpan<char> line, ReadOnlySpan<char> last)
    {
        var end = line.TrimEnd("\"')]”’»*_");
        return end.Length > 0 && (end[^1] is '!' or '?' or '…' or ':' or '。' or '！' or '？'
            || (end[^1] == '.' && !(end.Length == line.Length && ShortForms.IsOne(last[..^1]))));
    }

    private static ReadOnlySpan<char> LastWord(ReadOnlySpan<char> line) => line[(line.LastIndexOf(' ') + 1)..];

    /// <summary>Whether the text begins with a small letter, in quotes or brackets or not.</summary>
    private static bool BeginsSmall(ReadOnlySpan<char> text)
    {
        var start = text.TrimStart("\"'([“‘«{");
        return start.Length > 0 && char.IsLower(start[0]);
    }

    /// <summary>Whether a word or a range is divided between two lines: nothing stands around its hyphen.</summary>
    private static bool IsDivided(ReadOnlySpan<char> line, ReadOnlySpan<char> next) =>
        line.Length > 1 && line[^1] is '-' or '\u00AD' && char.IsLetterOrDigit(line[^2]) && char.IsLetterOrDigit(next[0]);

    private static ReadOnlySpan<char> FirstWord(ReadOnlySpan<char> line)
    {
        var end = line.IndexOfAny(" \t");
        return end < 0 ? line : line[..end];
    }

    private static ReadOnlySpan<char> Letters(ReadOnlySpan<char> word)
    {
        var end = 0;
        while (end < word.Length && char.IsLetter(word[end]))
        {
            end++;
        }

        return word[..end];
    }

    /// <summary>Whether a line is an item of a list, a quotation, a row of a table, a stage direction's bracket or a list's number.</summary>
    private static bool BeginsItem(ReadOnlySpan<char> line)
    {
        var word = FirstWord(line);
        var isDash = word is "–" or "—" && line.Length > 2 && !char.IsLower(line[2]);
        var isBullet = isDash || word is "-" or "*" or "+" or "•" or "◦" or "▪" or "‣" or "·";
        var isNumber = word.Length is >= 2 and <= 5 && word[^1] is '.' or ')' && IsNumbering(word[..^1].TrimStart('('), word[^1]);
        return (word.Length < line.Length && (isBullet || isNumber)) || line[0] is '>' or '|' || line.StartsWith("```")
            || (line[0] == '[' && word.EndsWith("]"));
    }

    /// <summary>Whether a line is a heading of Markdown: signs # and a space before it.</summary>
    private static bool IsHeading(ReadOnlySpan<char> line) => FirstWord(line) is { IsEmpty: false } word && word.IndexOfAnyExcept('#') < 0;

    private static bool IsNumbering(ReadOnlySpan<char> number, char mark) =>
        number.Length is > 0 and <= 3 && (number.IndexOfAnyExceptInRange('0', '9') < 0
            || (mark == ')' && (number.Length == 1 || number.IndexOfAnyExcept("ivx") < 0)));

    /// <summary>Whether a line has no letter and no digit: an empty line, a rule, a break between scenes, the line below a heading.</summary>
    private static bool IsRule(ReadOnlySpan<char> line)
    {
        foreach (var character in line)
        {
            if (char.IsLetterOrDigit(character) || char.IsSurrogate(character))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What the lines of a block have in common.</summary>
    /// <param name="LongestLine">Characters of the longest.</param>
    /// <param name="ShortestFullLine">How long a line is at least that was broken for its length, and not by its writer.</param>
    /// <param name="EndsAsProse">Whether the last of them ends as a sentence does.</param>
    /// <param name="IsProse">Whether enough lines that may go on with a sentence begin with a small letter, as in no poem and no log.</param>
    private readonly record struct BlockShape(int LongestLine, int ShortestFullLine, bool EndsAsProse, bool IsProse)
    {
        public static BlockShape Of(string text, List<TextRange> block)
        {
            var longest = block.Max(line => line.Length);
            var (small, other, isFilled) = (0, 0, true);
            for (var i = 0; i < block.Count; i++)
            {
                var word = FirstWord(text.AsSpan(block[i].Start, block[i].Length));
                isFilled &= i == 0 || block[i - 1].Length + 1 + word.Length > longest;
                if (i > 0 && text[block[i - 1].End - 1] is not ('.' or '!' or '?'))
                {
                    var isSmall = BeginsSmall(text.AsSpan(block[i].Start, block[i].Length));
                    (small, other) = (small + (isSmall ? 1 : 0), other + (isSmall ? 0 : 1));
                }
            }

            var end = text.AsSpan(block[^1].Start, block[^1].Length).TrimEnd("\"')]”’»*_");
            var endsAsProse = end.Length > 0 && end[^1] is '.' or '!' or '?' or '…';

            // A single line with a capital tells least: only a long line before it and a full stop speak for a sentence.
            var isPair = small == 0 && other == 1;

            // Lines that are all as full as they can be were broken by an editor; short ones may be so by chance.
            isFilled &= small > 0 || (longest >= 50 && endsAsProse);
            return new BlockShape(longest, isPair ? 60 : 20, endsAsProse, isPair ? endsAsProse : isFilled || (small > 0 && 3 * small >= other));
        }
    }
}
