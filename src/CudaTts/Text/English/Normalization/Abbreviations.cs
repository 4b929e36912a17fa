using System.Buffers;

namespace CudaTts.Text.English.Normalization;

/// <summary>
/// Short forms of words, with their dot or, where that is usual, without: Mr., Dr. (doctor or drive), St. (saint or street), etc., pp. 5, e.g.
/// </summary>
internal sealed class Abbreviations : SemioticClass
{
    private const int LongestName = 80;
    private const int LongestForm = 6;
    private const int MostInitials = 8;

    private static readonly Dictionary<string, string> Titles = OfKind("title");
    private static readonly Dictionary<string, string> Dotted = OfKind("dotted");
    private static readonly Dictionary<string, string> WithCapital = OfKind("capital");
    private static readonly Dictionary<string, string> BeforeNumber = OfKind("number");
    private static readonly Dictionary<string, string> Bare = OfKind("bare");

    // Numerals of pages and chapters stay below four hundred.
    private static readonly SearchValues<char> LettersOfPages = SearchValues.Create("IVXLivxl");

    // With a dot some titles are no titles: Ft. and Mt. at an end, Sr. for senior.
    private static readonly HashSet<string> TitlesWithName = ["sr", "fr", "st", "ste", "ft", "mt", "col", "rep", "gen", "pres", "hon"];

    private static readonly Dictionary<string, string> Streets = ReadingTable.Rows("streets")
        .Where(row => row is not [_, _, "direction" or "full"]).ToDictionary(row => row[0], row => row[1]);

    private static readonly HashSet<string> StreetsWithoutDot =
        [.. ReadingTable.Rows("streets").Where(row => row is [_, _, "bare"]).Select(row => row[0])];

    // The endings of streets that are known without their dot although a name could stand behind them.
    private static readonly HashSet<string> StreetsByThemselves = ["St", "Ave", "Blvd", "Rd", "Dr", "Ln"];

    // Behind these a small Roman numeral is a number: p. xii.
    private static readonly HashSet<string> BeforeRomanNumerals = ["p", "pp", "ch", "chap", "vol", "sec", "pt"];

    // With a capital and in front of a number these are known without their dot.
    private static readonly HashSet<string> WithoutDot = ["Apt", "Ste", "Bldg", "Fig", "Figs", "Vol", "Vols", "Ch", "Sec", "Ext", "Ver", "Eq"];

    private static readonly HashSet<string> BeforeStreetNames =
        ["on", "at", "along", "near", "off", "from", "down", "up", "across", "in", "to", "of", "and"];

    public override string Name => "abbreviation";

    public override bool MayBeginWith(char first) => char.IsAsciiLetter(first);

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        var end = passage.LettersEnd(at);
        if (end - at > LongestForm || passage.IsLetter(at - 1) || passage[at - 1] is '\'' or '@' || passage[end] is '\'' or '(')
        {
            return;
        }

