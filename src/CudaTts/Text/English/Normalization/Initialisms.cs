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

    private static readonly HashSet<string> AfterInitialism = ["department", "support", "staff", "team", "industry", "manager", "specialist",
        "director", "director-general", "security", "systems", "professional", "administrator", "infrastructure", "consultant"];

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
        if (stem.Length < 2 || behind is not ("" or "s") || (passage[end] == '\'' && owner == end && passage.IsLetter(end + 1)))
        {
            return;
        }

        if (!IsSpelt(passage, at, end, stem))
        {
            return;
        }

        // The FBI's, CEOs: the last letter takes the ending.
        var letters = string.Join(' ', stem.ToCharArray());
        var isPlural = behind.Length > 0 || owner > end;
        readings.Add(at, owner, isPlural ? "letters with an ending" : "letters", isPlural ? $"{letters[..^1]}{char.ToLowerInvariant(letters[^1])}'s" : letters,
            Reading.Usual - 10);
    }

    private static bool IsSpelt(Passage passage, int at, int end, string word)
    {
        if (InContext.Contains(word))
        {
            var isPaired = word == "US" && passage.WordAfter(end) is "AND" or "OR" or "VS" && Spelt.Contains(passage.WordAfter(passage.SkipSpaces(end) + 3).ToString());
            return passage.IsShouted ? isPaired : IsSpeltInContext(passage, at, end, word);
        }

        var lower = word.ToLowerInvariant();
        if (Spelt.Contains(word))
        {
            return true;
        }

        if (Said.Contains(word) || passage.IsShouted || IsAmongCapitals(passage, at, end))
        {
            return !Said.Contains(word) && !EnglishPronunciation.IsKnown(lower) && (word.Length < LongestSpelt || !EnglishPronunciation.HasVowelLetter(lower));
        }

        // Three letters that the dictionary has are its word only where they are a common one: it holds many names and many letters' names.
        if (EnglishPronunciation.IsKnown(lower))
        {
            return word.Length < LongestSpelt && !CommonWords.Contains(lower) && !IsNamedInDictionary(lower);
        }

        return word.Length <= LongestSpelt || !EnglishPronunciation.HasVowelLetter(lower);
    }

    private static bool IsSpeltInContext(Passage passage, int at, int end, string word)
    {
        var isNamed = passage.WordBefore(at) is "the" or "our" or "your" or "an" || AfterInitialism.Contains(passage.WordAfter(end).ToString());
        var hasCapitalNeighbour = IsAmongCapitals(passage, at, end);

        // "HR and IT": beside another initialism it is one too.
        var place = passage.WordBefore(at) is "and" or "or" ? passage.StartOfWordBefore(at) : at;
        if (place < at && passage.WrittenBefore(place) is { Length: > 1 } other && Capitals.Are(other) && !CommonWords.Contains(other.ToString().ToLowerInvariant()))
        {
            return true;
        }

        // "a BA from", "her MS in": degrees.
        if (word is "BA" or "MA" or "MS" && passage.WordBefore(at) is "a" or "an" or "his" or "her" or "my" && passage.WordAfter(end) is "in" or "from" or "degree" or "")
        {
            return true;
        }

        return word is "AM" or "MS" or "BA" or "MA" ? !hasCapitalNeighbour && !passage.WordBefore(at).Equals("i", StringComparison.Ordinal) && word is "AM" && passage.IsDigit(passage.SkipSpacesBack(at) - 1)
            : (isNamed && !hasCapitalNeighbour) || (word is "US" or "IT" && !hasCapitalNeighbour);
    }

    /// <summary>Whether the words on both sides, or at the edge of the sentence the two on one, are in capitals too: "THIS IS IT".</summary>
    private static bool IsAmongCapitals(Passage passage, int at, int end)
    {
        var before = passage.WrittenBefore(at);
        var after = passage.WordAfter(end);
        var isBefore = IsShoutedWord(before);
        var isAfter = passage[end] == ' ' && IsShoutedWord(after);
        return isBefore && isAfter ? true
            : isBefore ? IsShoutedWord(passage.WrittenBefore(passage.StartOfWordBefore(at)))
            : isAfter && IsShoutedWord(passage.WordAfter(passage.SkipSpaces(end) + after.Length));
    }

    private static bool IsShoutedWord(ReadOnlySpan<char> word) =>
        word.Length > 1 && Capitals.Are(word) && (CommonWords.Contains(word.ToString().ToLowerInvariant()) || word.Length > LongestSpelt);

    /// <summary>Whether what the dictionary has is the names of the letters: <c>fbi</c>.</summary>
    private static bool IsNamedInDictionary(string word)
    {
        var names = string.Concat(word.SelectMany(letter => EnglishPronunciation.Letter(letter))).Where(char.IsAsciiLetter);
        return string.Concat(EnglishPronunciation.Pronounce(word, out _)).Where(char.IsAsciiLetter).SequenceEqual(names);
    }
}
