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
        ['.'] = "dot", [','] = "comma", [';'] = "semicolon", [':'] = "colon", ['!'] = "exclamation mark", ['?'] = "question mark",
        ['*'] = "star", ['/'] = "slash", ['\\'] = "backslash", ['-'] = "minus", ['^'] = "caret", ['~'] = "tilde", ['_'] = "underscore",
        ['|'] = "bar", ['#'] = "hash", ['<'] = "less than", ['>'] = "greater than",
        ['('] = "left parenthesis", [')'] = "right parenthesis", ['['] = "left bracket", [']'] = "right bracket",
    };

    // Behind these "<3" is a heart and no comparison.
    private static readonly HashSet<string> BeforeHearts = ["i", "we", "you", "u", "much", "love", "all", "thanks"];

    public override string Name => "mark";

    public override bool MayBeginWith(char first) => !char.IsAsciiLetterOrDigit(first);

    /// <summary>Whether a sign has a name.</summary>
    public static bool HasName(char sign) => Symbols.ContainsKey(sign);

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        if (Alone.TryGetValue(passage[at], out var name) && IsTalkedAbout(passage, at))
        {
            readings.Add(at, at + 1, "sign that is talked about", name, Reading.Usual - 40);
        }

        switch (passage[at])
        {
            case '!' or '?' or '\u203D':
                readings.Add(at, at + 1, "pause", passage[at] == '!' ? "!" : "?");
                break;
            case '.':
                ProposePoint(passage, at, readings);
                break;
            case ',' or ';' or '(' or ')' or '[' or ']' or '{' or '}' or '\u2022' or '\u2014':
                readings.Add(at, at + 1, "pause", ",");
                break;
            case ':' when !(passage.IsLetterOrDigit(at - 1) && passage.IsLetterOrDigit(at + 1)):
                readings.Add(at, at + 1, "pause", ",");
                break;
            case '-' or '\u2013':
                ProposeHyphen(passage, at, readings);
                break;
            case '\n':
                ProposeLineBreak(passage, at, readings);
                break;
            case '\u00A7' when passage[at + 1] == '\u00A7':
                readings.Add(at, at + 2, "sign with a name", "sections");
                break;
            case '<' when IsHeart(passage, at):
                readings.Add(at, at + 2, "heart", "heart", Reading.Usual - 40);
                break;
            default:
                ProposeSign(passage, at, readings);
                break;
        }

        if (IsCopyright(passage, at))
        {
            readings.Add(at, at + 3, "copyright", "copyright", Reading.Certain);
        }
    }

    /// <summary>Between quotation marks, or where a word for a sign would stand: the "/" key, one of +, * or /.</summary>
    private static bool IsTalkedAbout(Passage passage, int at)
    {
        var (before, after, word) = (passage[at - 1], passage[at + 1], passage.WordBefore(at));
        var isQuoted = before is '"' or '\'' or '`' && after == before;
        var isListed = before == ' ' && after == ','
            && (passage[at - 2] is ',' or ':' || word is "be" or "as" or "with" or "use");
        var isLast = before == ' ' && after is ' ' or '.' or '\0'
            && word is "or" or "the" && passage.CharacterBefore(at) is not ('.' or ',' or ':') && !passage.IsDigit(at + 2);

        // A pause is talked about only where it is quoted.
        return isQuoted || ((isListed || isLast) && !".,;:!?()[]".Contains(passage[at], StringComparison.Ordinal));
    }

    /// <summary>"(c) 2024", "Copyright (c) Example": in front of a year, behind the word, or in front of a name.</summary>
    private static bool IsCopyright(Passage passage, int at)
    {
        var next = at + 4;
        return (passage.Has(at, "(c) ") || passage.Has(at, "(C) "))
            && (passage.DigitsEnd(next) - next == 4 || passage.WordBefore(at) is "copyright" || Capitals.Begin(passage.WordAfter(next)));
    }

    /// <summary>&lt;3 at the end of the text, or behind a word of affection.</summary>
    private static bool IsHeart(Passage passage, int at) =>
        passage[at + 1] == '3' && !passage.IsLetterOrDigit(at + 2) && passage[at + 2] != '.'
            && (passage.CharacterAfter(at + 2) == '\0' || BeforeHearts.Contains(passage.WordBefore(at)));

    private static void ProposeSign(Passage passage, int at, ReadingList readings)
    {
        if (NameAt(passage, at) is { } name)
        {
            readings.Add(at, at + 1, "sign with a name", name);
        }
        else if (IsSilent(passage, at))
        {
            readings.Add(at, at + 1, "not said", "");
        }
        else
        {
            var length = char.IsHighSurrogate(passage[at]) && char.IsLowSurrogate(passage[at + 1]) ? 2 : 1;
            readings.Add(at, at + length, Unknown, "");
        }
    }

    /// <summary>The name of a sign, which may be due to its neighbours; null when it has none.</summary>
    private static string? NameAt(Passage passage, int at) => passage[at] switch
    {
        '#' when passage.IsLetterOrDigit(at - 1) => "hash",
        '#' => passage.IsDigit(at + 1) ? "number" : passage.IsLetter(at + 1) ? "hashtag" : "hash",
        '~' when passage.IsDigit(at + 1) || Currency.IsSign(passage[at + 1]) => "about",
        '/' when IsOneSided(passage, at) => "slash",
        '\u00A9' when passage.IsLetterOrDigit(at - 1) => null,
        var sign => Symbols.GetValueOrDefault(sign),
    };

    /// <summary>A slash with a word on one side and a space or the edge of the text on the other: /home, and/ or.</summary>
    private static bool IsOneSided(Passage passage, int at) =>
        passage.IsLetterOrDigit(at - 1) != passage.IsLetterOrDigit(at + 1) && (passage[at - 1] is ' ' or '\0' || passage[at + 1] is ' ' or '\0');

    private static bool IsSilent(Passage passage, int at) =>
        passage[at] < ' ' || Silent.Contains(passage[at], StringComparison.Ordinal) || (passage[at] == '\u00A9' && passage.IsLetterOrDigit(at - 1));

    private static void ProposePoint(Passage passage, int at, ReadingList readings)
    {
        if (passage.IsLetterOrDigit(at - 1) && passage.IsLetterOrDigit(at + 1))
        {
            readings.Add(at, at + 1, "point within", passage.IsDigit(at + 1) ? "point" : "dot");
            return;
        }

        var isInFront = passage.IsLetter(at + 1) && passage[at - 1] is '\0' or ' ' or '(' or '"' or '\'' or '`' or '\n' or '/';
        if (isInFront)
        {
            readings.Add(at, at + 1, "point in front of a name", "dot");
            return;
        }

        if (passage[at - 1] == '.')
        {
            readings.Add(at, at + 1, "pause", ",");
            return;
        }

        var dots = passage.Text.AsSpan(at).IndexOfAnyExcept('.');
        dots = dots < 0 ? passage.Text.Length - at : dots;
        readings.Add(at, at + dots, "pause", dots == 1 ? "." : ",");
    }

    /// <summary>A pause between words, nothing within a word.</summary>
    private static void ProposeHyphen(Passage passage, int at, ReadingList readings)
    {
        if (IsRangeOfCapitals(passage, at))
        {
            readings.Add(at, at + 1, "dash of a range", "to", Reading.Usual - 10);
            return;
        }

        var isApart = char.IsWhiteSpace(passage[at - 1]) && char.IsWhiteSpace(passage[at + 1]);
        var isDash = passage[at] == '\u2013' && !(passage.IsLetterOrDigit(at - 1) && passage.IsLetterOrDigit(at + 1));
        readings.Add(at, at + 1, "dash", passage[at + 1] == '-' || isApart || isDash ? "," : "");
    }

    /// <summary>A–Z, S–XL: two names of one or two capitals are the ends of a range; with a hyphen only those of the alphabet.</summary>
    private static bool IsRangeOfCapitals(Passage passage, int at) =>
        (passage[at] == '\u2013' || passage.Has(at - 1, "A-Z") || passage.Has(at - 1, "A-F"))
            && !char.IsWhiteSpace(passage[at - 1]) && !char.IsWhiteSpace(passage[at + 1])
            && IsShortCapital(passage.WrittenBefore(at)) && IsShortCapital(passage.WordAfter(at + 1));

    private static bool IsShortCapital(ReadOnlySpan<char> word) => word.Length is 1 or 2 && Capitals.Are(word);

    private static void ProposeLineBreak(Passage passage, int at, ReadingList readings)
    {
        var next = passage.SkipSpaces(at + 1);
        var isParagraph = passage[next] == '\n';
        readings.Add(at, next, isParagraph ? "end of a paragraph" : "line break", isParagraph ? "." : "");
    }
}
