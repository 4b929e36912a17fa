using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>
/// Dates: in digits with the year first (2024-05-17, as ISO 8601), the month first (5/17/2024, 12-25-2023, as Americans write) or, where that
/// cannot be, the day first; with the month's name (Jan. 3, 17 May 2024, Jan-15-2020); months of a year (2020-12); eras (79 AD, AD 79).
/// </summary>
internal sealed partial class Dates : SemioticClass
{
    // Behind these 5/17 may be a day; in digits alone it is one only where nothing else could be meant.
    private static readonly HashSet<string> BeforeDates =
    [
        "on", "of", "from", "to", "by", "until", "till", "since", "the", "before", "after", "and", "born", "died", "due", "dated", "between",
        "through",
    ];

    // Those of them that stand in front of fractions as well: of 5/8, the 1/2.
    private static readonly HashSet<string> BeforeFractions = ["of", "the", "and", "to", "between", "after"];

    // Behind these 5/2024 is a month, where it could be a fraction.
    private static readonly HashSet<string> BeforeMonths = ["in", "since", "from", "until", "by", "of", "due"];

    // Months that are ordinary words as well.
    private static readonly HashSet<string> AlsoWords = ["may", "march", "mar"];

    public override string Name => "date";

    [GeneratedRegex(@"\G(?:(?<y>\d{4})(?<s>[-/.])(?<a>\d{1,2})\k<s>(?<b>\d{1,2})(?!\d|[-/]\d|\.\d)(?:T(?=\d\d:))?" // the year in front
        + @"|(?<a>\d{1,2})(?<s>[-/.])(?<b>\d{1,2})\k<s>(?<y>\d{4}|\d{2})(?!\d|[-/]\d|\.\d))")] // the year behind
    private static partial Regex InDigits { get; }

    [GeneratedRegex(@"\G(?:(?<y>\d{4})-(?<m>0[1-9]|1[0-2])" // 2020-12
        + @"|(?<m>0?[1-9]|1[0-2])/(?<y>(?:19|20)\d\d)" // 12/2020
        + @"|(?<m>[1-9]|1[0-2])/(?<d>\d{1,2}))(?![\d/-]|\.\d)")] // 12/24
    private static partial Regex MonthInDigits { get; }

    [GeneratedRegex(@"\G(?<d>\d{1,2})(?<th>st|nd|rd|th)?(?<of> of | |-)(?<m>[A-Za-z]{3,9})(?![A-Za-z'])\.?" // 17th of May
        + @"(?:(?:, | |-)(?<y>\d{4})(?!\d|-\d|/\d|,\d|:))?")] // the year
    private static partial Regex DayFirst { get; }

    [GeneratedRegex(@"\G(?<m>[A-Za-z]{3,9})(?:\.? |-)(?<d>\d{1,2})(?<th>st|nd|rd|th|ST|ND|RD|TH)?" // Jan. 3rd
        + @"(?:(?: |-)(?<y>\d{4}))?(?![\dA-Za-z:/%]|[.,]\d|-\d)")] // the year, and nothing that makes another number of it
    private static partial Regex MonthFirst { get; }

    [GeneratedRegex(@"\G(?:(?<n>\d{1,4})(?<s>s?) ?(?<era>B\.?C\.?E\.?|B\.?C\.?|C\.?E\.|C\.?E|A\.?D\.?)(?![A-Za-z])" // 79 AD, 300s BC
        + @"|(?<era>AD|BC|A\.D\.|B\.C\.) (?<n>\d{1,4})(?![\d.,:/]\d|\d))")] // AD 79
    private static partial Regex Era { get; }

    [GeneratedRegex(@"\G(?<y>(?:19|20)(?<a>\d\d))/(?<b>\d\d)(?![\d/])")]
    private static partial Regex SplitYear { get; }

    [GeneratedRegex(@"\G(?<q>[1-4])Q ?(?<y>\d{4}|\d\d)(?![A-Za-z0-9])")]
    private static partial Regex Quarter { get; }

    public override bool MayBeginWith(char first) => char.IsAsciiDigit(first) || "JFMASONDBCTWjfmasond".Contains(first, StringComparison.Ordinal);

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        if (passage.IsLetterOrDigit(at - 1))
        {
            return;
        }

