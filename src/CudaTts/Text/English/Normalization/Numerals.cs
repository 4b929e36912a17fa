using System.Globalization;

namespace CudaTts.Text.English.Normalization;

/// <summary>How the digits of a number are said. American wording: no "and" in whole numbers.</summary>
internal static class Numerals
{
    private const int MostDigitsWithAName = 15;

    /// <summary>A whole number; codes with a leading zero and endless numbers digit by digit.</summary>
    public static string Cardinal(ReadOnlySpan<char> digits)
    {
        var plain = WithoutCommas(digits);
        var isCode = plain.Length > MostDigitsWithAName || (plain.Length > 1 && plain[0] == '0');
        return isCode ? NumberWords.Digits(plain) : NumberWords.Cardinal(plain);
    }

    /// <summary>A whole number or a decimal: "three point one four".</summary>
    public static string Number(string number)
    {
        var point = number.IndexOf('.', StringComparison.Ordinal);
        return point < 0 ? Cardinal(number)
            : point == 0 ? "point " + NumberWords.Digits(number.AsSpan(1))
            : $"{Cardinal(number.AsSpan(0, point))} point {NumberWords.Digits(number.AsSpan(point + 1))}";
    }

    /// <summary>The ordinal of a whole number.</summary>
    public static string Ordinal(ReadOnlySpan<char> digits) => NumberWords.Ordinal(NumberWords.Cardinal(WithoutCommas(digits)));

    /// <summary>Four digits from 1100 to 2099 in pairs, as years are said; others as a whole number.</summary>
    public static string Year(ReadOnlySpan<char> digits)
    {
        var isYear = digits.Length == 4 && Value(digits) is >= 1100 and < 2100;
        return isYear ? NumberWords.Pairs(Value(digits)) : Cardinal(digits);
    }

    /// <summary>Whether digits are exactly the number one.</summary>
    public static bool IsOne(string number) => number.TrimStart('0') == "1";

    /// <summary>The value of at most nine digits.</summary>
    public static int Value(ReadOnlySpan<char> digits) => int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>The plural of a number in words: "sixties", "sevens".</summary>
    public static string Plural(string words) =>
        words.EndsWith('y') ? words[..^1] + "ies" : words.EndsWith('x') ? words + "es" : words + "s";

    private static string WithoutCommas(ReadOnlySpan<char> digits) => digits.ToString().Replace(",", "", StringComparison.Ordinal);
}
