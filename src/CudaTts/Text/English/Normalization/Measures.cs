using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>A number with a unit: 5 km, 10%, 3 x 4 cm, a 5-lb bag, 100 million kg, 10 sq. ft., 6'2", 12".</summary>
internal sealed partial class Measures : SemioticClass
{
    // Letters by themselves that mean other things where a space stands in front: 5 A, 708 N 1st Street.
    private const string DoubtfulApart = "NWVLKmgs";

    public override string Name => "measure";

    private static readonly HashSet<string> NumbersInWords = ["hundred", "thousand", "million", "billion", "trillion", "two", "three", "four", "five", "six",
        "seven", "eight", "nine", "ten", "twenty", "thirty", "forty", "fifty", "dozen"];

    public override bool MayBeginWith(char first) => char.IsAsciiDigit(first) || first == '.' || "kKMGTmcdgnplfh\u00B5".Contains(first, StringComparison.Ordinal);

    [GeneratedRegex(@"\G(?<feet>\d{1,3}) ?ft\.? (?<inches>\d{1,2}(?:\.\d)?) ?in(?:\.|(?![a-z]))")]
    private static partial Regex FeetInWords { get; }

    [GeneratedRegex(@"\G(?<feet>\d{1,3})' ?(?<inches>\d{1,2})(?:""|'')?(?!\d)")]
    private static partial Regex FeetAndInches { get; }

    [GeneratedRegex(@"\G(?: ?[x×\u00D7] ?\d{1,6}(?:\.\d{1,6})?){1,3}")]
    private static partial Regex Sides { get; }

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        if (passage.IsLetter(at - 1))
        {
            return;
        }

        if (!passage.IsDigit(at) && passage[at] != '.')
        {
            if (NumbersInWords.Contains(passage.WordBefore(at)) && Units.TryReadBehindWord(passage, at, out var end, out var many)
                && !passage.IsLetterOrDigit(end) && passage[end] != '\'')
            {
                readings.Add(at, end, "unit behind a number in words", many, Reading.Usual - 10);
            }

            return;
        }

        if (passage.IsDigit(at) && FeetInWords.Match(passage.Text, at) is { Success: true } feet)
        {
            var (foot, inch) = (feet.Groups["feet"].Value, feet.Groups["inches"].Value);
            readings.Add(at, at + feet.Length, "feet and inches", $"{Numerals.Cardinal(foot)} {(foot == "1" ? "foot" : "feet")} "
                + $"{Numerals.Number(inch)} {(inch == "1" ? "inch" : "inches")}", Reading.Certain);
        }

        ProposeQuoted(passage, at, readings);
        if (WrittenNumber.TryRead(passage, at, out var number))
        {
            ProposeUnit(passage, number, readings);
        }

        if (WrittenNumber.TryReadWithComma(passage, at, out var withComma))
        {
            ProposeUnit(passage, withComma, readings);
        }
    }

    private static void ProposeUnit(Passage passage, WrittenNumber number, ReadingList readings)
    {
        var words = number.Words;
        var at = number.End;
        if (Sides.Match(passage.Text, at) is { Success: true } sides)
        {
            words = sides.Groups[0].Value.Split(['x', '\u00D7'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Aggregate(words, (all, side) => $"{all} by {SayNumber(side)}");
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
        var hasSpace = passage[at] == ' ';
        if (passage[at] == 'x' && IsBesideSign(passage, number.Start, at + 1))
        {
            return;
        }

        if (!Units.TryRead(passage, isHyphen ? at + 1 : at, out var end, out var one, out var many))
        {
            return;
        }

        var unitEnd = Units.DotEnd(passage, end);
        var isOne = isHyphen || (number.IsOne && at == number.End) || IsAttribute(passage, number.Start, unitEnd);
        var ends = passage[end - 1] == '.' && SentenceEnds.Follows(passage, end) ? " ." : "";
        var isDoubtful = hasSpace && end - at == 2 && DoubtfulApart.Contains(passage[end - 1], StringComparison.Ordinal)
            && (passage.WordAfter(end) is { Length: > 0 } next && Capitals.Begin(next));
        readings.Add(number.Start, unitEnd, "number and unit", $"{words} {(isOne ? one : many)}{ends}",
            isDoubtful ? 2 * Reading.Doubtful : Reading.Usual - 10, new(ValueKind.Measure, number.Amount, many));
    }

    /// <summary>In "y = 2x + 1" the letter is a variable.</summary>
    private static bool IsBesideSign(Passage passage, int start, int end) =>
        passage[passage.SkipSpacesBack(start) - 1] is '=' or '+' or '-' or '\u2212' or '*' && start > 0 || passage[passage.SkipSpaces(end)] is '=' or '+' or '^' or '\u2212';

    /// <summary>"a 60 W bulb": between an article and a noun the unit stands in the singular.</summary>
    private static bool IsAttribute(Passage passage, int start, int end) =>
        passage.WordBefore(start) is "a" or "an" && passage[end] == ' ' && char.IsAsciiLetterLower(passage[end + 1])
            && passage.WordAfter(end) is not ("of" or "per" or "or" or "and" or "to" or "in" or "on" or "at" or "for" or "is" or "was" or "with" or "from"
                or "by" or "x" or "as" or "more" or "less" or "above" or "below");

    /// <summary>Feet and inches by their marks; a quotation mark that closes one is no inch.</summary>
    private static void ProposeQuoted(Passage passage, int at, ReadingList readings)
    {
        var end = passage.DigitsEnd(at);
        if (end == at || passage[end] is not ('\'' or '"' or '.'))
        {
            return;
        }

        if (FeetAndInches.Match(passage.Text, at) is { Success: true } match)
        {
            readings.Add(at, at + match.Length, "feet and inches",
                $"{Numerals.Cardinal(match.Groups["feet"].ValueSpan)} foot {Numerals.Cardinal(match.Groups["inches"].ValueSpan)}");
        }
        else if (WrittenNumber.TryRead(passage, at, out var number) && passage[number.End] is '"' or '\'' && !passage.IsLetterOrDigit(number.End + 1)
            && passage.Text.AsSpan(Math.Max(0, at - 200), Math.Min(200, at)).Count(passage[number.End]) % 2 == 0 && passage[number.End + 1] != passage[number.End])
        {
            var (one, many) = passage[number.End] == '"' ? ("inch", "inches") : ("foot", "feet");
            var isAttribute = passage.WordBefore(at) is "a" or "an" or "the" && passage[number.End + 1] == ' ' && passage.IsLetter(number.End + 2);
            var isSure = passage[number.End] == '"' || passage.WordBefore(at) is "a" or "an" or "by" or "is";
            if (isSure)
            {
                readings.Add(at, number.End + 1, "inches or feet by their mark", $"{number.Words} {(number.IsOne || isAttribute ? one : many)}",
                    value: new(ValueKind.Measure, number.Amount, many));
            }
        }
    }

    private static string SayNumber(string written)
    {
        var point = written.IndexOf('.', StringComparison.Ordinal);
        return point < 0 ? Numerals.Cardinal(written) : $"{Numerals.Cardinal(written.AsSpan(0, point))} point {NumberWords.Digits(written.AsSpan(point + 1))}";
    }
}
