using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>
/// Dates: in digits with the year first (2024-05-17, as ISO 8601), the month first (5/17/2024, 12-25-2023, as Americans write) or, where that
/// cannot be, the day first; with the month's name (Jan. 3, 17 May 2024, Jan-15-2020); months of a year (2020-12); eras (79 AD, AD 79).
/// </summary>
internal sealed partial class Dates : SemioticClass
{
    private static readonly HashSet<string> BeforeDates = ["on", "of", "from", "to", "by", "until", "till", "since", "the", "before", "after",
        "and", "born", "died", "due", "dated", "between", "through"];

    // Months that are ordinary words as well.
    private static readonly HashSet<string> AlsoWords = ["may", "march", "mar"];

    public override string Name => "date";

    public override bool MayBeginWith(char first) => char.IsAsciiDigit(first) || "JFMASONDBCjfmasondT".Contains(first, StringComparison.Ordinal) || first == 'W';

    [GeneratedRegex(@"\G(?:(?<y>\d{4})(?<s>[-/.])(?<a>\d{1,2})\k<s>(?<b>\d{1,2})(?!\d|[-/]\d|\.\d)(?:T(?=\d\d:))?"
        + @"|(?<a>\d{1,2})(?<s>[-/.])(?<b>\d{1,2})\k<s>(?<y>\d{4}|\d{2})(?!\d|[-/]\d|\.\d))")]
    private static partial Regex InDigits { get; }

    [GeneratedRegex(@"\G(?:(?<y>\d{4})-(?<m>0[1-9]|1[0-2])|(?<m>0?[1-9]|1[0-2])/(?<y>(?:19|20)\d\d)|(?<m>[1-9]|1[0-2])/(?<d>\d{1,2}))(?![\d/-]|\.\d)")]
    private static partial Regex MonthInDigits { get; }

    [GeneratedRegex(@"\G(?<d>\d{1,2})(?<th>st|nd|rd|th)?(?<of> of | |-)(?<m>[A-Za-z]{3,9})(?![A-Za-z'])\.?(?:(?:, | |-)(?<y>\d{4})(?!\d|-\d|/\d|,\d|:))?")]
    private static partial Regex DayFirst { get; }

    [GeneratedRegex(@"\G(?<m>[A-Za-z]{3,9})(?:\.? |-)(?<d>\d{1,2})(?<th>st|nd|rd|th|ST|ND|RD|TH)?(?:(?: |-)(?<y>\d{4}))?(?![\dA-Za-z:/%]|[.,]\d|-\d)")]
    private static partial Regex MonthFirst { get; }

    [GeneratedRegex(@"\G(?:(?<n>\d{1,4})(?<s>s?) ?(?<era>B\.?C\.?E\.?|B\.?C\.?|C\.?E\.|C\.?E|A\.?D\.?)(?![A-Za-z])|(?<era>AD|BC|A\.D\.|B\.C\.) (?<n>\d{1,4})(?![\d.,:/]\d|\d))")]
    private static partial Regex Era { get; }

    [GeneratedRegex(@"\G(?<y>(?:19|20)(?<a>\d\d))/(?<b>\d\d)(?![\d/])")]
    private static partial Regex SplitYear { get; }

    [GeneratedRegex(@"\G(?<q>[1-4])Q ?(?<y>\d{4}|\d\d)(?![A-Za-z0-9])")]
    private static partial Regex Quarter { get; }

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        if (passage.IsLetterOrDigit(at - 1) || (passage.IsDigit(at) && passage[at - 1] is '.' or '-' or '/' && passage.IsLetterOrDigit(at - 2)))
        {
            return;
        }

        if (passage.IsDigit(at))
        {
            var separator = passage[passage.DigitsEnd(at)];
            if (separator is '-' or '/' or '.')
            {
                ProposeInDigits(passage, at, readings);
            }

            if (separator == 'Q' && Quarter.Match(passage.Text, at) is { Success: true } quarter)
            {
                var (ordinal, year) = (Numerals.Ordinal(quarter.Groups["q"].ValueSpan), quarter.Groups["y"].Value);
                readings.Add(at, at + quarter.Length, "quarter of a year", $"{ordinal} quarter of {(year.Length == 2 ? Calendar.ShortYear(year) : Numerals.Year(year))}");
            }

            if (passage.DigitsEnd(at) - at <= 2 && separator is ' ' or '-' or 's' or 'n' or 'r' or 't')
            {
                ProposeDayFirst(passage, at, readings);
            }
        }
        else if (Calendar.NumberOf(passage.Text.AsSpan(at, passage.LettersEnd(at) - at)) is > 0 and var month)
        {
            ProposeMonthFirst(passage, at, month, readings);
        }
        else if (Calendar.WeekdayOf(passage.Text.AsSpan(at, passage.LettersEnd(at) - at)) is { } weekday)
        {
            ProposeName(passage, at, weekday, readings);
        }

