namespace CudaTts.Text.English.Normalization;

/// <summary>Words, letters by themselves, and names with capitals inside: hello, y'all, vitamin C, iPhone.</summary>
internal sealed class Words : SemioticClass
{
    private const int LongestWritten = 6;

    private static readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> Written =
        ReadingTable.Pairs("words").GetAlternateLookup<ReadOnlySpan<char>>();

    // Behind these a capital A is the name of something.
    private static readonly HashSet<string> BeforeNamedA =
        ["vitamin", "grade", "plan", "hepatitis", "type", "group", "team", "section", "exhibit", "letter"];

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
        else if (HasCapitalsWithin(word) && (EndsInCapitals(word) || !EnglishPronunciation.IsKnown(lower)))
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

        var restEnd = passage.WordEnd(end + 2);
        var rest = passage.Text[(end + 2)..restEnd];
        var whole = (passage.Text[at..end] + rest).ToLowerInvariant();
        if (rest is not ("and" or "or" or "to") && EnglishPronunciation.IsKnown(whole))
        {
            readings.Add(at, restEnd, "word divided at the end of a line", whole);
        }
    }

    /// <summary>The longest form of the table that stands at a place, as it is written or else in small letters.</summary>
    private static void ProposeWritten(Passage passage, int at, ReadingList readings)
    {
        Span<char> lower = stackalloc char[LongestWritten];
        for (var length = Math.Min(LongestWritten, passage.Text.Length - at); length > 1; length--)
        {
            var end = at + length;
            if (passage.IsLetterOrDigit(end) || (passage[end] == '\'' && passage.IsLetter(end + 1)))
            {
                continue;
            }

            var form = passage.Text.AsSpan(at, length);
            form.ToLowerInvariant(lower);
            if (Written.TryGetValue(form, out var words) || Written.TryGetValue(lower[..length], out words))
            {
                readings.Add(at, end, "written so", words, Reading.Usual - 20);
                return;
            }
        }
    }

    /// <summary>A letter by itself is named, but for the words "a", "I" and "o".</summary>
    private static string Letter(Passage passage, int at)
    {
        var isGluedToDigit = passage.IsDigit(at - 1) || passage.IsDigit(at + 1) || (passage[at - 1] == '-' && passage.IsDigit(at - 2));
        var isWord = !isGluedToDigit && passage[at] switch
        {
            'a' => !IsSymbol(passage, at),
            'A' => !IsNamedA(passage, at) && !IsSymbol(passage, at),
            'I' or 'i' or 'o' or 'O' => true,
            _ => false,
        };
        return (isWord ? char.ToLowerInvariant(passage[at]) : char.ToUpperInvariant(passage[at])).ToString();
    }

    /// <summary>A capital A within a sentence, or with a plus or a hyphen behind: grade A, vitamin A, A-list.</summary>
    private static bool IsNamedA(Passage passage, int at)
    {
        var before = passage.WordBefore(at);
        var isJoined = !passage.IsShouted && !char.IsWhiteSpace(passage[at + 1]) && before.Length > 0;
        return isJoined || passage[at + 1] is '-' or '.' || BeforeNamedA.Contains(before)
            || passage.CharacterAfter(at + 1) is '+' or '=' or '\u2192' or '\u27F6';
    }

    /// <summary>Between brackets, or beside a sign of mathematics, it is a name: section 12(a), a &lt; b.</summary>
    private static bool IsSymbol(Passage passage, int at)
    {
        if (IsBeforeTag(passage, at))
        {
            return false;
        }

        var (before, after) = (passage.CharacterBefore(at), passage.CharacterAfter(at + 1));
        var isMark = passage[at + 1] == ')' && (before == '(' || passage.IsLineStart(at));
        var isOperand = after is '<' or '>' or '=' or '\u2264' or '\u2265' or '\u2260' or '^' or '\u00B2' or '\u00D7'
            || (before is '<' or '>' or '=' or '\u2264' or '\u2265' && !char.IsAsciiLetter(after));
        return isMark || isOperand || IsNoun(passage, at);
    }

    /// <summary>"an A in", "straight A", "Q: … A:": a capital A that an article or another such word makes a noun.</summary>
    private static bool IsNoun(Passage passage, int at) =>
        passage[at] == 'A' && !passage.IsShouted && !Capitals.Begin(passage.WordAfter(at + 1))
            && (passage[at + 1] == ':' || passage.WordBefore(at) is "an" or "the" or "to" or "straight" or "in");

    /// <summary>Behind "a" a tag of a mark-up language may stand, whose bracket is no sign of mathematics.</summary>
    private static bool IsBeforeTag(Passage passage, int at)
    {
        var next = passage.SkipSpaces(at + 1);
        return next > at + 1 && passage[next] == '<' && passage[next + 1] is '!' or '/' or (>= 'a' and <= 'z');
    }

    private static bool HasCapitalsWithin(string word) => word.AsSpan(1).ContainsAnyInRange('A', 'Z') && !Capitals.Are(word);

    /// <summary>iOS, macOS: small letters and then capitals.</summary>
    private static bool EndsInCapitals(string word) =>
        word.Length > 2 && char.IsAsciiLetterLower(word[0]) && Capitals.Are(word.AsSpan(word.Length - 2));

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
            var isInitialism = part.Length is > 1 and <= 4 && Capitals.Are(part) && !Initialisms.IsSaidAsWord(part);
            var isSpelt = isInitialism || (part.Length == 1 && part is not ("a" or "A"));
            parts.Add(isSpelt ? Spelling.Letters(part) : part.ToLowerInvariant());
            start = i;
        }

        return string.Join(' ', parts);
    }
}