        var word = passage.Text[at..end];
        ProposeBeforeNumber(passage, at, end, word, readings);
        ProposeShortForm(passage, at, end, word, readings);
        ProposeInitials(passage, at, readings);
    }

    /// <summary>"No. 5", "pp. 10-12", "v. 3", "p. xii", "Apt 5": a number must follow.</summary>
    private static void ProposeBeforeNumber(Passage passage, int at, int end, string word, ReadingList readings)
    {
        // Behind "vol." the space may be missing: vol.20.
        var lower = word.ToLowerInvariant();
        var hasDot = passage[end] == '.' && (passage.IsDigit(end + 1) ? word.Length > 1 : !passage.IsLetter(end + 1));
        if (hasDot && (BeforeNumber.TryGetValue(lower, out var words) || Dotted.TryGetValue(lower, out words)))
        {
            var next = passage[end + 1] == ' ' ? end + 2 : end + 1;
            if (passage.IsDigit(next) || (BeforeRomanNumerals.Contains(lower) && IsRomanNumeral(passage, next)))
            {
                readings.Add(at, end + 1, "before a number", words, Reading.Certain);
            }
        }
        else if (passage[end] == ' ' && passage.IsDigit(end + 1) && (WithoutDot.Contains(word) || (word == "No" && EndsClause(passage, end + 1))))
        {
            readings.Add(at, end, "before a number", BeforeNumber[lower]);
        }
    }

    /// <summary>"She is No 1.": no noun behind the number, which would make it "no one thing".</summary>
    private static bool EndsClause(Passage passage, int at) =>
        passage.DigitsEnd(at) is var end && end - at <= 3
            && passage[end] is '\0' or '.' or ',' or ';' or ':' or ')' or '!' or '?' && !passage.IsLetterOrDigit(end + 1);

    private static bool IsRomanNumeral(Passage passage, int at)
    {
        const int Longest = 6;
        var letters = passage.Text.AsSpan(Math.Min(at, passage.Text.Length), passage.LettersEnd(at) - at);
        return letters.Length is > 0 and <= Longest && !letters.ContainsAnyExcept(LettersOfPages)
            && RomanNumerals.Value(letters.ToString().ToUpperInvariant()) > 0;
    }

    private static void ProposeShortForm(Passage passage, int at, int end, string word, ReadingList readings)
    {
        var hasDot = passage[end] == '.' && !passage.IsLetterOrDigit(end + 1);
        var lower = word.ToLowerInvariant();
        if (Street(passage, at, end, word, hasDot) is { } street)
        {
            Add(passage, at, end, hasDot, "street", street, readings);
        }
        else if (Titles.TryGetValue(lower, out var title) && IsTitle(passage, end, word, hasDot))
        {
            readings.Add(at, end + (hasDot ? 1 : 0), "title", title);
        }
        else if (hasDot && WithDot(passage, at, end, word, lower) is { } dotted)
        {
            Add(passage, at, end, hasDot, "with its dot", dotted, readings);
        }
        else if (Bare.TryGetValue(lower, out var bare) && !passage.IsDigit(at - 1)
            && (word.Length > 2 || bare is "versus" || passage[at - 1] == '(' || passage[end] is ',' or '.'))
        {
            readings.Add(at, end, "without a dot", bare, Reading.Usual - 5);
        }
    }

    /// <summary>A title has a capital in front, and a name behind or its dot.</summary>
    private static bool IsTitle(Passage passage, int end, string word, bool hasDot) =>
        Capitals.Begin(word) && !(word.Length > 1 && Capitals.Are(word))
            && (IsBeforeName(passage, end, hasDot) || (hasDot && !TitlesWithName.Contains(word.ToLowerInvariant())));

    /// <summary>A short form and, where the next word begins a sentence or nothing follows, the full stop that its dot is as well.</summary>
    private static void Add(Passage passage, int at, int end, bool hasDot, string rule, string words, ReadingList readings) =>
        readings.Add(at, end + (hasDot ? 1 : 0), rule, words + (hasDot && SentenceEnds.Follows(passage, end + 1) ? " ." : ""), Reading.Usual - 5);

    /// <summary>What the ending of a street's name says; null where no name of a street stands in front.</summary>
    private static string? Street(Passage passage, int at, int end, string word, bool hasDot)
    {
        var key = char.ToUpperInvariant(word[0]) + word[1..];
        if (passage[at - 1] != ' ' || !Streets.TryGetValue(key, out var street) || (!hasDot && !StreetsWithoutDot.Contains(key)))
        {
            return null;
        }

        var name = NameBefore(passage, at);
        var isHouse = name.Before is [>= '0' and <= '9', ..];
        var isUsual = key == word || (name.Before is not null && (isHouse || name.HasOrdinal));
        if (name.Words == 0 || !isUsual)
        {
            return null;
        }

        // Where nothing stands in front of the name that tells a street, a name behind makes it a saint or a doctor.
        var isKnown = hasDot || StreetsByThemselves.Contains(key)
            || (name.Before is null ? name.HasOrdinal || key is "Hwy" or "Pkwy" : isHouse);
        var isPlace = isHouse || (name.Before is { } before && BeforeStreetNames.Contains(before));
        return isKnown && (isPlace || !IsBeforeName(passage, end, hasDot)) ? street : null;
    }

    /// <summary>The words with a capital, and ordinals, that stand directly in front of a place, and the word in front of these.</summary>
    private static StreetName NameBefore(Passage passage, int at)
    {
        var start = Math.Max(0, at - LongestName);
        var text = passage.Text.AsSpan(start, at - start);
        var name = new StreetName(0, false, null);
        while (text.Length > 1 && text[^1] == ' ')
        {
            var word = text[(text[..^1].LastIndexOfAny(" \n,;:") + 1)..^1];
            var isOrdinal = word.Length > 2 && char.IsAsciiDigit(word[0]) && char.IsAsciiLetter(word[^1]);
            if (!Capitals.Begin(word) && !isOrdinal)
            {
                return name with { Before = word.ToString() };
            }

            name = name with { Words = name.Words + 1, HasOrdinal = name.HasOrdinal || isOrdinal };
            text = text[..^(word.Length + 1)];
        }

        return name;
    }

    private static bool IsBeforeName(Passage passage, int end, bool hasDot)
    {
        var next = passage[end + (hasDot ? 1 : 0)] is ' ' or '\n' ? passage.WordAfter(end + (hasDot ? 2 : 1)) : [];
        return Capitals.Begin(next) && !SentenceEnds.IsStarter(next) && !Addresses.IsDirection(next);
    }

    private static string? WithDot(Passage passage, int at, int end, string word, string lower)
    {
        var isCapital = char.IsAsciiLetterUpper(word[0]);
        if (lower == "al" && passage.WordBefore(at) == "et")
        {
            return "al";
        }

        if (lower is "max" or "min" && passage[end + 1] == ' ' && char.IsAsciiLetterLower(passage[end + 2]))
        {
            return BeforeNumber[lower];
        }

        // Roe v. Wade.
        if (word == "v" && Capitals.Begin(passage.WrittenBefore(at)) && Capitals.Begin(passage.WordAfter(end + 1)))
        {
            return "versus";
        }

        if (Dotted.TryGetValue(lower, out var words) || (isCapital && WithCapital.TryGetValue(lower, out words)))
        {
            return words;
        }

        return word is "Ave" or "Blvd" or "Rd" or "Hwy" or "Pkwy" ? Streets[word]
            : passage.IsDigit(passage.SkipSpaces(end + 1)) ? BeforeNumber.GetValueOrDefault(lower)
            : null;
    }

    /// <summary>Letters with a dot each: U.S., a.m., J. R. R. Tolkien, Ph.D.; and the Latin ones that are read as words, e.g. and i.e.</summary>
    private static void ProposeInitials(Passage passage, int at, ReadingList readings)
    {
        if (passage.Has(at, "Ph.D") && !passage.IsLetter(at + 4))
        {
            readings.Add(at, at + (passage[at + 4] == '.' ? 5 : 4), "degree", "P H D");
            return;
        }

        var (count, end) = (0, at);
        while (count < MostInitials && passage.IsLetter(end) && passage[end + 1] == '.')
        {
            (count, end) = (count + 1, end + 2);
        }

        // "U.S.A" and "a.m" may lack the last dot.
        if (count >= 2 && passage.IsLetter(end) && !passage.IsLetterOrDigit(end + 1) && passage[end + 1] != '\'')
        {
            (count, end) = (count + 1, end + 1);
        }

        var isInitial = char.IsAsciiLetterUpper(passage[at]) && passage[at] != 'I' && passage[end] == ' ' && Capitals.Begin(passage.WordAfter(end));
        if (count == 0 || passage.IsLetterOrDigit(end) || (count == 1 && !isInitial))
        {
            return;
        }

        var letters = passage.Text[at..end].Replace(".", "", StringComparison.Ordinal);
        var words = letters.ToLowerInvariant() switch
        {
            "eg" => "for example",
            "ie" => "that is",
            _ => Spelling.Letters(letters),
        };
        var owner = passage.PossessiveEnd(end);
        if (owner > end)
        {
            words = Spelling.WithEnding(words);
        }

        // The last dot of letters that are spelt is a full stop as well where a sentence begins behind it.
        var isSpelt = words.Length == (2 * count) - 1;
        var ends = count > 1 && isSpelt && owner == end && SentenceEnds.Follows(passage, end);
        readings.Add(at, owner, "initials", words + (ends ? " ." : ""), Reading.Usual - 10);
    }

    private static Dictionary<string, string> OfKind(string kind) =>
        ReadingTable.Rows("abbreviations").Where(row => row[2] == kind).ToDictionary(row => row[0], row => row[1]);

    /// <summary>What may be the name of a street, and what stands in front of it.</summary>
    /// <param name="Words">How many words it has.</param>
    /// <param name="HasOrdinal">Whether one of them is an ordinal: 1st.</param>
    /// <param name="Before">The word in front; null when the sentence or a part of it begins with the name.</param>
    private readonly record struct StreetName(int Words, bool HasOrdinal, string? Before);
}
