using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>Powers: 6.02×10^23, 1.5e-9, 2^8, 5².</summary>
internal sealed partial class Powers : PatternClass
{
    protected override Regex Pattern => PowerPattern;

    [GeneratedRegex(@"\G(?<n>" + Number + @")(?: ?[x×*] ?(?<ten>10)\^(?<e>[+-]?\d{1,4})|(?<ten>)[eE](?<e>[+-]?\d{1,3})(?![A-Za-z0-9.])|\^"
        + @"(?<e>-?\d{1,4})|(?<e>[²³]))(?!\d)")]
    private static partial Regex PowerPattern { get; }

    protected override int Say(Match match, Passage passage)
    {
        var exponent = match.Groups["e"].Value.TrimStart('+');
        passage.Spoken.AddWords(Numerals.Number(match.Groups["n"].Value) + (match.Groups["ten"].Success ? " times ten" : ""));
        passage.Spoken.AddWords(exponent switch
        {
            "2" or "²" => "squared",
            "3" or "³" => "cubed",
            ['-', .. var digits] => "to the power of minus " + Numerals.Cardinal(digits),
            _ => "to the power of " + Numerals.Cardinal(exponent),
        });
        return match.Length;
    }
}
