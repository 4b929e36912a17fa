using System.Buffers;

namespace CudaTts.Text.English.Normalization;

/// <summary>Roman numerals where they are one: behind a ruler's name and in front of "century" an ordinal, otherwise a cardinal.</summary>
internal sealed class RomanNumerals : SemioticClass
{
    private const int Longest = 8;

    private static readonly SearchValues<char> Letters = SearchValues.Create("IVXLCDMivxlcdm");

    // An enumeration does not get to fifty.
    private static readonly SearchValues<char> LettersOfItems = SearchValues.Create("IVXivx");

    // From U+2160, the capitals; the small ones follow in the same order.
    private static readonly string[] Characters = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "L", "C", "D", "M"];

    private static readonly HashSet<string> Rulers = ReadingTable.OfKind("roman-numerals", "ruler");
    private static readonly HashSet<string> BeforeCapitals = ReadingTable.OfKind("roman-numerals", "before");
    private static readonly HashSet<string> BeforeSmall = ReadingTable.OfKind("roman-numerals", "before-small");
    private static readonly HashSet<string> BehindIntravenous = ReadingTable.OfKind("roman-numerals", "vein");
    private static readonly HashSet<string> GivenNames = ReadingTable.Words("given-names");

    // What a person does who says "I": behind "in part I" it begins a clause.
    private static readonly HashSet<string> VerbsOfPerson =
    [
        "am", "was", "have", "will", "can", "do", "did", "think", "had", "read", "saw", "love", "like", "wrote", "want",
    ];

    public override string Name => "roman numeral";

    public override bool MayBeginWith(char first) => Letters.Contains(first) || !char.IsAscii(first);

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        if (passage[at] is >= '\u2160' and <= '\u217F')
        {
            ProposeCharacters(passage, at, readings);
            return;
        }

        var end = passage.LettersEnd(at);
        var isWithin = passage.IsLetterOrDigit(at - 1) || passage.IsDigit(end) || passage[at - 1] is '\'' or '@' or '#';
        if (isWithin || end == at || end - at > Longest || passage.Text.AsSpan(at, end - at).ContainsAnyExcept(Letters))
        {
            return;
        }

        var word = passage.Text[at..end];
        var isSmall = char.IsAsciiLetterLower(word[0]);
        var value = Value(isSmall ? word.ToUpperInvariant() : word);
        if (value > 0 && (isSmall ? !word.AsSpan().ContainsAnyInRange('A', 'Z') : Capitals.Are(word)))
        {
            ProposeLetters(passage, at, word, value, readings);
        }
    }

    private static void ProposeLetters(Passage passage, int at, string word, int value, ReadingList readings)
    {
        var end = at + word.Length;
        var (last, next) = (passage.WordBefore(at), passage.WordAfter(end).ToString().ToLowerInvariant());
        var isSmall = char.IsAsciiLetterLower(word[0]);
        var isCentury = next.StartsWith("centur", StringComparison.Ordinal);
        var isNumbered = IsNumbered(passage, at, word);
        var isRuler = Rulers.Contains(last) && !isSmall;
        var isNumeral = isCentury || isNumbered || isRuler
            || IsPlain(passage, at, word) || IsEnumerated(passage, at, word) || IsRangeEnd(passage, at);

        // "a V" names the letter; the IV, an IV line and "by IV" are a drip into a vein.
        var isNamed = last is "the" or "a" or "an" && !isCentury;
        var isIntravenous = word is "IV" && !isCentury && !isNumbered
            && (last is "an" or "the" or "by" or "via" or "through" || BehindIntravenous.Contains(next));
        if (!isNumeral || isNamed || isIntravenous || IsPronoun(passage, at, word, isNumbered, isRuler))
        {
            return;
        }

        // Harold L. Hunt II.
        isRuler |= !isSmall && value is >= 2 and <= 5 && !isNumbered && IsPersonBefore(passage, at);
        var words = isCentury ? Numerals.Ordinal(value) : isRuler ? "the " + Numerals.Ordinal(value) : NumberWords.Cardinal(value);
        var owner = passage.PossessiveEnd(end);
        readings.Add(at, owner, isRuler ? "ruler" : isCentury ? "century" : "numeral", words + (owner > end ? "'s" : ""),
            isNumbered || isRuler || isCentury ? Reading.Certain : Reading.Usual - 15, new(ValueKind.Roman, value));
    }

    /// <summary>Whether a word in front asks for a number: chapter IV, p. xii; of single letters only three are taken for one.</summary>
    private static bool IsNumbered(Passage passage, int at, string word)
    {
        var last = passage.WordBefore(at);
        if (word.Length == 1 && word is not ("I" or "V" or "X" or "i" or "v" or "x"))
        {
            return false;
        }

        // A short form such as "p" must have its dot: without it, it is a letter or a word.
        var isShort = last.Length <= 3 && last is not "act";
        return (BeforeSmall.Contains(last) && (!isShort || passage.CharacterBefore(at) == '.'))
            || (char.IsAsciiLetterUpper(word[0]) && BeforeCapitals.Contains(last));
    }

    /// <summary>Whether capitals are taken for a numeral although no word in front asks for one: Rocky II, but not "VI".</summary>
    private static bool IsPlain(Passage passage, int at, string word)
    {
        if (passage.IsShouted || word.Length == 1 || word.AsSpan().ContainsAnyExcept("IVX"))
        {
            return false;
        }

        return word switch
        {
            "XX" or "XXX" or "VI" => false,
            "IX" or "XI" => passage[at - 1] == ' ' && passage.WrittenBefore(at) is { Length: > 1 } name && Capitals.Begin(name),
            _ => passage[at - 1] is not ('-' or '.' or '/'),
        };
    }

    /// <summary>(i), (IV): the number of an item.</summary>
    private static bool IsEnumerated(Passage passage, int at, string word) =>
        passage[at - 1] == '(' && passage[at + word.Length] == ')' && !word.AsSpan().ContainsAnyExcept(LettersOfItems);

    /// <summary>The second numeral of "pages ii-iv".</summary>
    private static bool IsRangeEnd(Passage passage, int at) =>
        passage[at - 1] is '-' or '\u2013' && BeforeSmall.Contains(passage.WordBefore(passage.StartOfWordBefore(at - 1)));

    /// <summary>Whether an "I" that could be a numeral is the person who speaks.</summary>
    private static bool IsPronoun(Passage passage, int at, string word, bool isNumbered, bool isRuler)
    {
        var end = at + 1;
        if (word is not ("I" or "i") || passage[end] != ' ')
        {
            return false;
        }

        var next = passage.WordAfter(end).ToString().ToLowerInvariant();
        var isInClause = char.IsAsciiLetterLower(passage[end + 1])
            && (word == "i" ? next is not ("of" or "and" or "to") : isRuler || (isNumbered && !Capitals.Begin(passage.WrittenBefore(at))));
        return isInClause || (isNumbered && VerbsOfPerson.Contains(next));
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
            var isRuler = Rulers.Contains(passage.WordBefore(at));
            var words = isRuler ? "the " + Numerals.Ordinal(value) : NumberWords.Cardinal(value);
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
