namespace CudaTts.Text.English.Normalization;

/// <summary>Everything that is neither letter nor digit: pauses, signs with a name, and what is not said.</summary>
internal sealed class Marks : SemioticClass
{
    /// <summary>The rule for a sign without a reading: it separates words, and is reported.</summary>
    public const string Unknown = "sign without a reading";

    private static readonly Dictionary<char, string> Symbols = ReadingTable.Rows("symbols").ToDictionary(row => row[0][0], row => row[1]);

    // Marks that a reader passes over: quotation marks, and what belongs to the writing and not to what it says.
    private const string Silent = "\"'`*_~|\\^<>/-\n\u2022\u2026:";

    // What the signs are called that are not said in a sentence.
    private static readonly Dictionary<char, string> Alone = new()
    {
        ['*'] = "star", ['/'] = "slash", ['-'] = "minus", ['^'] = "caret", ['~'] = "tilde", ['_'] = "underscore", ['|'] = "bar", ['\\'] = "backslash",
        ['<'] = "less than", ['>'] = "greater than", ['#'] = "hash", ['!'] = "exclamation mark", ['?'] = "question mark", ['.'] = "dot", [','] = "comma",
        [';'] = "semicolon", [':'] = "colon", ['('] = "left parenthesis", [')'] = "right parenthesis", ['['] = "left bracket", [']'] = "right bracket",
    };

    public override string Name => "mark";

    public override bool MayBeginWith(char first) => !char.IsAsciiLetterOrDigit(first);

    /// <summary>Whether a sign has a name.</summary>
    public static bool HasName(char sign) => Symbols.ContainsKey(sign);

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        var mark = passage[at];
        if (Alone.TryGetValue(mark, out var name) && IsTalkedAbout(passage, at))
        {
            readings.Add(at, at + 1, "sign that is talked about", name, Reading.Usual - 40);
        }

        switch (mark)
        {
            case '!' or '?' or '\u203D':
                readings.Add(at, at + 1, "pause", mark == '!' ? "!" : "?");
                break;
            case '.':
                ProposePoint(passage, at, readings);
                break;
            case ',' or ';' or '(' or ')' or '[' or ']' or '{' or '}' or '\u2022' or '\u2014':
                readings.Add(at, at + 1, "pause", ",");
                break;
            case ':':
                var isWithin = passage.IsLetterOrDigit(at - 1) && passage.IsLetterOrDigit(at + 1);
                readings.Add(at, at + 1, isWithin ? "not said" : "pause", isWithin ? "" : ",");
                break;
            case '-' or '\u2013':
                ProposeHyphen(passage, at, readings);
                break;
            case '#':
                readings.Add(at, at + 1, "sign with a name", passage.IsLetterOrDigit(at - 1) ? "hash"
                    : passage.IsDigit(at + 1) ? "number" : passage.IsLetter(at + 1) ? "hashtag" : "hash");
                break;
            case '/' when passage.IsLetterOrDigit(at - 1) != passage.IsLetterOrDigit(at + 1) && (passage[at - 1] is ' ' or '\0' || passage[at + 1] is ' ' or '\0'):
                readings.Add(at, at + 1, "sign with a name", "slash");
                break;
            case '\n':
                ProposeLineBreak(passage, at, readings);
                break;
            case '~' when passage.IsDigit(at + 1) || Currency.IsSign(passage[at + 1]):
                readings.Add(at, at + 1, "sign with a name", "about");
                break;
            case '\u00A7' when passage[at + 1] == '\u00A7':
                readings.Add(at, at + 2, "sign with a name", "sections");
                break;
            case '<' when passage.Has(at, "<3") && !passage.IsLetterOrDigit(at + 2) && passage[at + 2] != '.'
                && (passage.SkipSpaces(at + 2) >= passage.Text.Length || passage.WordBefore(at) is "i" or "we" or "you" or "u" or "much" or "love" or "all" or "thanks"):
                readings.Add(at, at + 2, "heart", "heart", Reading.Usual - 40);
                break;
            case '\u00A9' when passage.IsLetterOrDigit(at - 1):
                readings.Add(at, at + 1, "not said", "");
                break;
            default:
                ProposeSymbol(passage, at, readings);
                break;
        }

