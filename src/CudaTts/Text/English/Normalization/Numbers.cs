namespace CudaTts.Text.English.Normalization;

/// <summary>Cardinals, decimals and years: 12, 1,000, 3.14, 1984.</summary>
internal sealed class Numbers : SemioticClass
{
    // Behind these four digits are a year rather than a count.
    private static readonly HashSet<string> BeforeYears =
    [
        "in", "since", "until", "till", "by", "year", "years", "circa", "copyright", "of", "from", "during", "before", "after", "early", "late",
        "mid", "spring", "summer", "autumn", "fall", "winter", "around", "class",
    ];

    // Words of four letters or more that end in s and are no plurals.
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> NoPlurals =
        ReadingTable.Set("this thus perhaps always plus minus times versus does edits sees");

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
            var end = passage.DigitsEnd(at);
            readings.Add(at, end, "number within a word", Numerals.Name(passage.Text.AsSpan(at, end - at)), Reading.Doubtful);
            return;
        }

        var value = new ReadingValue(ValueKind.Number, number.Amount, Bare: number.Words);
        if (Magnitude.ReadWord(passage, number.End) is { Name.Length: > 0 } magnitude)
        {
            readings.Add(at, magnitude.End, "large number", $"{number.Words} {magnitude.Name}", value: value);
        }

        if (number.Fraction is not null)
        {
            readings.Add(at, number.End, "decimal", number.Words, value: value);
            return;
        }

        // 10.000.000 is a number rather than a version, but for what stands in front.
        var hasPoints = number.IsGrouped && passage.Text.AsSpan(at, number.End - at).Contains('.');
        var isVersion = hasPoints && passage.WordBefore(at) is "version" or "release" or "v" or "section";
        var cost = isVersion ? Reading.Doubtful : hasPoints ? Reading.Usual - 10 : Reading.Usual;
        readings.Add(at, number.End, "cardinal", number.Words, cost, value);
        if (number.IsPlain)
        {
            ProposePlain(passage, number, readings);
        }
    }

    /// <summary>Digits alone that may be a year, or that a zero in front makes a code.</summary>
    private static void ProposePlain(Passage passage, WrittenNumber number, ReadingList readings)
    {
        var before = passage.WordBefore(number.Start);
        var isYear = Numerals.IsYear(number.Whole);
        if (isYear || (before is "year" && number.Whole is [not '0', _, _, _]))
        {
            var cost = BeforeYears.Contains(before) || Calendar.IsMonth(before) ? Reading.Certain
                : CountsThings(passage, number.End) ? Reading.Usual + 20
                : Reading.Usual - 10;
            readings.Add(number.Start, number.End, "year", NumberWords.Pairs((int)number.Amount), cost, new(ValueKind.Year, number.Amount));
        }
        else if (number.Whole is ['0', _, _, _, _])
        {
            readings.Add(number.Start, number.End, "digits", NumberWords.Digits(number.Whole));
        }
    }

    /// <summary>Whether a plural in small letters stands behind: "1850 soldiers".</summary>
    private static bool CountsThings(Passage passage, int end)
    {
        var next = passage[end] == ' ' ? passage.WordAfter(end) : [];
        return next.Length > 3 && next[^1] == 's' && char.IsAsciiLetterLower(next[0]) && !NoPlurals.Contains(next);
    }
}
