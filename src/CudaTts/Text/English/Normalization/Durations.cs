using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>Lengths of time of several units, or of one that its neighbours make one: 2h 34m, 1m20s, 3d 4h, "wait 30s".</summary>
internal sealed partial class Durations : SemioticClass
{
    private static readonly HashSet<string> BeforeDurations = ["wait", "waits", "waited", "for", "after", "every", "within", "timeout", "takes", "took",
        "take", "lasts", "lasted", "than", "under", "over", "about", "last", "past", "next", "another", "least", "most"];

    private static readonly HashSet<string> AfterDurations = ["timeout", "delay", "interval", "later", "remaining", "left", "ago", "window", "period", "long"];

    public override string Name => "duration";

    [GeneratedRegex(@"\G(?:(?<n>\d{1,4}(?:\.\d{1,3}(?=s|sec|ms))?)(?<u>[dhms]|min|mins|sec|secs|hr|hrs|ms)(?:(?:, | )?(?=\d{1,3}(?:\.\d{1,3})?(?:[dhms]|min|mins|sec|secs|hr|hrs|ms)(?![A-Za-z0-9]|'\p{L})|\d{1,3}[dhms]\d)|(?![A-Za-z0-9]|'\p{L}))){1,4}")]
    private static partial Regex Pattern { get; }

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        if (!(passage.IsLetter(passage.DigitsEnd(at)) || passage[passage.DigitsEnd(at)] == '.') || passage.IsLetter(at - 1) || Pattern.Match(passage.Text, at) is not { Success: true } match)
        {
            return;
        }

        var units = match.Groups["u"].Captures;
        var numbers = match.Groups["n"].Captures;
        var isOne = units.Count == 1;
        var next = passage.WordAfter(at + match.Length).ToString();
        var isAlone = isOne && !(units[0].Value == "s" && (BeforeDurations.Contains(passage.WordBefore(at)) || AfterDurations.Contains(next)))
            && !(units[0].Value == "m" && next is "ago" or "later" or "remaining" or "left");
        if ((isAlone && units[0].Value is not "s") || !AreDescending(units) || (isAlone && IsDecade(passage, at, numbers[0].Value)))
        {
            return;
        }

        var words = units.Select((unit, i) => $"{Numerals.Number(numbers[i].Value)} {NameOf(unit.Value)}{(numbers[i].Value == "1" ? "" : "s")}");
        readings.Add(at, at + match.Length, "duration", string.Join(' ', words), isAlone ? Reading.Usual + 20 : Reading.Certain);
    }

    private static bool IsDecade(Passage passage, int at, string number) =>
        number.Length == 4 || (number is [_, '0'] && passage.WordBefore(at) is "the" or "in" or "early" or "late" or "mid" or "his" or "her" or "their");

    private static bool AreDescending(CaptureCollection units)
    {
        var last = -1;
        foreach (Capture unit in units)
        {
            var rank = unit.Value == "ms" ? 4 : "dhms".IndexOf(unit.Value[0], StringComparison.Ordinal);
            if (rank <= last)
            {
                return false;
            }

            last = rank;
        }

        return true;
    }

    private static string NameOf(string unit) => unit switch
    {
        "d" => "day",
        "ms" => "millisecond",
        ['h', ..] => "hour",
        ['m', ..] => "minute",
        _ => "second",
    };
}
