using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>Times of day: 9:05, 15:30, 12:40:30, 7 p.m., 9.30pm, 14h30, 7 a.m. EST.</summary>
internal sealed partial class Times : SemioticClass
{
    // Behind these two numbers with a colon are a ratio or a score.
    private static readonly HashSet<string> BeforeRatios =
    [
        "ratio", "ratios", "odds", "scale", "scaled", "mix", "mixed", "proportion", "score", "won", "lost", "dilute", "diluted", "versus",
    ];

    // What a ratio is of, behind it: a 1:10 dilution.
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> AfterRatios =
        ReadingTable.Set("dilution ratio scale odds mix mixture model");

    private static readonly HashSet<string> Zones =
        ["EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT", "GMT", "UTC", "CET", "BST", "ET", "PT"];

    public override string Name => "time";

    [GeneratedRegex(@"\G(?<h>\d{1,2})(?:"
        + @"(?<c>[:.])(?<m>[0-5]\d)(?::(?<s>[0-5]\d)(?:[.,]\d{1,9})?)?" // 9:05, 12:40:30.5
        + @"|[hH](?<m>[0-5]\d))?" // 14h30
        + @"(?: ?(?<half>[AaPp])\.?[Mm](?![A-Za-z])(?<dot>\.?))?")] // p.m.
    private static partial Regex TimeOfDay { get; }

    [GeneratedRegex(@"\G(?:[01]\d|2[0-4])[0-5]\d(?= (?:hours|hrs)(?![a-z]))")]
    private static partial Regex Military { get; }

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        var digits = passage.DigitsEnd(at) - at;
        if (digits == 4 && !passage.IsLetterOrDigit(at - 1) && Military.IsMatch(passage.Text, at))
        {
            readings.Add(at, at + 4, "time of day in four digits", MilitaryTime(passage.Text.AsSpan(at, 4)), Reading.Certain);
        }

        // Behind the T of a date a time may stand: 2024-05-17T09:05.
        var isBehindDate = passage[at - 1] == 'T' && passage.IsDigit(at - 2);
        var isWithin = (passage.IsLetter(at - 1) && !isBehindDate) || (passage[at - 1] is ':' or '.' && passage.IsDigit(at - 2));
        if (digits <= 2 && !isWithin && TimeOfDay.Match(passage.Text, at) is var match && IsTime(passage, match))
        {
            ProposeTime(passage, match, readings);
        }
    }

    private static void ProposeTime(Passage passage, Match match, ReadingList readings)
    {
        var half = match.Groups["half"].Value.ToUpperInvariant();
        var hasHalf = half.Length > 0;
        var hour = Numerals.Value(match.Groups["h"].ValueSpan);
        var words = NumberWords.Cardinal(hour) + Minutes(match, hour, hasHalf) + (hasHalf ? $" {half} M" : "");
        var end = match.Index + match.Length;
        var isRatio = !hasHalf && (passage.HasBefore(match.Index, BeforeRatios) || AfterRatios.Contains(passage.WordAfter(end)));

        if (ZoneAt(passage, end, hasHalf) is { } zone)
        {
            words = $"{words} {Spelling.Letters(zone)}";
            end = passage.SkipSpaces(end) + zone.Length;
        }

        // The dot of "p.m." ends the sentence where the next word begins one; that of "pm." is a full stop by itself.
        var dots = match.ValueSpan.Count('.');
        var ends = dots > 1 && match.Groups["dot"].Length > 0 && SentenceEnds.Follows(passage, end);
        readings.Add(match.Index, end, "time of day", words + (ends ? " ." : ""), isRatio ? Reading.Doubtful + 20 : Reading.Usual - 10,
            new(ValueKind.Time, hour, half));
    }

    /// <summary>Whether an hour stands with its minutes or its half of the day, and with nothing behind that makes it another number.</summary>
    private static bool IsTime(Passage passage, Match match)
    {
        var (hasHalf, hasMinute) = (match.Groups["half"].Success, match.Groups["m"].Success);
        var isDecimal = match.Groups["c"].Value == "." && !hasHalf;
        var hour = Numerals.Value(match.Groups["h"].ValueSpan);
        var isHour = hour <= 24 && (hasMinute || hour is >= 1 and <= 12);
        if (!(hasMinute || hasHalf) || isDecimal || !isHour)
        {
            return false;
        }

        var end = match.Index + match.Length;
        var isJoined = passage.IsLetter(end) && match.Groups["dot"].Length == 0 && !IsZone(passage, end);
        return !isJoined && !passage.IsDigit(end) && !(passage[end] == ':' && passage.IsDigit(end + 1));
    }

    /// <summary>The zone behind a time; in small letters, which would be read as a word, only behind a half of the day: 1:59 p.m. est.</summary>
    private static string? ZoneAt(Passage passage, int end, bool hasHalf)
    {
        var start = passage.SkipSpaces(end);
        if (start > end + 1 || !passage.IsLetter(start))
        {
            return null;
        }

        var zone = passage.Text[start..passage.LettersEnd(start)];
        return Zones.Contains(hasHalf ? zone.ToUpperInvariant() : zone) ? zone : null;
    }

    /// <summary>Whether three capitals behind a time are a zone: 11:30EST.</summary>
    private static bool IsZone(Passage passage, int at) => Zones.Contains(passage.Text[at..passage.LettersEnd(at)]);

    /// <summary>"fourteen thirty", "zero six hundred", "fourteen oh five", "zero five", as soldiers say it.</summary>
    private static string MilitaryTime(ReadOnlySpan<char> digits)
    {
        var (hours, minutes) = (Numerals.Value(digits[..2]), Numerals.Value(digits[2..]));
        var saidHours = hours == 0 ? "zero" : (hours < 10 ? "zero " : "") + NumberWords.Cardinal(hours);
        var oh = hours > 0 && minutes < 10 ? "oh " : "";
        return $"{saidHours} {(minutes == 0 ? "hundred" : oh + NumberWords.Cardinal(minutes))}";
    }

    private static string Minutes(Match match, int hour, bool hasHalf)
    {
        if (!match.Groups["m"].Success)
        {
            return "";
        }

        var minute = Numerals.Value(match.Groups["m"].ValueSpan);
        if (!match.Groups["s"].Success)
        {
            return minute > 0 ? OhMinutes(minute) : hasHalf ? "" : hour is >= 1 and <= 12 ? " o'clock" : " hundred";
        }

        var seconds = Numerals.Count(Numerals.Value(match.Groups["s"].ValueSpan), "second", "seconds");
        if (!hasHalf && match.Groups["h"].Length == 1)
        {
            // 1:01:01 with one digit in front is how a length of time is written.
            return $" {(hour == 1 ? "hour" : "hours")} {Numerals.Count(minute, "minute", "minutes")} and {seconds}";
        }

        return $"{(minute == 0 ? " zero" : OhMinutes(minute))} and {seconds}";
    }

    private static string OhMinutes(int minute) => (minute < 10 ? " oh " : " ") + NumberWords.Cardinal(minute);
}
