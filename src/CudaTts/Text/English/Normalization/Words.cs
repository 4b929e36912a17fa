namespace CudaTts.Text.English.Normalization;

/// <summary>Words, letters by themselves, and names with capitals inside: hello, y'all, vitamin C, iPhone.</summary>
internal sealed class Words : SemioticClass
{
    private const int LongestWritten = 6;

    private static readonly Dictionary<string, string> Written = ReadingTable.Pairs("words");

    public override string Name => "word";

    public override bool MayBeginWith(char first) => char.IsAsciiLetter(first);

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        var end = passage.WordEnd(at);
        var word = passage.Text[at..end];
        if (word.Length < LongestWritten && !passage.IsLetterOrDigit(at - 1))
        {
            ProposeWritten(passage, at, readings);
        }

        if (word.Length == 1)
        {
            readings.Add(at, end, "letter", Letter(passage, at));
            return;
        }

        ProposeDivided(passage, at, end, readings);

        var lower = word.ToLowerInvariant();
        if (lower == "www")
        {
            readings.Add(at, end, "letters", "W W W");
        }
        else if (lower != word && !Capitals.Are(word) && !IsCapitalisedOnly(word) && (EndsInCapitals(word) || !EnglishPronunciation.IsKnown(lower)))
        {
            readings.Add(at, end, "capitals within a word", CamelCase(word));
        }
        else
        {
            var elided = passage[at - 1] == '\'' && EnglishPronunciation.IsKnown("'" + lower) && !EnglishPronunciation.IsKnown(lower);
            readings.Add(new Reading(at, end, "word", elided ? "'" + lower : lower) { IsCapitalised = Capitals.Begin(word) && !Capitals.Are(word) });
        }
    }

    /// <summary>"inter- national", divided at the end of a printed line: one word, where the dictionary has it.</summary>
    private static void ProposeDivided(Passage passage, int at, int end, ReadingList readings)
    {
        if (passage[end] != '-' || passage[end + 1] is not (' ' or '\n') || !char.IsAsciiLetterLower(passage[end + 2]))
        {
            return;
        }

        var rest = passage.WordEnd(end + 2);
        var whole = (passage.Text[at..end] + passage.Text[(end + 2)..rest]).ToLowerInvariant();
        if (passage.Text[(end + 2)..rest] is not ("and" or "or" or "to") && EnglishPronunciation.IsKnown(whole))
        {
            readings.Add(at, rest, "word divided at the end of a line", whole);
        }
    }

    private static void ProposeWritten(Passage passage, int at, ReadingList readings)
    {
        for (var length = Math.Min(LongestWritten, passage.Text.Length - at); length > 1; length--)
        {
            var isWhole = !passage.IsLetterOrDigit(at + length) && !(passage[at + length] == '\'' && passage.IsLetter(at + length + 1));
            if (isWhole && (Written.TryGetValue(passage.Text.Substring(at, length), out var words)
                || Written.TryGetValue(passage.Text.Substring(at, length).ToLowerInvariant(), out words)))
            {
                readings.Add(at, at + length, "written so", words, Reading.Usual - 10);
                return;
            }
        }
    }

    /// <summary>A letter by itself is named, but for the words "a", "I" and "o".</summary>
    private static string Letter(Passage passage, int at)
    {
        var letter = passage[at];
        var isGluedToDigit = passage.IsDigit(at - 1) || passage.IsDigit(at + 1) || (passage[at - 1] == '-' && passage.IsDigit(at - 2));
        var isArticle = letter is 'a' or 'A' && !isGluedToDigit && !(letter == 'A' && IsNamedA(passage, at)) && !IsSymbol(passage, at);
        return isArticle || (letter is 'I' or 'i' or 'o' or 'O' && !isGluedToDigit) ? char.ToLowerInvariant(letter).ToString()
            : char.ToUpperInvariant(letter).ToString();
    }

    /// <summary>A capital A within a sentence, or with a plus or a hyphen behind: grade A, vitamin A, A-list.</summary>
    private static bool IsNamedA(Passage passage, int at)
    {
        var before = passage.WordBefore(at);
        return passage[at + 1] is '+' or '-' or '.' || (!passage.IsShouted && !char.IsWhiteSpace(passage[at + 1]) && before.Length > 0)
            || before is "vitamin" or "grade" or "plan" or "hepatitis" or "type" or "group" or "team" or "section" or "exhibit" or "letter"
            || (passage.SkipSpaces(at + 1) is var next && passage[next] is '\u2192' or '\u27F6' or '=' or '+');
    }

    /// <summary>Between brackets, or beside a sign of mathematics, it is a name: section 12(a), a &lt; b.</summary>
    private static bool IsSymbol(Passage passage, int at)
    {
        var (before, after) = (passage[passage.SkipSpacesBack(at) - 1], passage[passage.SkipSpaces(at + 1)]);
        var isTag = after == '<' && passage[passage.SkipSpaces(at + 1) + 1] is '!' or '/' or (>= 'a' and <= 'z') && passage[at + 1] == ' ' && passage[passage.SkipSpaces(at + 1) + 1] != ' ';
        if (isTag)
        {
            return false;
        }

        var isMark = passage[at + 1] == ')' && (before == '(' || passage.IsLineStart(at));
        return isMark || (passage[at] == 'A' && (passage[at + 1] == ':' || passage.WordBefore(at) is "an" or "the" or "to" or "straight" or "an" or "in")
            && passage.WordAfter(at + 1) is { } next && !Capitals.Begin(next) && !passage.IsShouted) || after is '<' or '>' or '=' or '\u2264' or '\u2265' or '\u2260' or '^' or '\u00B2' or '\u00D7'
            || (before is '<' or '>' or '=' or '\u2264' or '\u2265' && !passage.IsLetter(passage.SkipSpaces(at + 1)));
    }

    private static bool IsCapitalisedOnly(string word) => !word.AsSpan(1).ContainsAnyInRange('A', 'Z');

    /// <summary>iOS, macOS: small letters and then capitals.</summary>
    private static bool EndsInCapitals(string word) => word.Length > 2 && char.IsAsciiLetterLower(word[0]) && Capitals.Are(word.AsSpan(word.Length - 2));

    /// <summary>An unknown word is split where a small letter meets a capital: YouTube, iPhone, iOS.</summary>
    private static string CamelCase(string word)
    {
        var parts = new List<string>();
        var start = 0;
        for (var i = 1; i <= word.Length; i++)
        {
            if (i < word.Length && !(char.IsAsciiLetterLower(word[i - 1]) && char.IsAsciiLetterUpper(word[i])))
            {
                continue;
            }

            var part = word[start..i];
            var isSpelt = (part.Length is > 1 and <= 4 && Capitals.Are(part) && !Initialisms.IsSaidAsWord(part)) || (part.Length == 1 && part is not ("a" or "A"));
            parts.Add(isSpelt ? string.Join(' ', part.ToUpperInvariant().ToCharArray()) : part.ToLowerInvariant());
            start = i;
        }

        return string.Join(' ', parts);
    }
}
