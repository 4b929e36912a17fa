using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>Times of day and durations: 9:05, 15:30, 12:40:30, 7 p.m.; other numbers with a colon between are a ratio.</summary>
internal sealed partial class Times : PatternClass
{
    protected override Regex Pattern => TimePattern;

    [GeneratedRegex(@"\G(?:(?<h>\d{1,2}):(?<m>[0-5]\d)(?::(?<s>[0-5]\d))?(?![\d:])(?:\.\d+)?(?: ?(?<half>[AaPp])\.?[Mm](?![A-Za-z])"
        + @"(?<dot>\.?))?|(?<h>1[0-2]|0?[1-9]) ?(?<half>[AaPp])(?<dotted>\.?)[Mm](?![A-Za-z])(?<dot>\.?)|(?<a>\d{1,9}):(?<b>\d{1,9})(?![\d:]))")]
    private static partial Regex TimePattern { get; }

    protected override int Say(Match match, Passage passage)
    {
        var spoken = passage.Spoken;
        if (match.Groups["a"].Success)
        {
            spoken.AddWords($"{Numerals.Cardinal(match.Groups["a"].Value)} to {Numerals.Cardinal(match.Groups["b"].Value)}");
            return match.Length;
        }

        var (hour, half) = (Numerals.Value(match.Groups["h"].ValueSpan), match.Groups["half"].Value);
        if (hour > 24)
        {
            return 0;
        }

        spoken.AddWords(NumberWords.Cardinal(hour));
        if (match.Groups["m"].Success)
        {
            SayMinutes(Numerals.Value(match.Groups["m"].ValueSpan), hour, half.Length > 0 || match.Groups["s"].Success, spoken);
        }

        if (match.Groups["s"].Success)
        {
            var seconds = Numerals.Value(match.Groups["s"].ValueSpan);
            spoken.AddWords($"and {NumberWords.Cardinal(seconds)} {(seconds == 1 ? "second" : "seconds")}");
        }

        if (half.Length > 0)
        {
            spoken.AddLetters(half + "m");
            SentenceEnds.AfterAbbreviation(passage, match.Index + match.Length, match.Groups["dot"].Length > 0);
        }

        return match.Length;
    }

    private static void SayMinutes(int minute, int hour, bool isExact, SpokenText spoken)
    {
        if (minute > 0)
        {
            spoken.AddWords((minute < 10 ? "oh " : "") + NumberWords.Cardinal(minute));
        }
        else if (!isExact)
        {
            spoken.AddWord(hour is >= 1 and <= 12 ? "o'clock" : "hundred");
        }
    }
}
