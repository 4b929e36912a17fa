namespace CudaTts.Text.English.Normalization;

/// <summary>The months and the days of the week, and how dates are said.</summary>
internal static class Calendar
{
    private static readonly string[] Months =
        ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];

    private static readonly string[] Days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

    private static readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> MonthNumbers = Numbered(Months, ("sept", 9));

    private static readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> DayNumbers =
        Numbered(Days, ("tues", 2), ("thur", 4), ("thurs", 4));

    /// <summary>The number of the month that a word names in full or short, <c>Jan</c> or <c>sept</c>; 0 when it is no month.</summary>
    public static int NumberOf(ReadOnlySpan<char> word) => Find(MonthNumbers, word);

    /// <summary>The full name of the month that a word names in full or short; null when it is no month.</summary>
    public static string? MonthOf(string word) => NumberOf(word) is > 0 and var number ? Months[number - 1] : null;

    /// <summary>The full name of the day of the week that a word names; null when it is none.</summary>
    public static string? WeekdayOf(ReadOnlySpan<char> word) => Find(DayNumbers, word) is > 0 and var number ? Days[number - 1] : null;

    /// <summary>Whether a word in small letters is a month, in full or short.</summary>
    public static bool IsMonth(string word) => NumberOf(word) > 0;

    /// <summary>Whether there can be such a day.</summary>
    public static bool IsDay(int month, int day) => month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(2000, month);

    /// <summary>The name of a month, counted from 1.</summary>
    public static string NameOf(int month) => Months[month - 1];

    /// <summary>"may seventeenth twenty twenty four".</summary>
    public static string Say(int month, int day, string year)
    {
        var words = $"{Months[month - 1]} {Numerals.Ordinal(day)}";
        return year.Length == 0 ? words : $"{words} {Year(year)}";
    }

    /// <summary>A year; one of two digits is the nearest that ends so.</summary>
    public static string Year(string year) => year.Length == 2
        ? NumberWords.Pairs(Numerals.Value(year) + (Numerals.Value(year) < 50 ? 2000 : 1900))
        : Numerals.Year(year);

    /// <summary>A year behind an apostrophe: '99 "ninety nine", '05 "oh five".</summary>
    public static string ShortYear(string digits) =>
        digits[0] == '0' ? "oh " + NumberWords.Cardinal(digits) : NumberWords.Cardinal(digits);

    private static int Find(Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> names, ReadOnlySpan<char> word)
    {
        if (word.Length is < 3 or > 9)
        {
            return 0;
        }

        Span<char> lower = stackalloc char[word.Length];
        return word.ToLowerInvariant(lower) > 0 && names.TryGetValue(lower, out var number) ? number : 0;
    }

    /// <summary>The numbers of names by the names, by their first three letters, and by further short forms.</summary>
    private static Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> Numbered(string[] names, params (string Name, int Number)[] more)
    {
        var numbers = more.ToDictionary(name => name.Name, name => name.Number);
        foreach (var (i, name) in names.Index())
        {
            numbers[name] = i + 1;
            numbers[name[..3]] = i + 1;
        }

        return numbers.GetAlternateLookup<ReadOnlySpan<char>>();
    }
}
