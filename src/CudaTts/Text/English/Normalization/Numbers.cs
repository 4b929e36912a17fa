namespace CudaTts.Text.English.Normalization;

/// <summary>Cardinals, decimals and years: 12, 1,000, 3.14, 1984.</summary>
internal sealed class Numbers : SemioticClass
{
    private static readonly HashSet<string> BeforeYears = ["in", "since", "until", "till", "by", "year", "years", "circa", "copyright", "of", "from",
        "during", "before", "after", "early", "late", "mid", "spring", "summer", "autumn", "fall", "winter", "around", "class"];

    // Small words that end in s and are no plurals.
    private static readonly HashSet<string> NoPlurals = ["was", "is", "has", "this", "his", "its", "as", "thus", "perhaps", "always", "us", "plus",
        "minus", "times", "versus", "during", "does", "yes", "edits", "sees", "saw"];

    public override string Name => "number";

    public override bool MayBeginWith(char first) => char.IsAsciiDigit(first) || first == '.';

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        if (!WrittenNumber.TryRead(passage, at, out var number))
        {
            return;
        }

        if (passage.IsLetter(at - 1))
        {
            // Part of a name, of which other classes know more.
            readings.Add(at, passage.DigitsEnd(at), "number within a word", Numerals.Name(passage.Text.AsSpan(at, passage.DigitsEnd(at) - at)), Reading.Doubtful);
            return;
        }

        if (Magnitude.ReadWord(passage, number.End) is { Name.Length: > 0 } magnitude)
        {
            readings.Add(at, magnitude.End, "large number", $"{number.Words} {magnitude.Name}",
                value: new(ValueKind.Number, number.Amount, Bare: number.Words));
        }

        if (number.Fraction is not null)
        {
            readings.Add(at, number.End, "decimal", number.Words, value: new(ValueKind.Number, number.Amount, Bare: number.Words));
            return;
        }

        // 10.000.000 is a number rather than a version, but for what stands in front.
        var hasPoints = number.IsGrouped && passage.Text.AsSpan(at, number.End - at).Contains('.');
        var isVersion = hasPoints && passage.WordBefore(at) is "version" or "release" or "v" or "section";
        readings.Add(at, number.End, "cardinal", number.Words, isVersion ? Reading.Doubtful : hasPoints ? Reading.Usual - 10 : Reading.Usual,
            new(ValueKind.Number, number.Amount, Bare: number.Words));
        if (number.IsPlain && Numerals.IsYear(number.Whole))
        {
            var cost = BeforeYears.Contains(passage.WordBefore(at)) || Calendar.IsMonth(passage.WordBefore(at)) ? Reading.Certain
                : CountsThings(passage, number.End) ? Reading.Usual + 20 : Reading.Usual - 10;
            readings.Add(at, number.End, "year", NumberWords.Pairs((int)number.Amount), cost, new(ValueKind.Year, number.Amount));
        }
        else if (number.IsPlain && number.Whole.Length == 4 && number.Whole[0] != '0' && passage.WordBefore(at) is "year")
        {
            readings.Add(at, number.End, "year", NumberWords.Pairs((int)number.Amount), Reading.Certain, new(ValueKind.Year, number.Amount));
        }
        else if (number.IsPlain && number.Whole.Length == 5 && number.Whole[0] == '0')
        {
            readings.Add(at, number.End, "digits", NumberWords.Digits(number.Whole));
        }
    }

    /// <summary>Whether a plural in small letters stands behind: "1850 soldiers".</summary>
    private static bool CountsThings(Passage passage, int end)
    {
        var next = passage[end] == ' ' ? passage.WordAfter(end) : [];
        return next.Length > 3 && next[^1] == 's' && char.IsAsciiLetterLower(next[0]) && !NoPlurals.Contains(next.ToString());
    }
}
