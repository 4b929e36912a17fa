using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>Fractions, alone or behind a whole number: 3/4, 2 1/2, 5/16; a few pairs of numbers that only look like one.</summary>
internal sealed partial class Fractions : PatternClass
{
    private static readonly HashSet<string> BeforeDates = ["on", "by", "until", "before", "since", "from"];

    protected override Regex Pattern => FractionPattern;

    [GeneratedRegex(@"\G(?:(?<w>\d{1,4})[ -](?=\d{1,2}/\d))?(?<a>\d{1,3})/(?<b>\d{1,3})(?![\d/]|\.\d)")]
    private static partial Regex FractionPattern { get; }

    protected override int Say(Match match, Passage passage)
    {
        var (above, below) = (Numerals.Value(match.Groups["a"].ValueSpan), Numerals.Value(match.Groups["b"].ValueSpan));
        var hasWhole = match.Groups["w"].Success;
        if (!hasWhole && match.Value is "24/7" or "9/11")
        {
            passage.Spoken.AddWords($"{NumberWords.Cardinal(above)} {NumberWords.Cardinal(below)}");
            return match.Length;
        }

        if (!hasWhole && BeforeDates.Contains(passage.Spoken.LastWord) && Calendar.IsDay(above, below))
        {
            passage.Spoken.AddWords(Calendar.Say(above, below, ""));
            return match.Length;
        }

        passage.Spoken.AddWords(hasWhole ? $"{Numerals.Cardinal(match.Groups["w"].Value)} and" : "");
        passage.Spoken.AddWords(hasWhole && above == 1 && below <= 10 ? $"a {Part(1, below)}" : Words(above, below));
        if (!Units.TryRead(passage, match.Index + match.Length, out var end, out var one, out var many))
        {
            return match.Length;
        }

        passage.Spoken.AddSpelt(hasWhole ? many : one);
        return Units.DotEnd(passage, end) - match.Index;
    }

    /// <summary>"three quarters", "five over eleven hundred": the cardinal above, and what it counts.</summary>
    public static string Words(int above, int below) => $"{NumberWords.Cardinal(above)} {Part(above, below)}";

    private static string Part(int above, int below) => below switch
    {
        2 => above == 1 ? "half" : "halves",
        4 => above == 1 ? "quarter" : "quarters",
        >= 3 and <= 100 when above < below => NumberWords.Ordinal(NumberWords.Cardinal(below)) + (above == 1 ? "" : "s"),
        _ => "over " + NumberWords.Cardinal(below),
    };
}
