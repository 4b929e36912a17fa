namespace CudaTts.Text.English.Normalization;

/// <summary>
/// Short forms of words, with their dot or, where that is usual, without: Mr., Dr. (doctor or drive), St. (saint or street), etc., pp. 5, e.g.
/// </summary>
internal sealed class Abbreviations : SemioticClass
{
    private const int LongestName = 80;
    private const int LongestForm = 6;

    private static readonly Dictionary<string, string> Titles = OfKind("title");
    private static readonly Dictionary<string, string> Dotted = OfKind("dotted");
    private static readonly Dictionary<string, string> WithCapital = OfKind("capital");
    private static readonly Dictionary<string, string> BeforeNumber = OfKind("number");
    private static readonly Dictionary<string, string> Bare = OfKind("bare");

    // With a dot some titles are no titles: Ft. and Mt. at an end, Sr. for senior.
    private static readonly HashSet<string> TitlesWithName = ["sr", "fr", "st", "ste", "ft", "mt", "col", "rep", "gen", "pres", "hon"];

    private static readonly Dictionary<string, (string Name, bool IsBare)> Streets = ReadingTable.Rows("streets")
        .Where(row => row is not [_, _, "direction" or "full"]).ToDictionary(row => row[0], row => (row[1], row.Length > 2));

    // With a capital and in front of a number these are known without their dot.
    private static readonly HashSet<string> WithoutDot = ["Apt", "Ste", "Bldg", "Fig", "Figs", "Vol", "Vols", "Ch", "Sec", "Ext", "Ver", "Eq"];

    private static readonly HashSet<string> BeforeStreetNames = ["on", "at", "along", "near", "off", "from", "down", "up", "across", "in", "to",
        "of", "and"];

    public override string Name => "abbreviation";

    public override bool MayBeginWith(char first) => char.IsAsciiLetter(first);

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        var end = passage.LettersEnd(at);
        if (end - at > LongestForm || passage.IsLetter(at - 1) || passage[at - 1] is '\'' or '@' || passage[end] is '\'' or '(')
        {
            return;
        }

        var hasDot = passage[end] == '.' && !passage.IsLetterOrDigit(end + 1);
        var word = passage.Text[at..end];
        var lower = word.ToLowerInvariant();
        var behind = end + (hasDot ? 1 : 0);

        // Behind "vol." the space may be missing: vol.20.
        var hasNumberDot = hasDot || (passage[end] == '.' && passage.IsDigit(end + 1) && lower.Length > 1);
        if (Number(passage, end + (hasNumberDot ? 1 : 0), lower, hasNumberDot) is { } number)
        {
            readings.Add(at, end + 1, "before a number", number, Reading.Certain);
        }

        if (!hasDot && WithoutDot.Contains(word) && passage[end] == ' ' && passage.IsDigit(end + 1))
        {
            readings.Add(at, end, "before a number", BeforeNumber[lower]);
        }

        if (Street(passage, at, end, word, hasDot) is { } street)
        {
            Add(passage, at, end, hasDot, "street", street, readings);
        }
        else if (Titles.TryGetValue(lower, out var title) && Capitals.Begin(word) && !(word.Length > 1 && Capitals.Are(word))
            && (IsBeforeName(passage, end, hasDot) || (hasDot && !TitlesWithName.Contains(lower))))
        {
            readings.Add(at, behind, "title", title);
        }
        else if (hasDot && WithDot(passage, at, end, word, lower) is { } dotted)
        {
            Add(passage, at, end, hasDot, "with its dot", dotted, readings);
        }
        else if (Bare.TryGetValue(lower, out var bare) && !passage.IsDigit(at - 1) && (word.Length > 2 || bare is "versus" || passage[at - 1] == '(' || passage[end] is ',' or '.'))
        {
            readings.Add(at, behind - (hasDot ? 1 : 0), "without a dot", bare, Reading.Usual - 5);
        }