        if (passage.IsDigit(at))
        {
            var isWithin = passage[at - 1] is '.' or '-' or '/' && passage.IsLetterOrDigit(at - 2);
            if (!isWithin)
            {
                ProposeDigitsFirst(passage, at, readings);
                ProposeEra(passage, at, readings);
            }

            return;
        }

        var word = passage.Text.AsSpan(at, passage.LettersEnd(at) - at);
        if (Calendar.NumberOf(word) is > 0 and var month)
        {
            ProposeMonthFirst(passage, at, month, readings);
        }
        else if (Calendar.WeekdayOf(word) is { } weekday)
        {
            ProposeName(passage, at, weekday, readings);
        }

        if (passage[at] is 'A' or 'B')
        {
            ProposeEra(passage, at, readings);
        }
    }

    private static void ProposeDigitsFirst(Passage passage, int at, ReadingList readings)
    {
        var end = passage.DigitsEnd(at);
        switch (passage[end])
        {
            case '-' or '/' or '.':
                ProposeInDigits(passage, at, readings);
                ProposeSplitYear(passage, at, readings);
                if (MonthInDigits.Match(passage.Text, at) is { Success: true } month)
                {
                    ProposeMonthInDigits(passage, month, readings);
                }

                break;
            case 'Q':
                ProposeQuarter(passage, at, readings);
                break;
        }

        if (end - at <= 2 && passage[end] is ' ' or '-' or 's' or 'n' or 'r' or 't')
        {
            ProposeDayFirst(passage, at, readings);
        }
    }

    /// <summary>1Q24, 3Q 2023: "first quarter of twenty four".</summary>
    private static void ProposeQuarter(Passage passage, int at, ReadingList readings)
    {
        if (Quarter.Match(passage.Text, at) is { Success: true } quarter)
        {
            var year = quarter.Groups["y"].Value;
            var saidYear = year.Length == 2 ? Calendar.ShortYear(year) : Numerals.Year(year);
            var words = $"{Numerals.Ordinal(quarter.Groups["q"].ValueSpan)} quarter of {saidYear}";
            readings.Add(at, at + quarter.Length, "quarter of a year", words);
        }
    }

    private static void ProposeInDigits(Passage passage, int at, ReadingList readings)
    {
        if (InDigits.Match(passage.Text, at) is not { Success: true } match)
        {
            return;
        }

        var (first, second) = (Numerals.Value(match.Groups["a"].ValueSpan), Numerals.Value(match.Groups["b"].ValueSpan));
        var (year, separator) = (match.Groups["y"].Value, match.Groups["s"].Value);
        var isYearFirst = match.Groups["y"].Index == at;

        // A point between the parts is how Europeans write, and they write the day first.
        var isDayFirst = separator == "." && !isYearFirst;
        var (month, day) = isDayFirst || (first > 12 && second <= 12) ? (second, first) : (first, second);

        // With the year in front it is a date even where the calendar has no such day.
        var isDay = isYearFirst ? month is >= 1 and <= 12 && day is >= 1 and <= 31 : Calendar.IsDay(month, day);
        var isVersion = separator == "." && (year.Length == 2 || (isYearFirst && !Numerals.IsYear(year)));
        var isScore = separator == "-" && year.Length == 2 && first == second;
        if (isDay && !isVersion && !isScore)
        {
            readings.Add(at, at + match.Length, "date in digits", Calendar.Say(month, day, year),
                year.Length == 2 ? Reading.Usual - 10 : Reading.Certain, new(ValueKind.Date, 0));
        }
    }

    /// <summary>2019/20, the season or the school year that ends in the next year.</summary>
    private static void ProposeSplitYear(Passage passage, int at, ReadingList readings)
    {
        if (SplitYear.Match(passage.Text, at) is not { Success: true } match)
        {
            return;
        }

        var (first, second) = (Numerals.Value(match.Groups["a"].ValueSpan), Numerals.Value(match.Groups["b"].ValueSpan));
        if ((first + 1) % 100 == second)
        {
            var words = $"{Numerals.Year(match.Groups["y"].ValueSpan)} to {Calendar.ShortYear(match.Groups["b"].Value)}";
            readings.Add(at, at + match.Length, "year that crosses over", words, Reading.Certain);
        }
    }

    private static void ProposeMonthInDigits(Passage passage, Match match, ReadingList readings)
    {
        var month = Numerals.Value(match.Groups["m"].ValueSpan);
        var (end, before) = (match.Index + match.Length, passage.WordBefore(match.Index));
        if (match.Groups["d"].Success)
        {
            var day = Numerals.Value(match.Groups["d"].ValueSpan);
            if (Calendar.IsDay(month, day))
            {
                var isDate = BeforeDates.Contains(before) && !BeforeFractions.Contains(before);
                readings.Add(match.Index, end, "month and day", Calendar.Say(month, day, ""),
                    isDate ? Reading.Certain : Reading.Doubtful, new(ValueKind.Date, 0));
            }

            return;
        }

        // 2008-10 may be a span of years; 2020-12 would run backwards. And 5/2024 may be a fraction.
        var year = match.Groups["y"].Value;
        var isYearFirst = match.Groups["y"].Index == match.Index;
        var isOther = isYearFirst
            ? month > Numerals.Value(year.AsSpan(2))
            : match.Groups["m"].Length == 1 && !BeforeMonths.Contains(before);
        if (Numerals.IsYear(year))
        {
            readings.Add(match.Index, end, "month of a year", $"{Calendar.NameOf(month)} {Numerals.Year(year)}",
                isOther ? Reading.Usual + 20 : Reading.Usual - 20, new(ValueKind.Date, 0));
        }
    }

    private static void ProposeDayFirst(Passage passage, int at, ReadingList readings)
    {
        if (DayFirst.Match(passage.Text, at) is not { Success: true } match
            || Calendar.NumberOf(match.Groups["m"].ValueSpan) is not (> 0 and var month)
            || !Calendar.IsDay(month, Numerals.Value(match.Groups["d"].ValueSpan)))
        {
            return;
        }

        var (before, year, name) = (passage.WordBefore(at), match.Groups["y"].Value, match.Groups["m"].Value);
        var (hasEnding, isJoined) = (match.Groups["th"].Success, match.Groups["of"].Value == "-");
        var isOrdinary = year.Length == 0 && AlsoWords.Contains(name.ToLowerInvariant());
        var isMonth = !isOrdinary || hasEnding || (BeforeDates.Contains(before) && Capitals.Begin(name));
        if (!isMonth || (isJoined && year.Length == 0))
        {
            return;
        }

        // "17 May" and "17th May" are said as "the seventeenth of may".
        var hasArticle = before == "the" || (hasEnding && match.Groups["of"].Value == " of ");
        var words = $"{(hasArticle ? "" : "the ")}{Numerals.Ordinal(match.Groups["d"].ValueSpan)} of {Calendar.NameOf(month)}";
        if (year.Length > 0 && Numerals.IsYear(year))
        {
            readings.Add(at, match.Index + match.Length, "day, month and year", $"{words} {Numerals.Year(year)}", Reading.Certain,
                new(ValueKind.Date, 0));
        }

        var monthEnd = match.Groups["m"].Index + name.Length;
        readings.Add(at, monthEnd + DotLength(passage, monthEnd, name), "day and month", words, Reading.Usual - 10, new(ValueKind.Date, 0));
    }

    private static void ProposeMonthFirst(Passage passage, int at, int month, ReadingList readings)
    {
        var end = passage.LettersEnd(at);
        var name = passage.Text[at..end];
        var isOrdinary = !Capitals.Begin(name) && AlsoWords.Contains(name.ToLowerInvariant());
        if (isOrdinary)
        {
            return;
        }

        if (MonthFirst.Match(passage.Text, at) is { Success: true } match)
        {
            var dayOfMonth = Numerals.Value(match.Groups["d"].ValueSpan);
            if (Calendar.IsDay(month, dayOfMonth))
            {
                readings.Add(at, at + match.Length, "month and day", Calendar.Say(month, dayOfMonth, match.Groups["y"].Value),
                    Reading.Certain, new(ValueKind.Date, dayOfMonth));
            }
        }
        else if (passage[end] is ' ' or '.' && WrittenNumber.TryRead(passage, passage.SkipSpaces(end + 1), out var day)
            && day.IsPlain && day.Whole.Length <= 2 && Calendar.IsDay(month, (int)day.Amount) && passage[day.End] is '-' or '\u2013')
        {
            // "May 5-7": the day alone, so that a range can follow.
            readings.Add(at, day.End, "month and day", Calendar.Say(month, (int)day.Amount, ""), value: new(ValueKind.Date, day.Amount));
        }

        ProposeName(passage, at, Calendar.NameOf(month), readings);
    }

    /// <summary>The name of a month or a day alone; a short form wants its dot or a number or another such name beside it.</summary>
    private static void ProposeName(Passage passage, int at, string name, ReadingList readings)
    {
        var end = passage.LettersEnd(at);
        var written = passage.Text[at..end];
        if (passage[end] == '\'' || !Capitals.Begin(written))
        {
            return;
        }

        var isFull = written.Equals(name, StringComparison.OrdinalIgnoreCase);
        var isShort = IsBesideName(passage, at, end)
            || (passage[end] == '.' && !passage.IsLetterOrDigit(end + 1))
            || (passage[end] == ',' && passage.IsDigit(passage.SkipSpaces(end + 1)))
            || (passage[end] == ' ' && passage.DigitsEnd(end + 1) - end == 5 && Numerals.IsYear(passage.Text.AsSpan(end + 1, 4)));
        if (isFull || isShort)
        {
            readings.Add(at, end + DotLength(passage, end, written), "name of the calendar", name, Reading.Usual - 5,
                new(ValueKind.CalendarName, 0));
        }
    }

    /// <summary>Mon-Fri, Jan/Feb, Wed Jan: another name of the calendar on one side.</summary>
    private static bool IsBesideName(Passage passage, int start, int end)
    {
        var isJoinedBefore = passage[start - 1] is '-' or '\u2013' or '/';
        var isJoinedBehind = passage[end] is '-' or '\u2013' or '/';
        var next = passage.WordAfter(end);
        return (isJoinedBefore && IsName(passage.WrittenBefore(start - 1)))
            || (isJoinedBehind && IsName(passage.WordAfter(end + 1)))
            || (passage[end] == ' ' && Capitals.Begin(next) && Calendar.NumberOf(next) > 0);
    }

    private static bool IsName(ReadOnlySpan<char> word) => Calendar.NumberOf(word) > 0 || Calendar.WeekdayOf(word) is not null;

    /// <summary>79 AD, 340 B.C., AD 79: the letters of the era with a number in front or behind.</summary>
    private static void ProposeEra(Passage passage, int at, ReadingList readings)
    {
        if (Era.Match(passage.Text, at) is not { Success: true } match)
        {
            return;
        }

        // The full stop of "340 B.C." may end the sentence, which the reading of its initials finds out: it stays outside.
        var era = string.Join(' ', match.Groups["era"].Value.Where(char.IsAsciiLetter));
        var digits = match.Groups["n"].Value;
        var number = digits.Length >= 3 ? Numerals.Name(digits) : Numerals.Cardinal(digits);
        var years = match.Groups["s"].Length > 0 ? Numerals.Plural(number) : number;
        var words = match.Groups["era"].Index == at ? $"{era} {number}" : $"{years} {era}";
        readings.Add(at, at + match.Length, "era", words, Reading.Certain, new(ValueKind.Year, 0));
    }

    /// <summary>The length of the dot of a short name, which belongs to it where the sentence goes on; 0 where there is none.</summary>
    private static int DotLength(Passage passage, int end, string written)
    {
        var isShort = written.Length <= 5 && !written.Equals(Calendar.MonthOf(written), StringComparison.OrdinalIgnoreCase);
        var goesOn = passage[end + 1] is ',' or '-' or '\u2013' || (passage[end + 1] == ' ' && !SentenceEnds.IsStarter(passage.WordAfter(end + 1)));
        return passage[end] == '.' && isShort && goesOn ? 1 : 0;
    }
}
