namespace CudaTts.Text.English.Normalization;

/// <summary>Roman numerals where they are one: behind a ruler's name and in front of "century" an ordinal, otherwise a cardinal.</summary>
internal sealed class RomanNumerals : SemioticClass
{
    private const int Longest = 8;

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

    public override bool MayBeginWith(char first) => first is 'I' or 'V' or 'X' or 'L' or 'C' or 'D' or 'M';

    public override int Read(Passage passage, int at)
    {
        var end = passage.LettersEnd(at);
        var word = passage.Text.AsSpan(at, end - at);
        if (word.Length > Longest || passage.IsShouted || char.IsAsciiLetterOrDigit(passage[at - 1]) || passage.IsDigit(end)
            || Value(word) is not (> 0 and var value))
        {
            return at;
        }

        var last = passage.Spoken.LastWord;
        var isRuler = Rulers.Contains(last);
        var isNumbered = BeforeNumeral.Contains(last) && (word.Length > 1 || word is "I" or "V" or "X");
        var isCentury = passage.WordAfter(end).StartsWith("centur", StringComparison.OrdinalIgnoreCase);
        var isPlain = word.Length > 1 && word.IndexOfAnyExcept("IVX") < 0 && word is not ("XX" or "XXX" or "VI");
        var isLetter = word is "I" && isRuler && passage[end] == ' ' && char.IsAsciiLetterLower(passage[end + 1]) && !isNumbered;
        if (!(isRuler || isNumbered || isCentury || isPlain) || isLetter)
        {
            return at;
        }

        var cardinal = NumberWords.Cardinal(value);
        var words = isCentury ? NumberWords.Ordinal(cardinal) : isRuler ? "the " + NumberWords.Ordinal(cardinal) : cardinal;
        var isOwner = passage[end] == '\'' && passage[end + 1] == 's' && !passage.IsLetter(end + 2);
        passage.Spoken.AddWords(words + (isOwner ? "'s" : ""));
        return end + (isOwner ? 2 : 0);
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
