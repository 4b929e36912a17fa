namespace CudaTts.Text.English.Normalization;

/// <summary>Words, initialisms, and names with capitals inside.</summary>
internal sealed class Words : SemioticClass
{
    // Capitals that are said letter by letter although a dictionary knows such a word.
    private static readonly HashSet<string> Initialisms = ["US", "IT", "AM", "PM", "UN", "EU", "UK", "OS", "IP", "ID", "OK", "TV", "AI", "HR",
        "PR", "ER", "IQ", "GPS", "WHO", "LA", "DC", "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT", "GMT", "UTC", "MS", "MA", "BA"];

    // ... and those that are words unless their neighbours say otherwise.
    private static readonly HashSet<string> OftenWords = ["IT", "WHO", "AM", "US", "HE", "ER", "MA", "BA", "MS", "LA"];

    private static readonly HashSet<string> AfterInitialism = ["department", "support", "staff", "team", "industry", "manager", "specialist",
        "director", "director-general", "security", "systems", "professional"];

    private static readonly Dictionary<string, string> Written = new()
    {
        ["w/o"] = "without", ["w/"] = "with", ["b/c"] = "because", ["wi-fi"] = "wifi", ["c#"] = "C sharp", ["f#"] = "F sharp",
        ["c++"] = "C plus plus", ["r&d"] = "R and D",
        ["q&a"] = "Q and A", ["at&t"] = "A T and T", ["b&b"] = "B and B", ["o'clock"] = "o'clock", ["n/a"] = "not applicable", ["a/c"] = "A C",
        ["phd"] = "P H D", ["phds"] = "P H d's", ["w/e"] = "whatever",
    };

    public override bool MayBeginWith(char first) => char.IsAsciiLetter(first);

    public override int Read(Passage passage, int at)
    {
        if (ReadWritten(passage, at) is > 0 and var length)
        {
            return at + length;
        }

        var end = WordEnd(passage, at);
        var word = passage.Text[at..end];
        var lower = word.ToLowerInvariant();
        if (word.Length == 1)
        {
            SayLetter(passage, at, word[0]);
        }
        else if (lower is "www" || IsInitialism(passage, at, end, word, lower))
        {
            passage.Spoken.AddLetters(word);
        }
        else if (!passage.IsShouted && HasInitialism(word)
            && !EnglishPronunciation.IsKnown(lower.EndsWith("'s", StringComparison.Ordinal) ? lower[..^2] : lower))
        {
            // The FBI's, CEOs: the last letter takes the ending.
            var letters = word.AsSpan().IndexOfAnyExceptInRange('A', 'Z');
            passage.Spoken.AddLetters(word.AsSpan(0, letters - 1));
            passage.Spoken.AddWord($"{char.ToLowerInvariant(word[letters - 1])}'s");
        }
        else if (!Letters.AreCapitals(word) && (EndsInCapitals(word) || !EnglishPronunciation.IsKnown(lower)))
        {
            SayCamelCase(word, passage.Spoken);
        }
        else
        {
            var elided = passage[at - 1] == '\'' && EnglishPronunciation.IsKnown("'" + lower) && !EnglishPronunciation.IsKnown(lower);
            passage.Spoken.AddWord(elided ? "'" + lower : lower, char.IsAsciiLetterUpper(word[0]) && !Letters.AreCapitals(word));
        }

        return end;
    }

    private static int ReadWritten(Passage passage, int at)
    {
        for (var length = Math.Min(5, passage.Text.Length - at); length > 1; length--)
        {
            var isWhole = !char.IsAsciiLetterOrDigit(passage[at - 1]) && !char.IsAsciiLetterOrDigit(passage[at + length]);
            if (isWhole && Written.TryGetValue(passage.Text.Substring(at, length).ToLowerInvariant(), out var words))
            {
                passage.Spoken.AddSpelt(words);
                return length;
            }
        }

        return 0;
    }