        if (mark == '(' && (passage.Has(at, "(c) ") || passage.Has(at, "(C) ")) && IsBeforeYear(passage, at + 4))
        {
            readings.Add(at, at + 3, "copyright", "copyright", Reading.Certain);
        }
    }

    /// <summary>Between quotation marks, or where a word for a sign would stand: the "/" key, one of +, * or /.</summary>
    private static bool IsTalkedAbout(Passage passage, int at)
    {
        var isQuoted = passage[at - 1] is '"' or '\'' or '`' && passage[at + 1] == passage[at - 1];
        var isListed = passage[at - 1] == ' ' && passage[at + 1] == ',' && (passage[at - 2] is ',' or ':' || passage.WordBefore(at) is "be" or "as" or "with" or "use");
        var isLast = passage[at - 1] == ' ' && passage[at + 1] is ' ' or '.' or '\0' && passage[passage.SkipSpacesBack(at) - 1] is not ('.' or ',' or ':')
            && passage.WordBefore(at) is "or" or "the" && passage[at - 2] != ',' && !passage.IsDigit(at + 2);

        // A pause is talked about only where it is quoted.
        return isQuoted || ((isListed || isLast) && !".,;:!?()[]".Contains(passage[at], StringComparison.Ordinal));
    }

    private static bool IsBeforeYear(Passage passage, int at) => (passage.DigitsEnd(at) - at == 4) || passage.WordBefore(at - 4) is "copyright" || Capitals.Begin(passage.WordAfter(at));

    private static void ProposeSymbol(Passage passage, int at, ReadingList readings)
    {
        var mark = passage[at];
        if (Symbols.TryGetValue(mark, out var name))
        {
            // "No." and "№" in front of a number; degrees without one are "degree".
            readings.Add(at, at + 1, "sign with a name", name);
        }
        else if (Silent.Contains(mark, StringComparison.Ordinal) || char.IsAsciiLetterOrDigit(mark) || mark < ' ')
        {
            readings.Add(at, at + 1, "not said", "");
        }
        else
        {
            var length = char.IsHighSurrogate(mark) && char.IsLowSurrogate(passage[at + 1]) ? 2 : 1;
            readings.Add(at, at + length, Unknown, "");
        }
    }

    private static void ProposePoint(Passage passage, int at, ReadingList readings)
    {
        if (passage.IsLetterOrDigit(at - 1) && passage.IsLetterOrDigit(at + 1))
        {
            readings.Add(at, at + 1, "point within", passage.IsDigit(at + 1) ? "point" : "dot");
            return;
        }

        var isInFront = passage.IsLetter(at + 1) && (at == 0 || passage[at - 1] is ' ' or '(' or '"' or '\'' or '`' or '\n' or '/');
        if (isInFront)
        {
            readings.Add(at, at + 1, "point in front of a name", "dot");
            return;
        }

        var dots = passage.Text.AsSpan(at).IndexOfAnyExcept('.');
        dots = dots < 0 ? passage.Text.Length - at : dots;
        if (passage[at - 1] != '.')
        {
            readings.Add(at, at + dots, "pause", dots == 1 ? "." : ",");
        }
        else
        {
            readings.Add(at, at + 1, "pause", ",");
        }
    }

    /// <summary>A pause between words, nothing within a word.</summary>
    private static void ProposeHyphen(Passage passage, int at, ReadingList readings)
    {
        // A–Z, S–XL: two names of one or two capitals are the ends of a range.
        var isRange = IsShortCapital(passage.WrittenBefore(at)) && IsShortCapital(passage.WordAfter(at + 1)) && !char.IsWhiteSpace(passage[at - 1]) && !char.IsWhiteSpace(passage[at + 1])
            && (passage[at] == '\u2013' || passage.Has(at - 1, "A-Z") || passage.Has(at - 1, "A-F"));
        if (isRange)
        {
            readings.Add(at, at + 1, "dash of a range", "to", Reading.Usual - 10);
            return;
        }

        var isApart = char.IsWhiteSpace(passage[at - 1]) && char.IsWhiteSpace(passage[at + 1]);
        var isWithinNumbers = passage[at] == '\u2013' && !(passage.IsLetterOrDigit(at - 1) && passage.IsLetterOrDigit(at + 1));
        readings.Add(at, at + 1, "dash", passage[at + 1] == '-' || isApart || isWithinNumbers ? "," : "");
    }

    private static bool IsShortCapital(ReadOnlySpan<char> word) => word.Length is 1 or 2 && Capitals.Are(word);

    private static void ProposeLineBreak(Passage passage, int at, ReadingList readings)
    {
        var next = passage.SkipSpaces(at + 1);
        readings.Add(at, next, passage[next] == '\n' ? "end of a paragraph" : "line break", passage[next] == '\n' ? "." : "");
    }
}
