using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>Dates in digits: 2024-05-17, 5/17/2024 (the month first, as Americans write), 17.5.2024 (the day first).</summary>
internal sealed partial class NumericDates : PatternClass
{
    protected override Regex Pattern => DatePattern;

    [GeneratedRegex(@"\G(?:(?<y>\d{4})-(?<m>\d\d)-(?<d>\d\d)(?!\d|-\d)(?:T(?=\d\d:))?|(?<m>\d{1,2})/(?<d>\d{1,2})/(?<y>\d{4}|\d{2})(?![\d/])"
        + @"|(?<d>\d{1,2})\.(?<m>\d{1,2})\.(?<y>\d{4})(?!\d|\.\d))")]
    private static partial Regex DatePattern { get; }

    protected override int Say(Match match, Passage passage)
    {
        var (month, day) = (Numerals.Value(match.Groups["m"].ValueSpan), Numerals.Value(match.Groups["d"].ValueSpan));
        if (month > 12 && day <= 12)
        {
            (month, day) = (day, month);
        }

        if (!Calendar.IsDay(month, day))
        {
            return 0;
        }

        passage.Spoken.AddWords(Calendar.Say(month, day, match.Groups["y"].Value));
        return match.Length;
    }
}

/// <summary>A day in front of its month: 17 May 2024, 17th of May. The month's name must not be an ordinary word there.</summary>
internal sealed partial class DayAndMonth : PatternClass
{
    private static readonly HashSet<string> BeforeDates = ["on", "of", "from", "to", "by", "until", "till", "since", "the", "before", "after",
        "and", "born", "died"];

    protected override Regex Pattern => DayPattern;

    [GeneratedRegex(@"\G(?<d>\d{1,2})(?:(?<of>(?:st|nd|rd|th) of )|(?:st|nd|rd|th)?[ -])(?<m>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov"
        + @"|Dec|January|February|March|April|June|July|August|September|October|November|December)(?![A-Za-z])\.?(?:[ ,-]{1,2}(?<y>\d{4})(?!\d))?")]
    private static partial Regex DayPattern { get; }

    protected override int Say(Match match, Passage passage)
    {
        var (day, month, year) = (Numerals.Value(match.Groups["d"].ValueSpan), match.Groups["m"].Value, match.Groups["y"].Value);
        var isPlain = month is not ("May" or "March" or "Mar") || year.Length > 0 || BeforeDates.Contains(passage.Spoken.LastWord);
        if (day is < 1 or > 31 || !isPlain)
        {
            return 0;
        }

        var the = passage.Spoken.LastWord == "the" || match.Groups["of"].Success ? "" : "the ";
        passage.Spoken.AddWords($"{the}{NumberWords.Ordinal(NumberWords.Cardinal(day))} of {Calendar.MonthOf(month)}");
        if (year.Length > 0)
        {
            passage.Spoken.AddWords(Numerals.Year(year));
        }

        return match.Length;
    }
}
