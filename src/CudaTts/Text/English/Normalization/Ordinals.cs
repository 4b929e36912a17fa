namespace CudaTts.Text.English.Normalization;

/// <summary>Ordinals, decades and numbers in the plural: 21st, the 1960s, '90s, 747s.</summary>
internal sealed class Ordinals : SemioticClass
{
    private static readonly HashSet<string> BeforeDecades = ["the", "early", "late", "mid", "his", "her", "their", "my", "our", "your", "in"];

    public override string Name => "ordinal";

    public override bool MayBeginWith(char first) => char.IsAsciiDigit(first) || first == '\'';

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        var start = passage[at] == '\'' && !passage.IsLetterOrDigit(at - 1) ? at + 1 : at;
        if (!passage.IsDigit(start) || passage.IsLetter(start - 1) || !WrittenNumber.TryRead(passage, start, out var number)
            || number.Whole.Length > 15)
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
            readings.Add(at, owner, "ordinal", words, Reading.Usual - 10, value: new(ValueKind.Ordinal, number.Amount));
        }
        else if (start == at && ending is "ths" or "rds" or "nds")
        {
            readings.Add(at, letters, "ordinal in the plural", Numerals.Plural(Numerals.Ordinal(number.Whole)));
        }
        else
        {
            ProposePlural(passage, at, number, readings);
        }
    }

    private static void ProposePlural(Passage passage, int at, WrittenNumber number, ReadingList readings)
    {
        var isApart = number.Whole.Length == 4 && passage.Has(number.End, " s") && !passage.IsLetterOrDigit(number.End + 2) && passage[number.End + 2] != '\'';
        var end = isApart && Numerals.IsYear(number.Whole) && number.Whole[^1] == '0' ? number.End + 2 : passage[number.End] == 's' && !passage.IsLetterOrDigit(number.End + 1) ? number.End + 1 : passage.PossessiveEnd(number.End);
        var isWritten = end > number.End && char.IsAsciiLetterLower(passage[end - 1]);
        if (!isWritten)
        {
            if (passage[at] == '\'' && number.Whole.Length == 2 && number.IsPlain && !passage.IsLetterOrDigit(number.End))
            {
                readings.Add(at, number.End, "short year", Calendar.ShortYear(number.Whole), value: new(ValueKind.Year, number.Amount));
            }

            return;
        }

        var isPossessive = end == passage.PossessiveEnd(number.End) && end > number.End && number.Whole[^1] != '0' && number.Whole.Length == 4;
        if (isPossessive)
        {
            readings.Add(at, end, "possessive of a year", Numerals.Year(number.Whole) + "'s", Reading.Usual - 10);
            return;
        }

        var before = passage.WordBefore(at);
        if (number.Whole is "100" or "1000" or "1000000" && passage.WordAfter(end) is "of")
        {
            var many = NumberWords.Cardinal(number.Whole);
            readings.Add(at, end, "number in the plural", many[(many.IndexOf(' ', StringComparison.Ordinal) + 1)..] + "s", Reading.Usual - 10);
            return;
        }

        var isDecade = number.Whole.Length is 2 or 4 && number.Whole[^1] == '0'
            && (passage[at] == '\'' || number.Whole.Length == 4 || passage[at - 1] == '-' || BeforeDecades.Contains(before));
        readings.Add(at, end, isDecade ? "decade" : "number in the plural", Numerals.Plural(Numerals.Year(number.Whole)),
            isDecade ? Reading.Usual - 20 : Reading.Usual, new(ValueKind.Decade, number.Amount));
    }
}