        ProposeInitials(passage, at, readings);
    }

    /// <summary>A short form and, where the next word begins a sentence or nothing follows, the full stop that its dot is as well.</summary>
    private static void Add(Passage passage, int at, int end, bool hasDot, string rule, string words, ReadingList readings) =>
        readings.Add(at, end + (hasDot ? 1 : 0), rule, words + (hasDot && SentenceEnds.Follows(passage, end + 1) ? " ." : ""), Reading.Usual - 5);

    /// <summary>"No. 5", "pp. 10-12", "v. 3", "p. xii": a number must follow.</summary>
    private static string? Number(Passage passage, int end, string lower, bool hasDot)
    {
        if (!hasDot || !BeforeNumber.TryGetValue(lower, out var word) && !Dotted.TryGetValue(lower, out word))
        {
            return null;
        }

        var next = passage[end] == ' ' ? end + 1 : end;
        var isRoman = lower is "p" or "pp" or "ch" or "chap" or "vol" or "sec" or "pt" && passage.LettersEnd(next) is var letters && letters > next
            && letters - next <= 6 && RomanNumerals.Value(passage.Text[next..letters].ToUpperInvariant()) > 0 && passage.Text.AsSpan(next, letters - next).IndexOfAnyExcept("ivxlIVXL") < 0;
        return passage.IsDigit(next) || isRoman ? word : null;
    }

    private static string? Street(Passage passage, int at, int end, string word, bool hasDot)
    {
        var key = char.IsAsciiLetterLower(word[0]) ? char.ToUpperInvariant(word[0]) + word[1..] : word;
        if (!Streets.TryGetValue(key, out var street) || (!hasDot && !street.IsBare) || passage[at - 1] != ' ')
        {
            return null;
        }

        // The words with a capital that stand directly in front, and what is in front of these.
        var text = passage.Text.AsSpan(Math.Max(0, at - LongestName), at - Math.Max(0, at - LongestName));
        var (names, hasNumber) = (0, false);
        for (; text.Length > 1 && text[^1] == ' '; names++)
        {
            var name = text[(text[..^1].LastIndexOfAny(" \n,;:") + 1)..^1];
            var isOrdinal = name.Length > 2 && char.IsAsciiDigit(name[0]) && char.IsAsciiLetter(name[^1]);
            hasNumber |= isOrdinal;
            if (!Capitals.Begin(name) && !isOrdinal)
            {
                var isHouse = name.Length > 0 && char.IsAsciiDigit(name[0]);
                var isPlace = isHouse || BeforeStreetNames.Contains(name.ToString());
                var isUsual = key == word || isHouse || hasNumber;
                return names > 0 && isUsual && (isPlace || !IsBeforeName(passage, end, hasDot)) && (hasDot || key is "St" or "Ave" or "Blvd" or "Rd" or "Dr" or "Ln" || isHouse) ? street.Name : null;
            }

            text = text[..^(name.Length + 1)];
        }

        return names > 0 && key == word && !IsBeforeName(passage, end, hasDot) && (hasDot || word is "St" or "Ave" or "Blvd" or "Rd" or "Dr" or "Ln" or "Hwy" or "Pkwy" || hasNumber)
            ? street.Name : null;
    }

    private static bool IsBeforeName(Passage passage, int end, bool hasDot)
    {
        var next = passage[end + (hasDot ? 1 : 0)] is ' ' or '\n' ? passage.WordAfter(end + (hasDot ? 2 : 1)) : [];
        return Capitals.Begin(next) && !SentenceEnds.IsStarter(next) && next is not ("NE" or "NW" or "SE" or "SW" or "N" or "S" or "E" or "W");
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

        return Dotted.GetValueOrDefault(lower) ?? (isCapital ? WithCapital.GetValueOrDefault(lower) ?? (lower == "sr" ? "senior" : null) : null)
            ?? (isCapital && Streets.TryGetValue(word, out var street) && word is "Ave" or "Blvd" or "Rd" or "Hwy" or "Pkwy" ? street.Name : null)
            ?? (passage.IsDigit(passage.SkipSpaces(end + 1)) ? BeforeNumber.GetValueOrDefault(lower) : null);
    }

    /// <summary>Letters with a dot each: U.S., a.m., J. R. R. Tolkien, Ph.D.; and the Latin ones that are read as words, e.g. and i.e.</summary>
    private static void ProposeInitials(Passage passage, int at, ReadingList readings)
    {
        const int Most = 8;
        if (passage.Has(at, "Ph.D") && !passage.IsLetter(at + 4))
        {
            readings.Add(at, at + (passage[at + 4] == '.' ? 5 : 4), "degree", "P H D");
            return;
        }

        var (count, end) = (0, at);
        while (count < Most && passage.IsLetter(end) && passage[end + 1] == '.')
        {
            (count, end) = (count + 1, end + 2);
        }

        // "U.S.A" and "a.m" may lack the last dot.
        if (count > 0 && passage.IsLetter(end) && !passage.IsLetterOrDigit(end + 1) && passage[end + 1] != '\'' && count >= 2)
        {
            (count, end) = (count + 1, end + 1);
        }

        var isInitial = count == 1 && char.IsAsciiLetterUpper(passage[at]) && passage[at] != 'I' && Capitals.Begin(passage.WordAfter(end)) && passage[end] == ' ';
        if (count == 0 || passage.IsLetterOrDigit(end) || (count == 1 && !isInitial))
        {
            return;
        }

        var letters = passage.Text[at..end].Replace(".", "", StringComparison.Ordinal);
        var words = letters.ToLowerInvariant() switch
        {
            "eg" => "for example",
            "ie" => "that is",
            _ => string.Join(' ', letters.ToUpperInvariant().ToCharArray()),
        };
        var owner = passage.PossessiveEnd(end);
        if (owner > end)
        {
            words = words[..^1] + char.ToLowerInvariant(words[^1]) + "'s";
        }

        var ends = count > 1 && words.Length == (2 * count) - 1 && owner == end && SentenceEnds.Follows(passage, end);
        readings.Add(at, owner, "initials", words + (ends ? " ." : ""), Reading.Usual - 10);
    }

    private static Dictionary<string, string> OfKind(string kind) =>
        ReadingTable.Rows("abbreviations").Where(row => row[2] == kind).ToDictionary(row => row[0], row => row[1]);
}
