using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>Times of day: 9:05, 15:30, 12:40:30, 7 p.m., 9.30pm, 14h30, 7 a.m. EST.</summary>
internal sealed partial class Times : SemioticClass
{
    private static readonly HashSet<string> BeforeRatios = ["ratio", "odds", "scale", "mix", "proportion", "score", "won", "lost", "dilute", "diluted", "mixed", "ratios", "versus", "scaled"];

    private static readonly HashSet<string> Zones = ["EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT", "GMT", "UTC", "CET", "BST", "ET", "PT"];

    public override string Name => "time";

    [GeneratedRegex(@"\G(?<h>\d{1,2})(?:(?<c>[:.])(?<m>[0-5]\d)(?::(?<s>[0-5]\d)(?:[.,]\d{1,9})?)?|[hH](?<m>[0-5]\d))?(?: ?(?<half>[AaPp])\.?[Mm](?![A-Za-z])(?<dot>\.?))?")]
    private static partial Regex TimeOfDay { get; }

    [GeneratedRegex(@"\G(?:[01]\d|2[0-4])[0-5]\d(?= (?:hours|hrs)(?![a-z]))")]
    private static partial Regex Military { get; }

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        var digits = passage.DigitsEnd(at) - at;
        if (digits == 4 && Military.IsMatch(passage.Text, at) && !passage.IsLetterOrDigit(at - 1))
        {
            var minutes = passage.Text.AsSpan(at + 2, 2);
            var hours = (passage[at] == '0' ? "zero " : "") + NumberWords.Cardinal(passage.Text.AsSpan(at, 2));
            readings.Add(at, at + 4, "time of day in four digits", passage.Has(at, "00") ? $"zero {(minutes is "00" ? "hundred" : NumberWords.Cardinal(minutes))}"
                : $"{hours} {(minutes is "00" ? "hundred" : (minutes[0] == '0' ? "oh " : "") + NumberWords.Cardinal(minutes))}", Reading.Certain);
        }

        if (digits > 2 || (passage.IsLetter(at - 1) && !(passage[at - 1] == 'T' && passage.IsDigit(at - 2))) || (passage[at - 1] is ':' or '.' && passage.IsDigit(at - 2)))
        {
            return;
        }

        var match = TimeOfDay.Match(passage.Text, at);
        var (half, hasMinute) = (match.Groups["half"].Value, match.Groups["m"].Success);
        var isPoint = match.Groups["c"].Value == "." && half.Length == 0;
        var hour = Numerals.Value(match.Groups["h"].ValueSpan);
        var end = at + match.Length;
        if (isPoint || !(hasMinute || half.Length > 0) || hour > 24 || (half.Length > 0 && hour is 0 or > 12 && !hasMinute)
            || passage.IsDigit(end) || (passage.IsLetter(end) && match.Groups["dot"].Length == 0 && !IsZone(passage, end)) || (passage[end] == ':' && passage.IsDigit(end + 1)))
        {
            return;
        }

        var words = NumberWords.Cardinal(hour) + Minutes(match, hour, half.Length > 0) + (half.Length > 0 ? $" {char.ToUpperInvariant(half[0])} M" : "");
        var isRatio = passage.HasBefore(at, BeforeRatios) || passage.WordAfter(end) is "dilution" or "ratio" or "scale" or "odds" or "mix" or "mixture" or "model";
        var cost = isRatio && half.Length == 0 ? Reading.Doubtful + 20 : Reading.Usual - 10;

        // A zone in small letters would be read as a word: 1:59 p.m. est.
        var zone = passage.SkipSpaces(end);
        var zoneEnd = passage.LettersEnd(zone);
        if (zone <= end + 1 && passage.IsLetter(zone) && (Zones.Contains(passage.Text[zone..zoneEnd])
            || (half.Length > 0 && Zones.Contains(passage.Text[zone..zoneEnd].ToUpperInvariant()))))
        {
            words += " " + string.Join(' ', passage.Text[zone..zoneEnd].ToUpperInvariant().ToCharArray());
            end = zoneEnd;
        }

        // The dot of "p.m." ends the sentence where the next word begins one.
        var ends = match.Groups["dot"].Length > 0 && match.Value.AsSpan().IndexOf('.') < match.Length - 1
            && SentenceEnds.Follows(passage, end);
        readings.Add(at, end, "time of day", words + (ends ? " ." : ""), cost,
            new(ValueKind.Time, hour, half.ToUpperInvariant()));
    }

    /// <summary>Whether three capitals behind a time are a zone: 11:30EST.</summary>
    private static bool IsZone(Passage passage, int at) => Zones.Contains(passage.Text[at..passage.LettersEnd(at)]);

    private static string Minutes(Match match, int hour, bool hasHalf)
    {
        if (!match.Groups["m"].Success)
        {
            return "";
        }

        var minute = Numerals.Value(match.Groups["m"].ValueSpan);
        var hasSeconds = match.Groups["s"].Success;
        if (hasSeconds && !hasHalf && match.Groups["h"].Length == 1)
        {
            // 1:01:01 with one digit in front is how a length of time is written.
            var (hours, all) = (match.Groups["h"].Value, Numerals.Value(match.Groups["s"].ValueSpan));
            return $" {Count("hour", Numerals.Value(hours))} {NumberWords.Cardinal(minute)} {Count("minute", minute)} and {NumberWords.Cardinal(all)} {Count("second", all)}";
        }

        var words = minute > 0 ? (minute < 10 ? " oh " : " ") + NumberWords.Cardinal(minute)
            : hasSeconds ? " zero" : hasHalf ? "" : hour is >= 1 and <= 12 ? " o'clock" : " hundred";
        if (!hasSeconds)
        {
            return words;
        }

        var seconds = Numerals.Value(match.Groups["s"].ValueSpan);
        return $"{words} and {NumberWords.Cardinal(seconds)} {Count("second", seconds)}";
    }

    private static string Count(string unit, int number) => number == 1 ? unit : unit + "s";
}
