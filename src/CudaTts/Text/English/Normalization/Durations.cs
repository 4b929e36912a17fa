using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>Lengths of time of several units, or of one that its neighbours make one: 2h 34m, 1m20s, 3d 4h, "wait 30s".</summary>
internal sealed partial class Durations : SemioticClass
{
    private const string Unit = "(?:[dhms]|min|mins|sec|secs|hr|hrs|ms)";

    private const string WordEnd = @"(?![A-Za-z0-9]|'\p{L})";

    private static readonly HashSet<string> BeforeDurations =
    [
        "wait", "waits", "waited", "for", "after", "every", "within", "timeout", "takes", "took", "take", "lasts", "lasted", "than", "under", "over",
        "about", "last", "past", "next", "another", "least", "most",
    ];

    private static readonly HashSet<string> AfterDurations =
        ["timeout", "delay", "interval", "later", "remaining", "left", "ago", "window", "period", "long"];

    public override string Name => "duration";

    [GeneratedRegex(@"\G(?:(?<n>\d{1,4}(?:\.\d{1,3}(?=s|sec|ms))?)(?<u>" + Unit + ")(?:"
        + @"(?:, | )?(?=\d{1,3}(?:\.\d{1,3})?" + Unit + WordEnd // the last unit comes next
        + @"|\d{1,3}[dhms]\d)" // another unit comes next, and more behind it
        + "|" + WordEnd + "))" // nothing comes next
        + "{1,4}")]
    private static partial Regex Pattern { get; }

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        var digits = passage.DigitsEnd(at);
        if (!(passage.IsLetter(digits) || passage[digits] == '.') || passage.IsLetter(at - 1)
            || Pattern.Match(passage.Text, at) is not { Success: true } match)
        {
            return;
        }

        var (units, numbers) = (match.Groups["u"].Captures, match.Groups["n"].Captures);
        var isAlone = units.Count == 1 && !IsDuration(passage, match);
        var isOther = isAlone && (units[0].Value != "s" || IsDecade(passage, at, numbers[0].Value));
        if (!isOther && AreDescending(units))
        {
            var words = units.Select((unit, i) => Numerals.Count(numbers[i].Value, NameOf(unit.Value), NameOf(unit.Value) + "s"));
            readings.Add(at, at + match.Length, "duration", string.Join(' ', words), isAlone ? Reading.Usual + 20 : Reading.Certain);
        }
    }

    /// <summary>Whether its neighbours make one number with its unit a length of time; by itself "30s" may be a decade, "5m" meters.</summary>
    private static bool IsDuration(Passage passage, Match match)
    {
        var next = passage.WordAfter(match.Index + match.Length).ToString();
        return match.Groups["u"].Value switch
        {
            // Nothing that is counted in tenths has a plural.
            "s" when match.Groups["n"].Value.Contains('.', StringComparison.Ordinal) => true,
            "s" => BeforeDurations.Contains(passage.WordBefore(match.Index)) || AfterDurations.Contains(next),
            "m" => next is "ago" or "later" or "remaining" or "left",
            _ => false,
        };
    }

    private static bool IsDecade(Passage passage, int at, string number) =>
        number.Length == 4 || (number is [_, '0'] && Ordinals.IsBeforeDecade(passage.WordBefore(at)));

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
