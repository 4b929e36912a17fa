using System.Text;
using CudaTts.Text.English;
using CudaTts.Text.English.Normalization;

namespace CudaTts.Text.Characters;

/// <summary>
/// The <c>english_cleaners</c> that the public LJSpeech Tacotron 2 checkpoints were trained with (github.com/keithito/tacotron, text/cleaners.py
/// and numbers.py; number words as Python's inflect gives them). Their quirks are what the voices learned and are kept: "Mrs." becomes
/// "misess", "£5" becomes "psfive", "12:40" keeps its colon.
/// </summary>
internal static class EnglishCleaners
{
    // In the public order, which decides when abbreviations touch.
    private static readonly (string Short, string Long)[] Abbreviations =
    [
        ("mrs.", "misess"), ("mr.", "mister"), ("dr.", "doctor"), ("st.", "saint"), ("co.", "company"), ("jr.", "junior"), ("maj.", "major"),
        ("gen.", "general"), ("drs.", "doctors"), ("rev.", "reverend"), ("lt.", "lieutenant"), ("hon.", "honorable"), ("sgt.", "sergeant"),
        ("capt.", "captain"), ("esq.", "esquire"), ("ltd.", "limited"), ("col.", "colonel"), ("ft.", "fort"),
    ];

    /// <summary>
    /// The text in small ASCII letters with numbers and abbreviations in words. Phones in braces are kept; as in the public
    /// <c>text_to_sequence</c>, what follows a line feed after a closed brace is dropped.
    /// </summary>
    public static AnnotatedText Clean(string text)
    {
        // The public pattern (.*?)\{(.+?)\}(.*) does not cross line feeds: braces count on the first line only, and then only that line is read.
        var cleaned = new StringBuilder(text.Length);
        var parts = new List<TextPart>();
        var lineEnd = text.IndexOf('\n', StringComparison.Ordinal);
        var line = lineEnd < 0 ? text.AsMemory() : text.AsMemory(0, lineEnd);
        var rest = TryFindBraces(line.Span, out _, out _) ? line : text.AsMemory();
        while (rest.Length <= line.Length && TryFindBraces(rest.Span, out var open, out var close))
        {
            AppendClean(cleaned, parts, rest[..open]);
            AppendPhones(cleaned, parts, rest[(open + 1)..close]);
            rest = rest[(close + 1)..];
        }

        AppendClean(cleaned, parts, rest);
        return new AnnotatedText(cleaned.ToString(), parts);
    }

    /// <summary>The first opening brace and the first closing one with at least one character between them.</summary>
    private static bool TryFindBraces(ReadOnlySpan<char> line, out int open, out int close)
    {
        open = line.IndexOf('{');
        close = open < 0 || open + 2 > line.Length ? -1 : line[(open + 2)..].IndexOf('}');
        close = close < 0 ? -1 : open + 2 + close;
        return close >= 0;
    }

    private static void AppendPhones(StringBuilder cleaned, List<TextPart> parts, ReadOnlyMemory<char> inside)
    {
        // A brace inside never names a phone, and would unbalance the result.
        var phones = AnnotatedText.NamesIn(inside.ToString()).Where(phone => !phone.AsSpan().ContainsAny('{', '}')).ToArray();
        var start = cleaned.Length;
        cleaned.Append('{').AppendJoin(' ', phones).Append('}');
        parts.Add(new TextPart(new TextRange(start, cleaned.Length), phones));
    }

    private static void AppendClean(StringBuilder cleaned, List<TextPart> parts, ReadOnlyMemory<char> stretch)
    {
        var text = AsciiFolding.Fold(stretch.ToString()).ToLowerInvariant();
        text = ExpandNumbers(text);
        foreach (var (abbreviation, expansion) in Abbreviations)
        {
            text = ExpandAbbreviation(text, abbreviation, expansion);
        }

        var start = cleaned.Length;
        var inSpace = false;
        foreach (var character in text)
        {
            var isSpace = char.IsWhiteSpace(character) || character is >= '\x1C' and <= '\x1F';
            if (!isSpace && character is not ('{' or '}'))
            {
                cleaned.Append(character);
            }
            else if (isSpace && !inSpace)
            {
                cleaned.Append(' ');
            }

            inSpace = isSpace;
        }

        if (cleaned.Length > start)
        {
            parts.Add(new TextPart(new TextRange(start, cleaned.Length), Phones: null));
        }
    }

