using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>Ordinals and numbers in the plural: 21st, 1960s, '90s, 747s.</summary>
internal sealed partial class OrdinalsAndDecades : PatternClass
{
    protected override Regex Pattern => EndingPattern;

    [GeneratedRegex(@"\G(?<n>" + Whole + @")(?:(?<th>st|nd|rd|th|ST|ND|RD|TH)|'?s)(?![A-Za-z0-9])")]
    private static partial Regex EndingPattern { get; }

    protected override int Say(Match match, Passage passage)
    {
        var digits = match.Groups["n"].Value;
        passage.Spoken.AddWords(match.Groups["th"].Success ? Numerals.Ordinal(digits) : Numerals.Plural(Numerals.Year(digits)));
        return match.Length;
    }
}

/// <summary>
/// Two numbers with a hyphen between: 10-20, 1914-1918, May 5-7; with an x: 1920x1080; sums with spaces around the sign are arithmetic.
/// </summary>
internal sealed partial class Ranges : PatternClass
{
    protected override Regex Pattern => RangePattern;

    [GeneratedRegex(@"\G(?<a>" + Number + @")(?:-(?<b>" + Number + @")(?!\d|-\d)|(?: ?[x×] ?(?<by>" + Number + @")){1,3}(?<eq> ?=)?)(?![A-Za-z])")]
    private static partial Regex RangePattern { get; }

    protected override int Say(Match match, Passage passage)
    {
        var (first, second) = (match.Groups["a"].Value, match.Groups["b"].Value);
        if (match.Groups["by"].Success)
        {
            var between = match.Groups["eq"].Success || match.Value.Contains('×', StringComparison.Ordinal) ? " times " : " by ";
            var isGlued = !match.Value.Contains(' ', StringComparison.Ordinal);
            var numbers = match.Groups["by"].Captures.Select(part => part.Value).Prepend(first);
            passage.Spoken.AddWords(string.Join(between, numbers.Select(number => isGlued ? SaySize(number) : Numerals.Number(number))));
            return match.Length - match.Groups["eq"].Length;
        }

        if (passage.IsLetter(match.Index - 1))
        {
            return 0;
        }

        var areDays = Calendar.IsMonth(passage.Spoken.LastWord) && first.Length <= 2 && second.Length <= 2;
        passage.Spoken.AddWords(areDays ? $"{Numerals.Ordinal(first)} to {Numerals.Ordinal(second)}" : $"{Say(first)} to {Say(second)}");
        return match.Length;
    }

    /// <summary>The size of a screen: "nineteen twenty by ten eighty".</summary>
    private static string SaySize(string number) =>
        number.Length == 4 && number.AsSpan().IndexOf('.') < 0 ? NumberWords.Pairs(Numerals.Value(number)) : Numerals.Number(number);

    private static string Say(string number) => number.Contains('.', StringComparison.Ordinal) ? Numerals.Number(number) : Numerals.Year(number);
}

/// <summary>Decimals, and with more points versions (1.2.3) and internet addresses (192.168.0.1).</summary>
internal sealed partial class Decimals : PatternClass
{
    protected override Regex Pattern => DecimalPattern;

    [GeneratedRegex(@"\G(?:(?<many>(?>\d+(?:\.\d+){2,}))|" + Whole + @"?\.\d+)")]
    private static partial Regex DecimalPattern { get; }

    public override bool MayBeginWith(char first) => char.IsAsciiDigit(first) || first == '.';

    protected override int Say(Match match, Passage passage)
    {
        if (!match.Groups["many"].Success)
        {
            if (match.Value[0] == '.' && char.IsAsciiLetterOrDigit(passage[match.Index - 1]))
            {
                return 0;
            }

            passage.Spoken.AddWords(Numerals.Number(match.Value));
            return match.Length;
        }

        var parts = match.Value.Split('.');
        var isAddress = parts.Length == 4 && Array.TrueForAll(parts, part => part.Length <= 3 && Numerals.Value(part) <= 255);
        passage.Spoken.AddWords(string.Join(isAddress ? " dot " : " point ", parts.Select(part => Numerals.Cardinal(part))));
        return match.Length;
    }
}

/// <summary>What is left of the numbers: whole numbers, years, days of a month, house numbers, emergency numbers and post codes.</summary>
internal sealed partial class WholeNumbers : PatternClass
{
    private static readonly HashSet<string> BeforeDigits = ["call", "dial", "dialed", "called", "dialing", "calling", "text", "zip", "code", "pin",
        "extension"];

    private static readonly HashSet<string> NoPlural = ["was", "is", "has", "this", "his", "its", "as", "thus", "perhaps", "always", "us", "plus",
        "minus", "times", "versus", "during"];

    protected override Regex Pattern => WholePattern;

    [GeneratedRegex(@"\G(?<n>" + Whole + @")(?<street>(?=[A-Z]?(?: (?:[NSEW]\.?|[A-Z][a-z]{1,20}|\d{1,3}(?:st|nd|rd|th))){1,3} (?:St|Street"
        + @"|Ave|Avenue|Rd|Road|Blvd|Boulevard|Drive|Dr|Lane|Ln|Court|Ct|Place|Pl|Way|Highway|Hwy)(?![A-Za-z])))?(?<plural>(?= [a-z]{3,20}s"
        + @"(?![A-Za-z'])))?")]
    private static partial Regex WholePattern { get; }

    protected override int Say(Match match, Passage passage)
    {
        var digits = match.Groups["n"].Value;
        var last = passage.Spoken.LastWord;
        var isPlain = digits.Length <= 5 && !digits.Contains(',', StringComparison.Ordinal);
        var isGluedToLetter = passage.IsLetter(match.Index - 1);
        var isDay = isPlain && digits.Length <= 2 && Calendar.IsMonth(last) && Numerals.Value(digits) is >= 1 and <= 31;
        var isPostCode = isPlain && digits.Length == 5 && passage.Spoken.LastIsState;
        var words = isDay ? Numerals.Ordinal(digits)
            : isPostCode || (isPlain && digits.Length >= 3 && BeforeDigits.Contains(last)) ? NumberWords.Digits(digits)
            : isPlain && digits.Length is 3 or 4 && match.Groups["street"].Success ? NumberWords.Pairs(Numerals.Value(digits))
            : match.Groups["plural"].Success && !isGluedToLetter && !NoPlural.Contains(passage.WordAfter(match.Index + match.Length).ToString())
            ? Numerals.Cardinal(digits)
            : Numerals.Year(digits);
        passage.Spoken.AddWords(words);
        return match.Length;
    }
}