    /// <summary>Letters, and apostrophes between letters.</summary>
    private static int WordEnd(Passage passage, int start)
    {
        var end = passage.LettersEnd(start);
        while (passage[end] == '\'' && passage.IsLetter(end + 1))
        {
            end = passage.LettersEnd(end + 1);
        }

        return end;
    }

    /// <summary>A letter by itself is named, but for the words "a", "I" and "o".</summary>
    private static void SayLetter(Passage passage, int at, char letter)
    {
        var isGluedToDigit = passage.IsDigit(at - 1) || passage.IsDigit(at + 1);
        var isArticle = letter is 'a' or 'A' && !isGluedToDigit && !(letter == 'A' && IsNamedA(passage, at));
        if (isArticle || (letter is 'I' or 'i' or 'o' or 'O' && !isGluedToDigit))
        {
            passage.Spoken.AddWord(char.ToLowerInvariant(letter).ToString());
        }
        else
        {
            passage.Spoken.AddLetters([letter]);
        }
    }

    /// <summary>A capital A within a sentence, or with a plus or a hyphen behind: grade A, vitamin A, A-list.</summary>
    private static bool IsNamedA(Passage passage, int at) =>
        passage[at + 1] is '+' or '-' || (!passage.IsShouted && !char.IsWhiteSpace(passage[at + 1]) && passage.Spoken.LastWord.Length > 0)
        || passage.Spoken.LastWord is "vitamin" or "grade" or "plan" or "hepatitis" or "type" or "group" or "team" or "section" or "exhibit"
        or "letter";

    private static bool IsInitialism(Passage passage, int at, int end, string word, string lower)
    {
        if (passage.IsShouted || !Letters.AreCapitals(word))
        {
            return false;
        }

        if (Initialisms.Contains(word))
        {
            var isNamed = passage.Spoken.LastWord is "the" or "our" or "your" or "an" || AfterInitialism.Contains(passage.WordAfter(end).ToString());
            var hasCapitalNeighbour = IsShoutedNeighbour(passage, at, end);
            return !OftenWords.Contains(word) || (isNamed && !hasCapitalNeighbour) || (word == "US" && !hasCapitalNeighbour);
        }

        return !EnglishPronunciation.IsKnown(lower) && (word.Length <= 4 || !EnglishPronunciation.HasVowelLetter(lower));
    }

    // In "THIS IS IT" the capitals are for stress.
    private static bool IsShoutedNeighbour(Passage passage, int at, int end)
    {
        var next = passage.WordAfter(end);
        return next.Length > 1 && Letters.AreCapitals(next) && passage[at - 1] == ' ' && char.IsAsciiLetterUpper(passage[at - 2]);
    }

    /// <summary>Two capitals or more and then 's or s.</summary>
    private static bool HasInitialism(string word)
    {
        var capitals = word.AsSpan().IndexOfAnyExceptInRange('A', 'Z');
        return capitals >= 2 && word[capitals..] is "s" or "'s";
    }

    /// <summary>iOS, macOS: small letters and then capitals.</summary>
    private static bool EndsInCapitals(string word) => word.Length > 2 && char.IsAsciiLetterLower(word[0])
        && Letters.AreCapitals(word.AsSpan(word.Length - 2));

    /// <summary>An unknown word is split where a small letter meets a capital: YouTube, iPhone, iOS.</summary>
    private static void SayCamelCase(string word, SpokenText spoken)
    {
        var start = 0;
        for (var i = 1; i <= word.Length; i++)
        {
            if (i < word.Length && !(char.IsAsciiLetterLower(word[i - 1]) && char.IsAsciiLetterUpper(word[i])))
            {
                continue;
            }

            var part = word[start..i];
            if (part.Length is > 1 and <= 4 && Letters.AreCapitals(part))
            {
                spoken.AddLetters(part);
            }
            else if (part.Length == 1 && part is not ("a" or "A"))
            {
                spoken.AddLetters(part);
            }
            else
            {
                spoken.AddWord(part.ToLowerInvariant());
            }

            start = i;
        }
    }
}
