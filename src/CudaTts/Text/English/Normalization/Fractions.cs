using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>Fractions, alone or behind a whole number: 3/4, 2 1/2, 5/16; and pairs of numbers that only look like one: 24/7, 50/50.</summary>
internal sealed partial class Fractions : SemioticClass
{
    private static readonly HashSet<string> Pairs = ["24/7", "9/11", "7/7", "20/20", "50/50", "60/40", "70/30", "80/20", "90/10", "40/60", "30/70", "20/80",
        "10/90", "100/100"];

    // What is counted behind these: page 2/6.
    private static readonly HashSet<string> Counted = ["page", "part", "step", "patch", "slide", "disc", "disk", "chapter", "episode", "question", "sheet",
        "volume", "issue"];

    // Things that have numbers, two of which a slash can join: Layer 3/4.
    private static readonly HashSet<string> Numbered = ["layer", "layers", "button", "buttons", "version", "versions", "phase", "phases", "grade", "grades",
        "level", "levels", "type", "types", "python", "perl", "windows", "socks", "centos", "rhel", "debian", "fedora", "ubuntu", "channels", "rooms", "seats"];

    public override string Name => "fraction";

    [GeneratedRegex(@"\G(?:(?<w>\d{1,4})[ -](?=\d{1,2}/\d))?(?<a>\d{1,4})/(?<b>\d{1,4})(?![\d/]|\.\d)(?:(?:th|rd|nd|st|TH|RD|ND|ST)s?(?![A-Za-z]))?")]
    private static partial Regex Pattern { get; }

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        var after = passage[passage.DigitsEnd(at)];
        if (after is not ('/' or ' ' or '-') || passage.IsLetter(at - 1) || (passage[at - 1] is '/' or '.' && passage.IsDigit(at - 2))
            || Pattern.Match(passage.Text, at) is not { Success: true } match)
        {
            return;
        }

        var end = at + match.Length;
        var (above, below) = (Numerals.Value(match.Groups["a"].ValueSpan), Numerals.Value(match.Groups["b"].ValueSpan));
        if (match.Value == "22/7")
        {
            // The approximation of pi.
            readings.Add(at, end, "ratio", "twenty two over seven");
            return;
        }

        if (!match.Groups["w"].Success && Pairs.Contains(match.Value))
        {
            readings.Add(at, end, "pair of numbers", $"{NumberWords.Cardinal(above)} {NumberWords.Cardinal(below)}", Reading.Certain);
            return;
        }

        if (!match.Groups["w"].Success && above <= below && Counted.Contains(passage.WordBefore(at)))
        {
            readings.Add(at, end, "one of so many", $"{NumberWords.Cardinal(above)} of {NumberWords.Cardinal(below)}", Reading.Certain);
            return;
        }

        if (!match.Groups["w"].Success && below is 2 or 4 or 8 or 16 && passage.WordAfter(end) is "time" or "meter" or "beat")
        {
            readings.Add(at, end, "time signature", $"{NumberWords.Cardinal(above)} {NumberWords.Cardinal(below)}", Reading.Certain);
            return;
        }

        if (!match.Groups["w"].Success && above == below && above is 5 or 10)
        {
            readings.Add(at, end, "mark out of so many", $"{NumberWords.Cardinal(above)} out of {NumberWords.Cardinal(below)}");
            return;
        }

        if (!match.Groups["w"].Success && below == above + 1 && Numbered.Contains(passage.WordBefore(at)))
        {
            readings.Add(at, end, "one or the other", $"{NumberWords.Cardinal(above)} {NumberWords.Cardinal(below)}", Reading.Certain);
            return;
        }

        var hasWhole = match.Groups["w"].Success;
        if (hasWhole && (above >= below || below > 100))
        {
            return;
        }

        var words = hasWhole ? $"{Numerals.Cardinal(match.Groups["w"].ValueSpan)} and {(above == 1 && below <= 10 ? $"a {Part(1, below)}" : Words(above, below))}"
            : Words(above, below);
        if (passage[end] == '"' && passage.Text.AsSpan(Math.Max(0, at - 200), Math.Min(200, at)).Count('"') % 2 == 0)
        {
            var isAttribute = passage.WordBefore(at) is "a" or "an" or "the" && passage[end + 1] == ' ';
            readings.Add(at, end + 1, "fraction of an inch", hasWhole ? words + " inches" : above == 1 || !isAttribute ? words + " inch"
                : $"{NumberWords.Cardinal(above)} {Part(1, below)} inch", Reading.Usual - 10);
        }

        if (Units.TryRead(passage, end, out var unitEnd, out var one, out var many))
        {
            (words, end) = ($"{words} {(hasWhole ? many : one)}", Units.DotEnd(passage, unitEnd));
        }

        readings.Add(at, end, "fraction", words, value: new(ValueKind.Number, above));
    }

    /// <summary>"three quarters", "five over eleven hundred": the cardinal above, and what it counts.</summary>
    public static string Words(int above, int below) => $"{NumberWords.Cardinal(above)} {Part(above, below)}";

    private static string Part(int above, int below) => below switch
    {
        2 => above == 1 ? "half" : "halves",
        4 => above == 1 ? "quarter" : "quarters",
        >= 3 and <= 100 when above < below => NumberWords.Ordinal(NumberWords.Cardinal(below)) + (above == 1 ? "" : "s"),
        1000 or 10_000 when above < below => NumberWords.Ordinal(NumberWords.Cardinal(below)) + (above == 1 ? "" : "s"),
        _ => "over " + NumberWords.Cardinal(below),
    };
}
