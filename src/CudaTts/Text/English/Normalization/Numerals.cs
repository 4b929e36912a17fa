using System.Globalization;

namespace CudaTts.Text.English.Normalization;

/// <summary>How the digits of a number are said. American wording: no "and" in whole numbers.</summary>
internal static class Numerals
{
    private const int MostDigitsWithAName = 15;

    /// <summary>A whole number; codes with a leading zero and endless numbers digit by digit.</summary>
    public static string Cardinal(ReadOnlySpan<char> digits)
    {
        var isCode = digits.Length > MostDigitsWithAName || (digits.Length > 1 && digits[0] == '0');
        return isCode ? NumberWords.Digits(digits) : NumberWords.Cardinal(digits);
    }

    /// <summary>A whole number or a decimal: "three point one four".</summary>
    public static string Number(string number)
    {
        number = number.Replace(",", "", StringComparison.Ordinal);
        var point = number.IndexOf('.', StringComparison.Ordinal);
        return point switch
        {
            < 0 => Cardinal(number),
            0 => WithPoint("", number.AsSpan(1)),
            _ => WithPoint(Cardinal(number.AsSpan(0, point)), number.AsSpan(point + 1)),
        };
    }

    /// <summary>A whole number in words, empty where nothing stands in front of the point, and the digits behind the point.</summary>
    public static string WithPoint(string whole, ReadOnlySpan<char> fraction) =>
        $"{whole}{(whole.Length == 0 ? "" : " ")}point {NumberWords.Digits(fraction)}";

    /// <summary>So many of a thing: "one foot", "six feet".</summary>
    public static string Count(string number, string one, string many) => $"{Number(number)} {(number == "1" ? one : many)}";

    /// <inheritdoc cref="Count(string, string, string)"/>
    public static string Count(int number, string one, string many) => $"{NumberWords.Cardinal(number)} {(number == 1 ? one : many)}";

    /// <summary>Whether digits are exactly the number one.</summary>
    public static bool IsOne(string number) => number.TrimStart('0') == "1";

    /// <summary>The ordinal of a whole number.</summary>
    public static string Ordinal(ReadOnlySpan<char> digits) => NumberWords.Ordinal(NumberWords.Cardinal(digits));

    /// <inheritdoc cref="Ordinal(ReadOnlySpan{char})"/>
    public static string Ordinal(int number) => NumberWords.Ordinal(NumberWords.Cardinal(number));

    /// <summary>Whether digits can be a year that is said in pairs.</summary>
    public static bool IsYear(ReadOnlySpan<char> digits) => digits.Length == 4 && Value(digits) is >= 1100 and < 2100;

    /// <summary>Four digits from 1100 to 2099 in pairs, as years are said; others as a whole number.</summary>
    public static string Year(ReadOnlySpan<char> digits) => IsYear(digits) ? NumberWords.Pairs(Value(digits)) : Cardinal(digits);

    /// <summary>
    /// A number within a name, as of a house, a road or a model: two digits as a number, three and four in pairs, "three fifty", "ten eighty",
    /// "seven oh eight"; longer ones and those with a leading zero digit by digit.
    /// </summary>
    public static string Name(ReadOnlySpan<char> digits)
    {
        var isLong = digits.Length > 4 || (digits.Length > 1 && digits[0] == '0');
        return isLong ? NumberWords.Digits(digits) : digits.Length < 3 ? NumberWords.Cardinal(digits) : NumberWords.Pairs(Value(digits));
    }

    /// <summary>The value of at most nine digits.</summary>
    public static int Value(ReadOnlySpan<char> digits) => int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>The plural of a number in words: "sixties", "sevens".</summary>
    public static string Plural(string words) =>
        words.EndsWith('y') ? words[..^1] + "ies" : words.EndsWith('x') ? words + "es" : words + "s";
}