    private static string ExpandAbbreviation(string text, string abbreviation, string expansion)
    {
        var found = text.IndexOf(abbreviation, StringComparison.Ordinal);
        if (found < 0)
        {
            return text;
        }

        var expanded = new StringBuilder(text.Length + 16);
        var copied = 0;
        for (; found >= 0; found = text.IndexOf(abbreviation, found + 1, StringComparison.Ordinal))
        {
            if (found == 0 || !(char.IsAsciiLetterOrDigit(text[found - 1]) || text[found - 1] == '_'))
            {
                expanded.Append(text, copied, found - copied).Append(expansion);
                copied = found + abbreviation.Length;
            }
        }

        return expanded.Append(text, copied, text.Length - copied).ToString();
    }

    /// <summary>The public passes in their order: commas out of numbers, dollars, decimal points, ordinals, all other numbers.</summary>
    private static string ExpandNumbers(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('0', '9'))
        {
            return text;
        }

        return ExpandOrdinalsAndCardinals(ExpandPoints(ExpandDollars(RemoveCommas(text))));
    }

    /// <summary><c>[0-9][0-9,]+[0-9]</c> loses its commas.</summary>
    private static string RemoveCommas(string text)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            if (!char.IsAsciiDigit(text[i]))
            {
                result.Append(text[i++]);
                continue;
            }

            var end = i + SpanOf(text, i, "0123456789,");
            var number = text.AsSpan(i, end - i).TrimEnd(',');
            var trailing = end - i - number.Length;
            foreach (var character in number)
            {
                if (number.Length < 3 || character != ',')
                {
                    result.Append(character);
                }
            }

            result.Append(',', trailing);
            i = end;
        }

        return result.ToString();
    }

    /// <summary><c>\$([0-9.,]*[0-9]+)</c> becomes dollars and cents.</summary>
    private static string ExpandDollars(string text)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var amount = text[i] == '$' ? text.AsSpan(i + 1, SpanOf(text, i + 1, "0123456789,.")).TrimEnd(",.") : [];
            if (amount.IsEmpty)
            {
                result.Append(text[i]);
                continue;
            }

            result.Append(Dollars(amount.ToString()));
            i += amount.Length;
        }

        return result.ToString();
    }

    private static string Dollars(string amount)
    {
        var parts = amount.Split('.');
        if (parts.Length > 2)
        {
            return amount + " dollars";
        }

        // The public code fails on a comma that is left here ("$,5"); reading on without it is the harmless choice.
        var dollars = WithoutLeadingZeros(parts[0]);
        var cents = parts.Length == 2 ? WithoutLeadingZeros(parts[1]) : "";
        var dollarWords = dollars.Length == 0 ? "" : $"{dollars} {(dollars == "1" ? "dollar" : "dollars")}";
        var centWords = cents.Length == 0 ? "" : $"{cents} {(cents == "1" ? "cent" : "cents")}";
        return dollars.Length == 0 && cents.Length == 0 ? "zero dollars"
            : dollars.Length == 0 ? centWords
            : cents.Length == 0 ? dollarWords
            : $"{dollarWords}, {centWords}";
    }

    private static string WithoutLeadingZeros(string digits) => digits.Replace(",", "", StringComparison.Ordinal).TrimStart('0');

    /// <summary><c>[0-9]+\.[0-9]+</c>: the dot becomes "point".</summary>
    private static string ExpandPoints(string text)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var whole = SpanOf(text, i, "0123456789");
            var point = i + whole;
            var fraction = whole > 0 && point < text.Length && text[point] == '.' ? SpanOf(text, point + 1, "0123456789") : 0;
            if (fraction > 0)
            {
                result.Append(text, i, whole).Append(" point ").Append(text, point + 1, fraction);
                i = point + 1 + fraction;
            }
            else
            {
                var plain = Math.Max(1, whole);
                result.Append(text, i, plain);
                i += plain;
            }
        }

        return result.ToString();
    }

    private static string ExpandOrdinalsAndCardinals(string text)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var length = SpanOf(text, i, "0123456789");
            if (length == 0)
            {
                result.Append(text[i++]);
                continue;
            }

            var digits = text.AsSpan(i, length);
            i += length;
            if (text.AsSpan(i) is ['s', 't', ..] or ['n', 'd', ..] or ['r', 'd', ..] or ['t', 'h', ..])
            {
                result.Append(NumberWords.Ordinal(NumberWords.Cardinal(digits, ", ", " and")));
                i += 2;
            }
            else
            {
                result.Append(Number(digits));
            }
        }

        return result.ToString();
    }

    private static string Number(ReadOnlySpan<char> digits)
    {
        var isYear = int.TryParse(digits, out var number) && number is > 1000 and < 3000;
        return isYear ? NumberWords.Pairs(number) : NumberWords.Cardinal(digits, ", ");
    }

    private static int SpanOf(string text, int start, string characters)
    {
        var rest = text.AsSpan(start);
        var length = rest.IndexOfAnyExcept(characters);
        return length < 0 ? rest.Length : length;
    }
}
