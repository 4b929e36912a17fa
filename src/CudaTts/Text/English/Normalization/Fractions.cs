using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>Fractions, alone or behind a whole number: 3/4, 2 1/2, 5/16; and pairs of numbers that only look like one: 24/7, 50/50.</summary>
internal sealed partial class Fractions : SemioticClass
{
    // Pairs that have a meaning as they stand; most are shares of a hundred.
    private static readonly HashSet<string> Pairs =
        ["24/7", "9/11", "7/7", "20/20", "50/50", "60/40", "70/30", "80/20", "90/10", "40/60", "30/70", "20/80", "10/90", "100/100"];

    // What is counted behind these: page 2/6.
    private static readonly HashSet<string> Counted =
        ["page", "part", "step", "patch", "slide", "disc", "disk", "chapter", "episode", "question", "sheet", "volume", "issue"];

    // Things that have numbers, two of which a slash can join: Layer 3/4.
    private static readonly HashSet<string> Numbered =
    [
        "layer", "layers", "button", "buttons", "version", "versions", "phase", "phases", "grade", "grades", "level", "levels", "type", "types",
        "python", "perl", "windows", "socks", "centos", "rhel", "debian", "fedora", "ubuntu", "channels", "rooms", "seats",
    ];

    public override string Name => "fraction";

    [GeneratedRegex(@"\G(?:(?<w>\d{1,4})[ -](?=\d{1,2}/\d))?" // a whole number
        + @"(?<a>\d{1,6})/(?<b>\d{1,6})(?![\d/]|\.\d)" // above and below
        + @"(?:(?:th|rd|nd|st|TH|RD|ND|ST)s?(?![A-Za-z]))?")] // the ending of 3/4ths
    private static partial Regex Pattern { get; }

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        if (passage[passage.DigitsEnd(at)] is not ('/' or ' ' or '-') || passage.IsLetter(at - 1)
            || (passage[at - 1] is '/' or '.' && passage.IsDigit(at - 2))
            || Pattern.Match(passage.Text, at) is not { Success: true } match)
        {
            return;
        }

        var (above, below) = (Numerals.Value(match.Groups["a"].ValueSpan), Numerals.Value(match.Groups["b"].ValueSpan));
        if (match.Groups["w"].Success)
        {
            // 10 1/2 is a number and a part of one; in "2 4/3" and "10 3/250" the two stand beside each other by chance.
            if (above < below && below <= 100)
            {
                var part = above == 1 && below <= 10 ? $"a {Part(1, below)}" : Words(above, below);
                var words = $"{Numerals.Cardinal(match.Groups["w"].ValueSpan)} and {part}";
                ProposeFraction(passage, match, above, words, words + " inches", readings);
            }
        }
        else if (PairOfNumbers(passage, match, above, below) is var (rule, between, cost))
        {
            readings.Add(at, at + match.Length, rule, $"{NumberWords.Cardinal(above)} {between} {NumberWords.Cardinal(below)}", cost);
        }
        else
        {
            var isAttribute = passage.IsAttribute(at, at + match.Length + 1);
            var inches = $"{NumberWords.Cardinal(above)} {Part(isAttribute ? 1 : above, below)} inch";
            ProposeFraction(passage, match, above, Words(above, below), inches, readings);
        }
    }

    /// <summary>"three quarters", "five over eleven hundred": the cardinal above, and what it counts.</summary>
    public static string Words(int above, int below) => $"{NumberWords.Cardinal(above)} {Part(above, below)}";

    /// <summary>What two numbers are that are no fraction, and what is said between them; null for a fraction.</summary>
    private static (string Rule, string Between, int Cost)? PairOfNumbers(Passage passage, Match match, int above, int below)
    {
        var before = passage.WordBefore(match.Index);

        // The ratio is an approximation of pi.
        return match.Value is "22/7" ? ("ratio", "over", Reading.Usual)
            : Pairs.Contains(match.Value) ? ("pair of numbers", "", Reading.Certain)
            : above <= below && Counted.Contains(before) ? ("one of so many", "of", Reading.Certain)
            : IsTimeSignature(passage, match, below) ? ("time signature", "", Reading.Certain)
            : above == below && above is 5 or 10 ? ("mark out of so many", "out of", Reading.Usual)
            : below == above + 1 && Numbered.Contains(before) ? ("one or the other", "", Reading.Certain)
            : null;
    }

    /// <summary>"3/4 time": a power of two below, and a word of music behind.</summary>
    private static bool IsTimeSignature(Passage passage, Match match, int below) =>
        below is 2 or 4 or 8 or 16 && passage.WordAfter(match.Index + match.Length) is "time" or "meter" or "beat";

    private static void ProposeFraction(Passage passage, Match match, int above, string words, string inches, ReadingList readings)
    {
        var end = match.Index + match.Length;
        if (passage[end] == '"' && !passage.IsQuotationOpen(match.Index, '"'))
        {
            readings.Add(match.Index, end + 1, "fraction of an inch", inches, Reading.Usual - 10);
        }

        if (Units.TryRead(passage, end, out var unitEnd, out var one, out var many))
        {
            words = $"{words} {(match.Groups["w"].Success ? many : one)}";
            end = Units.DotEnd(passage, unitEnd);
        }

        readings.Add(match.Index, end, "fraction", words, value: new(ValueKind.Number, above));
    }

    /// <summary>What is counted: "half", "quarters", "over eleven hundred".</summary>
    private static string Part(int above, int below) => below switch
    {
        2 => above == 1 ? "half" : "halves",
        4 => above == 1 ? "quarter" : "quarters",
        (>= 3 and <= 100) or 1000 or 10_000 when above < below => Numerals.Ordinal(below) + (above == 1 ? "" : "s"),
        _ => "over " + NumberWords.Cardinal(below),
    };
}
