namespace CudaTts.Text.English.Normalization;

/// <summary>Ordinals, decades and numbers in the plural: 21st, the 1960s, '90s, 747s.</summary>
internal sealed class Ordinals : SemioticClass
{
    // Longer ones are no count of anything.
    private const int LongestNumber = 15;

    // Behind these two digits with an "s" are a decade: in her 30s.
    private static readonly HashSet<string> BeforeDecades = ["the", "early", "late", "mid", "his", "her", "their", "my", "our", "your", "in"];

    public override string Name => "ordinal";

    public override bool MayBeginWith(char first) => char.IsAsciiDigit(first) || first == '\'';

    /// <summary>Whether a word in small letters is one behind which two digits with an "s" are a decade.</summary>
    public static bool IsBeforeDecade(string word) => BeforeDecades.Contains(word);

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        var start = passage[at] == '\'' && !passage.IsLetterOrDigit(at - 1) ? at + 1 : at;
        if (!passage.IsDigit(start) || passage.IsLetter(start - 1) || !WrittenNumber.TryRead(passage, start, out var number)
            || number.Whole.Length > LongestNumber)
        {
            return;
        }

        if (number.Fraction is not null)
        {
            if (passage.PossessiveEnd(number.End) is var possessive && possessive > number.End)
            {
                readings.Add(at, possessive, "possessive of a decimal", number.Words + "'s");
            }

            return;
        }

        var letters = passage.LettersEnd(number.End);
        var ending = passage.Text[number.End..letters].ToLowerInvariant();
        if (start == at && ending is "st" or "nd" or "rd" or "th" && !passage.IsDigit(letters))
        {
            // April 29th's, the 5ths.
            var owner = passage.PossessiveEnd(letters);
            var words = Numerals.Ordinal(number.Whole) + (owner > letters ? "'s" : "");
            readings.Add(at, owner, "ordinal", words, Reading.Usual - 10, new(ValueKind.Ordinal, number.Amount));
        }
        else if (start == at && ending is "ths" or "rds" or "nds")
        {
            readings.Add(at, letters, "ordinal in the plural", Numerals.Plural(Numerals.Ordinal(number.Whole)));
        }
        else if (EndingEnd(passage, number) is var end && end > number.End)
        {
            ProposePlural(passage, at, number, end, readings);
        }
        else if (passage[at] == '\'' && number.Whole.Length == 2 && number.IsPlain && !passage.IsLetterOrDigit(number.End))
        {
            readings.Add(at, number.End, "short year", Calendar.ShortYear(number.Whole), value: new(ValueKind.Year, number.Amount));
        }
    }

    /// <summary>The end of the "s" or "'s" in small letters behind a number; the end of the number where there is none.</summary>
    private static int EndingEnd(Passage passage, WrittenNumber number)
    {
        var isApart = number.Whole is [_, _, _, '0'] && Numerals.IsYear(number.Whole) && passage.Has(number.End, " s")
            && !passage.IsLetterOrDigit(number.End + 2) && passage[number.End + 2] != '\'';
        var isJoined = passage[number.End] == 's' && !passage.IsLetterOrDigit(number.End + 1);
        var end = isApart ? number.End + 2 : isJoined ? number.End + 1 : passage.PossessiveEnd(number.End);
        return passage[end - 1] == 's' ? end : number.End;
    }

    private static void ProposePlural(Passage passage, int at, WrittenNumber number, int end, ReadingList readings)
    {
        var isDecade = number.Whole is [_, '0'] or [_, _, _, '0'];
        if (!isDecade && number.Whole.Length == 4 && end == passage.PossessiveEnd(number.End))
        {
            readings.Add(at, end, "possessive of a year", Numerals.Year(number.Whole) + "'s", Reading.Usual - 10);
        }
        else if (number.Whole is "100" or "1000" or "1000000" && passage.WordAfter(end) is "of")
        {
            // "1000s of people" are thousands.
            var many = NumberWords.Cardinal(number.Whole);
            var power = many[(many.IndexOf(' ', StringComparison.Ordinal) + 1)..];
            readings.Add(at, end, "number in the plural", power + "s", Reading.Usual - 10);
        }
        else
        {
            isDecade &= number.Whole.Length == 4 || passage[at] == '\'' || passage[at - 1] == '-'
                || IsBeforeDecade(passage.WordBefore(at));
            readings.Add(at, end, isDecade ? "decade" : "number in the plural", Numerals.Plural(Numerals.Year(number.Whole)),
                isDecade ? Reading.Usual - 20 : Reading.Usual, new(ValueKind.Decade, number.Amount));
        }
    }
}
