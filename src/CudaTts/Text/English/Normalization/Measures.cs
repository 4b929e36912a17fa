using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>A number with a unit: 5 km, 10%, 3 x 4 cm, a 5-lb bag, 100 million kg, 10 sq. ft., 6'2", 12".</summary>
internal sealed partial class Measures : SemioticClass
{
    // Letters by themselves that mean other things where a space stands in front: 5 A, 708 N 1st Street.
    private const string DoubtfulApart = "NWVLKmgs";

    // The first letters of the units that are met behind a number in words: two million kWh.
    private const string FirstBehindWords = "kKMGTmcdgnplfh\u00B5";

    // Symbols that are nothing but units, so that they are said in full without a number too: two million kWh, the distance in km.
    private static readonly HashSet<string> Unmistakable = ["km", "cm", "kg", "mg", "kW", "kWh", "MWh", "GWh", "kHz", "MHz", "GHz"];

    private const int LongestUnmistakable = 3;

    // In front of one of a thing: a fee per km.
    private static readonly HashSet<string> OneThing = ["per", "a", "an", "each", "every", "one"];

    // Behind a measure these go on with the sentence and are nothing that the measure describes: a 5 km or longer run.
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> NoNouns = ReadingTable.Set("""
        of per or and to in on at for is was with from by x as more less above below
        """);

    public override string Name => "measure";

    [GeneratedRegex(@"\G(?<feet>\d{1,3}) ?ft\.? (?<inches>\d{1,2}(?:\.\d)?) ?in(?:\.|(?![a-z]))")]
    private static partial Regex FeetInWords { get; }

    [GeneratedRegex(@"\G(?<feet>\d{1,3})' ?(?<inches>\d{1,2})(?:""|'')?(?!\d)")]
    private static partial Regex FeetAndInches { get; }

    [GeneratedRegex(@"\G(?: ?[x\u00D7] ?\d{1,6}(?:\.\d{1,6})?){1,3}")]
    private static partial Regex Sides { get; }

    public override bool MayBeginWith(char first) =>
        char.IsAsciiDigit(first) || first == '.' || FirstBehindWords.Contains(first, StringComparison.Ordinal);

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        if (passage.IsLetter(at - 1))
        {
            return;
        }

        if (!passage.IsDigit(at) && passage[at] != '.')
        {
            ProposeBehindWord(passage, at, readings);
            return;
        }

        ProposeByMark(passage, at, readings);
        if (passage.IsDigit(at) && FeetInWords.Match(passage.Text, at) is { Success: true } match)
        {
            var feet = Numerals.Count(match.Groups["feet"].Value, "foot", "feet");
            var inches = Numerals.Count(match.Groups["inches"].Value, "inch", "inches");
            readings.Add(at, at + match.Length, "feet and inches", $"{feet} {inches}", Reading.Certain);
        }

        if (WrittenNumber.TryRead(passage, at, out var number))
        {
            ProposeUnit(passage, number, readings);
        }

