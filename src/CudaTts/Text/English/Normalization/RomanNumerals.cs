namespace CudaTts.Text.English.Normalization;

/// <summary>Roman numerals where they are one: behind a ruler's name and in front of "century" an ordinal, otherwise a cardinal.</summary>
internal sealed class RomanNumerals : SemioticClass
{
    private const int Longest = 8;

    // From U+2160, the capitals; the small ones follow in the same order.
    private static readonly string[] Characters = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "L", "C", "D", "M"];

    private static readonly HashSet<string> BeforeNumeral =
        ["chapter", "part", "section", "war", "volume", "act", "scene", "phase", "type", "book", "title", "class", "level", "stage", "figure",
        "bowl", "article", "appendix",
        "episode", "season", "round", "category", "grade", "tier", "group", "table", "psalm", "canto", "theorem", "lesson", "unit", "wars",
        "rocky", "fantasy"];

    private static readonly HashSet<string> Rulers =
        ["henry", "george", "louis", "charles", "james", "edward", "william", "richard", "john", "paul", "pius", "elizabeth", "philip", "napoleon",
        "alexander", "nicholas",
        "catherine", "mary", "benedict", "gregory", "frederick", "ramses", "leopold", "xavier", "urban", "leo", "peter", "otto", "wilhelm",
        "francis", "ferdinand", "umberto",
        "haakon", "gustav", "christian", "clement", "innocent", "boniface", "robert", "harald", "margaret", "albert", "constantine", "ptolemy",
        "darius", "victoria", "ivan", "felipe"];

    private static readonly HashSet<string> GivenNames = [.. ReadingTable.Rows("given-names").SelectMany(row => row[0].Split(' '))];

    // Behind these, small letters are numerals too: "chapter iv", "p. xii".
    private static readonly HashSet<string> BeforeSmallNumeral = ["chapter", "part", "section", "volume", "vol", "act", "scene", "book", "p", "pp", "page",
        "pages", "ch", "sec", "appendix", "figure", "fig", "table", "item", "article", "canto", "verse", "level", "phase", "footnote", "note", "plate"];

    // What a drip into a vein is followed by: an IV line.
    private static readonly HashSet<string> AfterIntravenous = ["line", "lines", "drip", "drips", "fluid", "fluids", "therapy", "bag", "bags", "pole",
        "antibiotics", "injection", "needle", "infusion", "access", "medication", "drug", "tube", "catheter"];

    public override string Name => "roman numeral";

    public override bool MayBeginWith(char first) =>
        first is 'I' or 'V' or 'X' or 'L' or 'C' or 'D' or 'M' or 'i' or 'v' or 'x' or 'l' || !char.IsAscii(first);

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        if (passage[at] is >= '\u2160' and <= '\u217F')
        {
            ProposeCharacters(passage, at, readings);
            return;
        }

        var end = passage.LettersEnd(at);
        if (end == at || end - at > Longest || passage.IsLetterOrDigit(at - 1) || passage.IsDigit(end) || passage[at - 1] is '\'' or '@' or '#')
        {
            return;
        }

        var word = passage.Text[at..end];
        var isSmall = char.IsAsciiLetterLower(word[0]);
        var value = Value(isSmall ? word.ToUpperInvariant() : word);
        if (value > 0 && (isSmall ? word.ToLowerInvariant() == word : Capitals.Are(word)))
        {
            ProposeLetters(passage, at, word, value, readings);
        }
    }

    private static void ProposeLetters(Passage passage, int at, string word, int value, ReadingList readings)
    {
        var end = at + word.Length;
        var (last, next) = (passage.WordBefore(at), passage.WordAfter(end).ToString().ToLowerInvariant());
        var isSmall = char.IsAsciiLetterLower(word[0]);
        var (isRuler, isCentury) = (Rulers.Contains(last) && !isSmall, next.StartsWith("centur", StringComparison.Ordinal) && passage[end] is ' ' or '-');
        var isRangeEnd = passage[at - 1] is '-' or '\u2013' && BeforeSmallNumeral.Contains(passage.WordBefore(passage.StartOfWordBefore(at - 1)));
        var isShort = last.Length <= 3 && last is not ("act" or "war");
        var isNumbered = isSmall ? BeforeSmallNumeral.Contains(last) && (!isShort || passage[passage.SkipSpacesBack(at) - 1] == '.') && (word.Length > 1 || word is "i" or "v" or "x")
            : (BeforeNumeral.Contains(last) || BeforeSmallNumeral.Contains(last)) && (word.Length > 1 || word is "I" or "V" or "X");
        var isEnumerated = passage[at - 1] == '(' && passage[end] == ')' && word.AsSpan().IndexOfAnyExcept("ivxIVX") < 0;
        var isPlain = !isSmall && !passage.IsShouted && word.Length > 1 && word.AsSpan().IndexOfAnyExcept("IVX") < 0 && word is not ("XX" or "XXX" or "VI" or "IX" or "XI")
            && passage[at - 1] is not ('-' or '.' or '/');
        isPlain |= word is "IX" or "XI" && !passage.IsShouted && passage[at - 1] == ' ' && passage.WrittenBefore(at) is { Length: > 1 } name && Capitals.Begin(name);

        // An IV line; by IV; the IV.
        var isIntravenous = word is "IV" or "IVs" && !isNumbered && (last is "an" or "the" or "by" or "via" or "through" || AfterIntravenous.Contains(next));
        var isLetter = word is "I" or "i" && isRuler && passage[end] == ' ' && char.IsAsciiLetterLower(passage[end + 1]) && !isNumbered;
        isLetter |= word is "I" or "i" && isNumbered && passage[end] == ' ' && next is "am" or "was" or "have" or "will" or "can" or "do" or "did" or "think" or "had" or "read"
            or "saw" or "love" or "like" or "wrote" or "want";
        isLetter |= word is "I" && isNumbered && passage[end] == ' ' && char.IsAsciiLetterLower(passage[end + 1]) && !Capitals.Begin(passage.WrittenBefore(at));
        isLetter |= word is "i" && passage[end] == ' ' && char.IsAsciiLetterLower(passage[end + 1]) && next is not ("of" or "and" or "to");
        isLetter |= last is "the" or "a" or "an" && !isCentury;
        if (isIntravenous || isLetter || !(isRuler || isNumbered || isCentury || isPlain || isEnumerated || isRangeEnd))
        {
            return;
        }

        // Harold L. Hunt II.
        isRuler |= !isSmall && value is >= 2 and <= 5 && !isNumbered && IsPersonBefore(passage, at);
        var cardinal = NumberWords.Cardinal(value);
        var words = isCentury ? NumberWords.Ordinal(cardinal) : isRuler ? "the " + NumberWords.Ordinal(cardinal) : cardinal;
        var owner = passage.PossessiveEnd(end);
        readings.Add(at, owner, isRuler ? "ruler" : isCentury ? "century" : "numeral", words + (owner > end ? "'s" : ""),
            isNumbered || isRuler || isCentury ? Reading.Certain : Reading.Usual - 15, new(ValueKind.Roman, value));
    }

    /// <summary>Whether a given name stands in front, or a given name, perhaps an initial, and a family name.</summary>
    private static bool IsPersonBefore(Passage passage, int at)
    {
        for (var words = 0; words < 3; words++)
        {
            var name = passage.WrittenBefore(at);
            if (!Capitals.Begin(name) || (words > 0 && passage[passage.StartOfWordBefore(at) + name.Length] == ','))
            {
                return false;
            }

            if (GivenNames.Contains(name.ToString().ToLowerInvariant()))
            {
                return true;
            }

            at = passage.StartOfWordBefore(at);
        }

        return false;
    }

    /// <summary>The characters that Unicode has for Roman numerals, which are nothing else.</summary>
    private static void ProposeCharacters(Passage passage, int at, ReadingList readings)
    {
        var end = at;
        var letters = "";
        while (passage[end] is >= '\u2160' and <= '\u217F' && end - at < Longest)
        {
            letters += Characters[(passage[end] - 0x2160) % 16];
            end++;
        }

        if (Value(letters) is > 0 and var value)
        {
            var words = Rulers.Contains(passage.WordBefore(at)) ? "the " + NumberWords.Ordinal(NumberWords.Cardinal(value)) : NumberWords.Cardinal(value);
            readings.Add(at, end, "numeral character", words, Reading.Certain, new(ValueKind.Roman, value));
        }
    }

    /// <summary>The value of a numeral written by the rules; 0 for other letters.</summary>
    public static int Value(ReadOnlySpan<char> word)
    {
        var value = 0;
        for (var i = 0; i < word.Length; i++)
        {
            var next = i + 1 < word.Length ? Digit(word[i + 1]) : 0;
            value += Digit(word[i]) < next ? -Digit(word[i]) : Digit(word[i]);
        }

        return word.Length > 0 && value > 0 && word.SequenceEqual(Write(value)) ? value : 0;
    }

    private static int Digit(char letter) => letter switch
    {
        'I' => 1,
        'V' => 5,
        'X' => 10,
        'L' => 50,
        'C' => 100,
        'D' => 500,
        'M' => 1000,
        _ => 100_000,
    };

    private static string Write(int value)
    {
        ReadOnlySpan<(int Value, string Letters)> steps =
            [(1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"),
            (4, "IV"), (1, "I")];
        var numeral = "";
        foreach (var (step, letters) in steps)
        {
            for (; value >= step && numeral.Length <= Longest; value -= step)
            {
                numeral += letters;
            }
        }

        return numeral;
    }
}