        if (passage[at] is 'A' or 'B' || passage.IsDigit(at))
        {
            ProposeEra(passage, at, readings);
        }
    }

    private static void ProposeInDigits(Passage passage, int at, ReadingList readings)
    {
        if (InDigits.Match(passage.Text, at) is { Success: true } match)
        {
            var (first, second) = (Numerals.Value(match.Groups["a"].ValueSpan), Numerals.Value(match.Groups["b"].ValueSpan));
            var (year, isYearFirst) = (match.Groups["y"].Value, match.Groups["y"].Index == at);

            // A point between the parts is how Europeans write, and they write the day first.
            var isDayFirst = match.Groups["s"].Value == "." && !isYearFirst;
            var (month, day) = isDayFirst || (first > 12 && second <= 12) ? (second, first) : (first, second);
            var isVersion = match.Groups["s"].Value == "." && (year.Length == 2 || (isYearFirst && !Numerals.IsYear(year)));
            // With the year in front it is a date even where the calendar has no such day.
            if ((isYearFirst ? month is >= 1 and <= 12 && day is >= 1 and <= 31 : Calendar.IsDay(month, day)) && !isVersion && !(year.Length == 2 && match.Groups["s"].Value == "-" && first == second))
            {
                readings.Add(at, at + match.Length, "date in digits", Calendar.Say(month, day, year),
                    year.Length == 2 ? Reading.Usual - 10 : Reading.Certain, new(ValueKind.Date, 0));
            }
        }

        if (SplitYear.Match(passage.Text, at) is { Success: true } split
            && (Numerals.Value(split.Groups["a"].ValueSpan) + 1) % 100 == Numerals.Value(split.Groups["b"].ValueSpan))
        {
            readings.Add(at, at + split.Length, "year that crosses over",
                $"{Numerals.Year(split.Groups["y"].ValueSpan)} to {Calendar.ShortYear(split.Groups["b"].Value)}", Reading.Certain);
        }

        if (MonthInDigits.Match(passage.Text, at) is { Success: true } monthMatch)
        {
            ProposeMonthInDigits(passage, monthMatch, readings);
        }
    }

    private static void ProposeMonthInDigits(Passage passage, Match match, ReadingList readings)
    {
        var month = Numerals.Value(match.Groups["m"].ValueSpan);
        var isBeforeDate = BeforeDates.Contains(passage.WordBefore(match.Index));
        if (match.Groups["d"].Success)
        {
            var day = Numerals.Value(match.Groups["d"].ValueSpan);
            if (Calendar.IsDay(month, day))
            {
                var isDate = isBeforeDate && passage.WordBefore(match.Index) is not ("of" or "the" or "and" or "to" or "between" or "after");
                readings.Add(match.Index, match.Index + match.Length, "month and day", Calendar.Say(month, day, ""),
                    isDate ? Reading.Certain : Reading.Doubtful, new(ValueKind.Date, 0));
            }

            return;
        }

        // 2008-10 may be a span of years; 2020-12 would run backwards.
        var year = match.Groups["y"].Value;
        if (Numerals.IsYear(year))
        {
            var isForward = match.Groups["y"].Index == match.Index ? month > Numerals.Value(year.AsSpan(2))
                : match.Groups["m"].Length == 1 && passage.WordBefore(match.Index) is not ("in" or "since" or "from" or "until" or "by" or "of" or "due");
            readings.Add(match.Index, match.Index + match.Length, "month of a year", $"{Calendar.NameOf(month)} {Numerals.Year(year)}",
                isForward ? Reading.Usual + 20 : Reading.Usual - 20, new(ValueKind.Date, 0));
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
        var isAttached = match.Groups["of"].Value == "-" && year.Length == 0;
        var isOrdinary = AlsoWords.Contains(name.ToLowerInvariant()) && year.Length == 0;
        if ((isOrdinary && !(match.Groups["th"].Success || (BeforeDates.Contains(before) && Capitals.Begin(name)))) || isAttached)
        {
            return;
        }

        // "17 May" and "17th May" are said as "the seventeenth of may".
        var the = before == "the" || (match.Groups["of"].Value == " of " && match.Groups["th"].Success) ? "" : "the ";
        var day = NumberWords.Ordinal(NumberWords.Cardinal(match.Groups["d"].ValueSpan));
        var end = match.Index + match.Length;
        if (year.Length > 0 && Numerals.IsYear(year))
        {
            readings.Add(at, end, "day, month and year", $"{the}{day} of {Calendar.NameOf(month)} {Numerals.Year(year)}", Reading.Certain,
                new(ValueKind.Date, 0));
        }

        var monthEnd = match.Groups["m"].Index + name.Length;
        readings.Add(at, monthEnd + DotLength(passage, monthEnd, name), "day and month", $"{the}{day} of {Calendar.NameOf(month)}", Reading.Usual - 10,
            new(ValueKind.Date, 0));
    }

    private static void ProposeMonthFirst(Passage passage, int at, int month, ReadingList readings)
    {
        var end = passage.LettersEnd(at);
        var name = passage.Text[at..end];
        var isOrdinary = AlsoWords.Contains(name.ToLowerInvariant()) && !Capitals.Begin(name);
        var match = MonthFirst.Match(passage.Text, at);
        if (match.Success && !isOrdinary && Calendar.IsDay(month, Numerals.Value(match.Groups["d"].ValueSpan)))
        {
            var year = match.Groups["y"].Value;
            readings.Add(at, at + match.Length, "month and day", Calendar.Say(month, Numerals.Value(match.Groups["d"].ValueSpan), year),
                Reading.Certain, new(ValueKind.Date, Numerals.Value(match.Groups["d"].ValueSpan)));
        }

        // "May 5-7": the day alone, so that a range can follow.
        if (match.Success is false && !isOrdinary && passage[end] is ' ' or '.' && WrittenNumber.TryRead(passage, passage.SkipSpaces(end + 1), out var day)
            && day.IsPlain && day.Whole.Length <= 2 && Calendar.IsDay(month, (int)day.Amount) && passage[day.End] is '-' or '\u2013')
        {
            readings.Add(at, day.End, "month and day", Calendar.Say(month, (int)day.Amount, ""), value: new(ValueKind.Date, day.Amount));
        }

        if (!isOrdinary)
        {
            ProposeName(passage, at, Calendar.NameOf(month), readings);
        }
    }

    /// <summary>The name of a month or a day alone; a short form wants its dot or a number or another such name beside it.</summary>
    private static void ProposeName(Passage passage, int at, string name, ReadingList readings)
    {
        var end = passage.LettersEnd(at);
        var written = passage.Text[at..end];
        var isFull = written.Equals(name, StringComparison.OrdinalIgnoreCase);
        var next = passage[end] is '-' or '\u2013' or '/' ? passage.WordAfter(end + 1) : [];
        var isBesideName = next.Length > 0 && (Calendar.NumberOf(next) > 0 || Calendar.WeekdayOf(next) is not null);
        var before = passage[at - 1] is '-' or '\u2013' or '/' ? passage.WrittenBefore(at - 1) : [];
        isBesideName |= passage[end] == ' ' && Calendar.NumberOf(passage.WordAfter(end)) > 0 && Capitals.Begin(passage.WordAfter(end));
        isBesideName |= before.Length > 0 && (Calendar.NumberOf(before) > 0 || Calendar.WeekdayOf(before) is not null);
        var isYear = passage[end] == ' ' && passage.DigitsEnd(end + 1) - end == 5 && Numerals.IsYear(passage.Text.AsSpan(end + 1, 4));
        var dot = DotLength(passage, end, written);
        var isShort = Capitals.Begin(written) && (isBesideName || isYear || (passage[end] == '.' && !passage.IsLetterOrDigit(end + 1))
            || (passage[end] == ',' && passage.IsDigit(passage.SkipSpaces(end + 1))));
        if (passage[end] != '\'' && Capitals.Begin(written) && (isFull || isShort))
        {
            readings.Add(at, end + dot, "name of the calendar", name, Reading.Usual - 5, new(ValueKind.CalendarName, 0));
        }
    }

    private static void ProposeEra(Passage passage, int at, ReadingList readings)
    {
        var match = Era.Match(passage.Text, at);
        if (!match.Success || passage.IsLetterOrDigit(at - 1))
        {
            return;
        }

        // The full stop of "340 B.C." may end the sentence, which the reading of its initials finds out: it stays outside.
        var era = string.Join(' ', match.Groups["era"].Value.Where(char.IsAsciiLetter));
        var digits = match.Groups["n"].Value;
        var number = digits.Length >= 3 ? Numerals.Name(digits) : Numerals.Cardinal(digits);
        var words = match.Groups["era"].Index == at ? $"{era} {number}" : $"{(match.Groups["s"].Length > 0 ? Numerals.Plural(number) : number)} {era}";
        readings.Add(at, at + match.Length, "era", words, Reading.Certain, new(ValueKind.Year, 0));
    }

    private static int DotLength(Passage passage, int end, string written) =>
        passage[end] == '.' && written.Length <= 5 && Calendar.MonthOf(written) != written.ToLowerInvariant()
            && (passage[end + 1] != ' ' || !SentenceEnds.IsStarter(passage.WordAfter(end + 1))) && passage[end + 1] is ' ' or ',' ? 1 : 0;
}