        if (WrittenNumber.TryReadWithComma(passage, at, out var withComma))
        {
            ProposeUnit(passage, withComma, readings);
        }
    }

    private static void ProposeBehindWord(Passage passage, int at, ReadingList readings)
    {
        var end = passage.LettersEnd(at);
        var symbol = end - at <= LongestUnmistakable ? passage.Text[at..end] : "";
        if (!passage.IsLetterOrDigit(at - 1) && !passage.IsDigit(end) && passage[end] != '\'' && Unmistakable.Contains(symbol)
            && Units.TryName(symbol, out var names))
        {
            readings.Add(at, end, "unit by itself", OneThing.Contains(passage.WordBefore(at)) ? names.One : names.Many, Reading.Usual - 10);
        }
    }

    private static void ProposeUnit(Passage passage, WrittenNumber number, ReadingList readings)
    {
        var words = number.Words;
        var at = number.End;
        if (Sides.Match(passage.Text, at) is { Success: true } sides)
        {
            words = sides.Value.Split(['x', '\u00D7'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Aggregate(words, (all, side) => $"{all} by {Numerals.Number(side)}");
            at += sides.Length;
        }

        var magnitude = Magnitude.ReadWord(passage, at);
        words = $"{words} {magnitude.Name}".TrimEnd();
        at = magnitude.End;
        if (passage[at] == '/' && Units.ReadPer(passage, at, out var perWords) is var perEnd && perEnd > at + 1)
        {
            readings.Add(number.Start, perEnd, "number per unit", words + perWords);
            return;
        }

        var isHyphen = passage[at] == '-' && passage.IsLetter(at + 1) && passage.IsLetter(at + 2);
        var isVariable = passage[at] == 'x' && IsBesideSign(passage, number.Start, at + 1);
        if (isVariable || !Units.TryRead(passage, isHyphen ? at + 1 : at, out var end, out var one, out var many))
        {
            return;
        }

        var unitEnd = Units.DotEnd(passage, end);
        var isOne = isHyphen || (number.IsOne && at == number.End) || IsAttribute(passage, number.Start, unitEnd);
        var ends = passage[end - 1] == '.' && SentenceEnds.Follows(passage, end) ? " ." : "";
        readings.Add(number.Start, unitEnd, "number and unit", $"{words} {(isOne ? one : many)}{ends}",
            IsDoubtful(passage, at, end) ? 2 * Reading.Doubtful : Reading.Usual - 10, new(ValueKind.Measure, number.Amount, many));
    }

    /// <summary>One letter that spaces set apart, in front of a word with a capital: 708 N First Street.</summary>
    private static bool IsDoubtful(Passage passage, int start, int end) =>
        passage[start] == ' ' && end - start == 2 && DoubtfulApart.Contains(passage[end - 1], StringComparison.Ordinal)
            && Capitals.Begin(passage.WordAfter(end));

    /// <summary>In "y = 2x + 1" the letter is a variable.</summary>
    private static bool IsBesideSign(Passage passage, int start, int end) =>
        passage.CharacterBefore(start) is '=' or '+' or '-' or '\u2212' or '*' || passage.CharacterAfter(end) is '=' or '+' or '^' or '\u2212';

    /// <summary>"a 60 W bulb": between an article and a noun the unit stands in the singular.</summary>
    private static bool IsAttribute(Passage passage, int start, int end) =>
        passage.WordBefore(start) is "a" or "an" && passage[end] == ' ' && char.IsAsciiLetterLower(passage[end + 1])
            && !NoNouns.Contains(passage.WordAfter(end));

    /// <summary>Feet and inches by their marks; a quotation mark that closes one is no inch.</summary>
    private static void ProposeByMark(Passage passage, int at, ReadingList readings)
    {
        if (passage[passage.DigitsEnd(at)] is not ('\'' or '"' or '.'))
        {
            return;
        }

        if (FeetAndInches.Match(passage.Text, at) is { Success: true } match)
        {
            var feet = Numerals.Cardinal(match.Groups["feet"].ValueSpan);
            readings.Add(at, at + match.Length, "feet and inches", $"{feet} foot {Numerals.Cardinal(match.Groups["inches"].ValueSpan)}");
        }
        else if (WrittenNumber.TryRead(passage, at, out var number) && IsMarked(passage, number))
        {
            var (one, many) = passage[number.End] == '"' ? ("inch", "inches") : ("foot", "feet");
            var isOne = number.IsOne || passage.IsAttribute(at, number.End + 1);
            readings.Add(at, number.End + 1, "inches or feet by their mark", $"{number.Words} {(isOne ? one : many)}",
                value: new(ValueKind.Measure, number.Amount, many));
        }
    }

    /// <summary>Whether the mark of inches or of feet stands behind a number; that of feet only counts where the word in front asks for it.</summary>
    private static bool IsMarked(Passage passage, WrittenNumber number)
    {
        var mark = passage[number.End];
        return mark is '"' or '\'' && !passage.IsLetterOrDigit(number.End + 1) && passage[number.End + 1] != mark
            && !passage.IsQuotationOpen(number.Start, mark)
            && (mark == '"' || passage.WordBefore(number.Start) is "a" or "an" or "by" or "is");
    }
}
