using System.Globalization;

namespace CudaTts.Text.English.Normalization;

/// <summary>A number in digits as it stands in a text, signs not included.</summary>
/// <param name="Start">Where it begins.</param>
/// <param name="End">The place behind it.</param>
/// <param name="Whole">The digits in front of the point, without separators; empty in <c>.5</c>.</param>
/// <param name="Fraction">The digits behind the point; null when there is no point.</param>
/// <param name="IsGrouped">Whether separators of thousands stand in it.</param>
internal readonly record struct WrittenNumber(int Start, int End, string Whole, string? Fraction, bool IsGrouped)
{
    private const int LongestGrouped = 48;

    /// <summary>The value.</summary>
    public double Amount => double.Parse($"0{Whole}.{Fraction}0", NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);

    /// <summary>Whether it is exactly one, written without a point.</summary>
    public bool IsOne => Fraction is null && Whole.TrimStart('0') == "1";

    /// <summary>Whether it is digits alone: no point and no separators.</summary>
    public bool IsPlain => Fraction is null && !IsGrouped;

    /// <summary>What is said: "three point one four".</summary>
    public string Words
    {
        get
        {
            var whole = Whole.Length == 0 ? "" : IsGrouped ? NumberWords.Cardinal(Whole) : Numerals.Cardinal(Whole);
            return Fraction is null ? whole : $"{whole} point {NumberWords.Digits(Fraction)}".TrimStart();
        }
    }

    /// <summary>
    /// The number that begins at a place. Groups of thousands are separated by commas (1,000; Indian 1,00,000), by points where there are several
    /// (10.000.000), or by spaces (1 000 000), as ISO 80000-1 has it.
    /// </summary>
    public static bool TryRead(Passage passage, int at, out WrittenNumber number)
    {
        var end = passage.DigitsEnd(at);
        if (end == at)
        {
            var isFraction = passage[at] == '.' && passage.IsDigit(at + 1) && !passage.IsLetterOrDigit(at - 1) && passage[at - 1] != '.';
            var fractionEnd = isFraction ? passage.DigitsEnd(at + 1) : at;
            number = new(at, fractionEnd, "", isFraction ? passage.Text[(at + 1)..fractionEnd] : null, IsGrouped: false);
            return isFraction && !(passage[fractionEnd] == '.' && passage.IsDigit(fractionEnd + 1));
        }

        var groupsEnd = GroupsEnd(passage, at, end);
        var whole = groupsEnd == end ? passage.Text[at..end]
            : string.Concat(passage.Text.AsSpan(at, groupsEnd - at).ToArray().Where(char.IsAsciiDigit));
        number = new(at, groupsEnd, whole, null, groupsEnd > end);
        if (passage[groupsEnd] == '.' && passage.IsDigit(groupsEnd + 1) && !(groupsEnd > end && passage[end] == '.'))
        {
            var fractionEnd = passage.DigitsEnd(groupsEnd + 1);
            if (!(passage[fractionEnd] == '.' && passage.IsDigit(fractionEnd + 1)))
            {
                number = number with { End = fractionEnd, Fraction = passage.Text[(groupsEnd + 1)..fractionEnd] };
            }
        }

        return true;
    }

    /// <summary>A number with a decimal comma, as Europeans write prices and measures: 10,99.</summary>
    public static bool TryReadWithComma(Passage passage, int at, out WrittenNumber number)
    {
        // 1.234,56: points between the thousands.
        var comma = passage.DigitsEnd(at);
        while (passage[comma] == '.' && passage.DigitsEnd(comma + 1) - comma == 4 && comma - at < LongestGrouped)
        {
            comma += 4;
        }

        var end = passage[comma] == ',' ? passage.DigitsEnd(comma + 1) : comma;
        number = new(at, end, passage.Text[at..comma].Replace(".", "", StringComparison.Ordinal), end > comma ? passage.Text[(comma + 1)..end] : null, IsGrouped: false);
        return comma > at && end - comma is 2 or 3 && !(passage[end] is ',' or '.' && passage.IsDigit(end + 1));
    }

    private static int GroupsEnd(Passage passage, int at, int firstEnd)
    {
        var separator = passage[firstEnd];
        if (firstEnd - at > 3 || separator is not (',' or '.' or ' ') || passage[at] == '0' || passage.IsLetterOrDigit(at - 1))
        {
            return firstEnd;
        }

        var (end, groups, areShort) = (firstEnd, 0, true);
        while (passage[end] == separator && end - at < LongestGrouped)
        {
            var next = passage.DigitsEnd(end + 1);
            if (next - end is not (3 or 4) || (next - end == 3 && !(separator == ',' && areShort && firstEnd - at <= 2)))
            {
                break;
            }

            areShort &= next - end == 3;
            (end, groups) = (next, groups + 1);
        }

        var isWhole = groups > 0 && end - 4 >= at && passage[end - 4] == separator && !(passage[end] == separator && passage.IsDigit(end + 1));
        var isEnough = separator == ',' || groups > 1 || (separator == ' ' && passage.Has(firstEnd, " 000"));
        return isWhole && isEnough && !(separator == ' ' && passage.IsLetter(end)) ? end : firstEnd;
    }
}
