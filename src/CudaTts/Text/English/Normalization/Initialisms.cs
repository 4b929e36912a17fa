namespace CudaTts.Text.English.Normalization;

/// <summary>
/// Words in capitals that are said letter by letter: the FBI, two PhDs, a CT scan, NGOs. A word in capitals that is a dictionary's word as well is
/// decided by its neighbours and by how common the word is.
/// </summary>
internal sealed class Initialisms : SemioticClass
{
    private const int LongestSpelt = 4;

    private static readonly HashSet<string> Spelt = ReadingTable.OfKind("initialisms", "spelt");
    private static readonly HashSet<string> InContext = ReadingTable.OfKind("initialisms", "context");
    private static readonly HashSet<string> Said = ReadingTable.OfKind("initialisms", "said");
    private static readonly HashSet<string> CommonWords = ReadingTable.Words("common-words");

    // What a short form in capitals is of, where it could be a word: IT support, the HR department.
    private static readonly HashSet<string> AfterInitialism =
    [
        "department", "support", "staff", "team", "industry", "manager", "specialist", "director", "security", "systems", "professional",
        "administrator", "infrastructure", "consultant",
    ];

    public override string Name => "initialism";

    public override bool MayBeginWith(char first) => char.IsAsciiLetterUpper(first);

    /// <summary>Whether letters in capitals are an acronym that is said as a word.</summary>
    public static bool IsSaidAsWord(string letters) => Said.Contains(letters);

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        var end = passage.LettersEnd(at);
        if (passage.IsLetter(at - 1) || passage[at - 1] == '\'')
        {
            return;
        }

        var capitals = passage.Text.AsSpan(at, end - at).IndexOfAnyExceptInRange('A', 'Z');
        var stem = passage.Text.Substring(at, capitals < 0 ? end - at : capitals);
        var behind = passage.Text.AsSpan(at + stem.Length, end - at - stem.Length);
        var owner = passage.PossessiveEnd(end);
        var isWord = passage[end] == '\'' && owner == end && passage.IsLetter(end + 1);
        if (stem.Length < 2 || behind is not ("" or "s") || isWord || !IsSpelt(passage, at, end, stem))
        {
            return;
        }

        // The FBI's, CEOs: the last letter takes the ending.
        var letters = Spelling.Letters(stem);
        if (behind.Length > 0 || owner > end)
        {
            readings.Add(at, owner, "letters with an ending", Spelling.WithEnding(letters), Reading.Usual - 10);
        }
        else
        {
            readings.Add(at, end, "letters", letters, Reading.Usual - 10);
        }
    }

    private static bool IsSpelt(Passage passage, int at, int end, string word)
    {
        if (InContext.Contains(word))
        {
            return passage.IsShouted ? IsPaired(passage, end, word) : IsSpeltInContext(passage, at, end, word);
        }

        var lower = word.ToLowerInvariant();
        if (Spelt.Contains(word) || Said.Contains(word))
        {
            return Spelt.Contains(word);
        }

        // Among capitals and in the dictionary it is a word as the others are. Elsewhere three letters that the dictionary has are its word only
        // where they are a common one: it holds many names and many letters' names.
        var isKnown = EnglishPronunciation.IsKnown(lower);
        var isVowelless = !EnglishPronunciation.HasVowelLetter(lower);
        if (passage.IsShouted || IsAmongCapitals(passage, at, end))
        {
            return !isKnown && (word.Length < LongestSpelt || isVowelless);
        }

        return isKnown
            ? word.Length < LongestSpelt && !CommonWords.Contains(lower) && !IsNamedInDictionary(lower)
            : word.Length <= LongestSpelt || isVowelless;
    }

    /// <summary>"US AND UK": where all is in capitals, another initialism beside it tells that it is one.</summary>
    private static bool IsPaired(Passage passage, int end, string word)
    {
        const int LengthOfAnd = 3;
        return word == "US" && passage.WordAfter(end) is "AND" or "OR" or "VS"
            && Spelt.Contains(passage.WordAfter(passage.SkipSpaces(end) + LengthOfAnd).ToString());
    }

    private static bool IsSpeltInContext(Passage passage, int at, int end, string word)
    {
        var before = passage.WordBefore(at);
        var after = passage.WordAfter(end);

        // "a BA from", "her MS in".
        var isDegree = word is "BA" or "MA" or "MS" && before is "a" or "an" or "his" or "her" or "my" && after is "in" or "from" or "degree" or "";
        if (isDegree || IsBesideInitialism(passage, at))
        {
            return true;
        }

        return !IsAmongCapitals(passage, at, end) && word switch
        {
            "US" or "IT" => true,
            "AM" => passage.IsDigit(passage.SkipSpacesBack(at) - 1),
            "MS" or "BA" or "MA" => false,
            _ => before is "the" or "our" or "your" or "an" || AfterInitialism.Contains(after.ToString()),
        };
    }

    /// <summary>"HR and IT": behind another initialism and a conjunction it is one too.</summary>
    private static bool IsBesideInitialism(Passage passage, int at) =>
        passage.WordBefore(at) is "and" or "or"
            && passage.WrittenBefore(passage.StartOfWordBefore(at)) is { Length: > 1 } other && Capitals.Are(other)
            && !CommonWords.Contains(other.ToString().ToLowerInvariant());

    /// <summary>Whether the words on both sides, or at the edge of the sentence the two on one, are in capitals too: "THIS IS IT".</summary>
    private static bool IsAmongCapitals(Passage passage, int at, int end)
    {
        var before = passage.WrittenBefore(at);
        var after = passage.WordAfter(end);
        var isBefore = IsShoutedWord(before);
        var isAfter = IsShoutedWord(after);
        return (isBefore && isAfter)
            || (isBefore && IsShoutedWord(passage.WrittenBefore(passage.StartOfWordBefore(at))))
            || (isAfter && IsShoutedWord(passage.WordAfter(passage.SkipSpaces(end) + after.Length)));
    }

    private static bool IsShoutedWord(ReadOnlySpan<char> word) =>
        word.Length > 1 && Capitals.Are(word) && (word.Length > LongestSpelt || CommonWords.Contains(word.ToString().ToLowerInvariant()));

    /// <summary>Whether what the dictionary has is the names of the letters: <c>fbi</c>.</summary>
    private static bool IsNamedInDictionary(string word)
    {
        var names = string.Concat(word.SelectMany(letter => EnglishPronunciation.Letter(letter))).Where(char.IsAsciiLetter);
        return string.Concat(EnglishPronunciation.Pronounce(word, out _)).Where(char.IsAsciiLetter).SequenceEqual(names);
    }
}
