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

    /// <summary>The value of the number.</summary>
    public double Amount => double.Parse($"0{Whole}.{Fraction}0", NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);

    /// <summary>Whether it is exactly one, written without a point.</summary>
    public bool IsOne => Fraction is null && Numerals.IsOne(Whole);

    /// <summary>Whether it is digits alone: no point and no separators.</summary>
    public bool IsPlain => Fraction is null && !IsGrouped;

    /// <summary>What is said: "three point one four".</summary>
    public string Words
    {
        get
        {
            var whole = Whole.Length == 0 ? "" : IsGrouped ? NumberWords.Cardinal(Whole) : Numerals.Cardinal(Whole);
            return Fraction is null ? whole : Numerals.WithPoint(whole, Fraction);
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
            return TryReadFraction(passage, at, out number);
        }

        var groupsEnd = GroupsEnd(passage, at, end);
        var isGrouped = groupsEnd > end;
        var whole = isGrouped
            ? string.Concat(passage.Text.AsSpan(at, groupsEnd - at).ToArray().Where(char.IsAsciiDigit))
            : passage.Text[at..end];
        number = new(at, groupsEnd, whole, null, isGrouped);

        // Where points stand between the groups, one behind them is no decimal point; and 1.2.3 is no number.
        if (passage[groupsEnd] == '.' && passage.IsDigit(groupsEnd + 1) && !(isGrouped && passage[end] == '.'))
        {
            var fractionEnd = passage.DigitsEnd(groupsEnd + 1);
            if (!IsContinued(passage, fractionEnd, '.'))
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
        var whole = passage.Text[at..comma].Replace(".", "", StringComparison.Ordinal);
        number = new(at, end, whole, end > comma ? passage.Text[(comma + 1)..end] : null, IsGrouped: false);
        return comma > at && end - comma is 2 or 3 && !(passage[end] is ',' or '.' && passage.IsDigit(end + 1));
    }

    /// <summary>A number that begins with its point, as .5 does.</summary>
    private static bool TryReadFraction(Passage passage, int at, out WrittenNumber number)
    {
        var isFraction = passage[at] == '.' && passage.IsDigit(at + 1) && !passage.IsLetterOrDigit(at - 1) && passage[at - 1] != '.';
        var end = isFraction ? passage.DigitsEnd(at + 1) : at;
        number = new(at, end, "", isFraction ? passage.Text[(at + 1)..end] : null, IsGrouped: false);
        return isFraction && !IsContinued(passage, end, '.');
    }

    /// <summary>Whether a separator and further digits stand at a place.</summary>
    private static bool IsContinued(Passage passage, int place, char separator) => passage[place] == separator && passage.IsDigit(place + 1);

    /// <summary>The end of the groups of thousands behind a first group; the end of the first group where there are none.</summary>
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
            var isShort = next - end == 3;
            var isIndian = isShort && separator == ',' && areShort && firstEnd - at <= 2;
            if (!isIndian && next - end != 4)
            {
                break;
            }

            areShort &= isShort;
            (end, groups) = (next, groups + 1);
        }

        var isWhole = groups > 0 && passage[end - 4] == separator && !IsContinued(passage, end, separator);
        var isEnough = separator == ',' || groups > 1 || (separator == ' ' && passage.Has(firstEnd, " 000"));
        return isWhole && isEnough && !(separator == ' ' && passage.IsLetter(end)) ? end : firstEnd;
    }
}
