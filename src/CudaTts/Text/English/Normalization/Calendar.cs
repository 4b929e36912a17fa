namespace CudaTts.Text.English.Normalization;

/// <summary>The months and the days of the week, and how dates are said.</summary>
internal static class Calendar
{
    private static readonly string[] Months =
        ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];

    private static readonly string[] Days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

    private const int ShortLength = 3;

    /// <summary>The number of the month that a word names in full or short, <c>Jan</c> or <c>sept</c>; 0 when it is no month.</summary>
    public static int NumberOf(ReadOnlySpan<char> word) => word.Equals("sept", StringComparison.OrdinalIgnoreCase) ? 9 : Find(Months, word);

    /// <summary>The full name of the month that a word names in full or short; null when it is no month.</summary>
    public static string? MonthOf(string word) => NumberOf(word) is > 0 and var number ? Months[number - 1] : null;

    /// <summary>The full name of the day of the week that a word names; null when it is none.</summary>
    public static string? WeekdayOf(ReadOnlySpan<char> word)
    {
        // Tues., Thur. and Thurs. are short forms beside the usual ones of three letters.
        var isLonger = word.Equals("tues", StringComparison.OrdinalIgnoreCase) || word.Equals("thur", StringComparison.OrdinalIgnoreCase)
            || word.Equals("thurs", StringComparison.OrdinalIgnoreCase);
        return Find(Days, isLonger ? word[..ShortLength] : word) is > 0 and var number ? Days[number - 1] : null;
    }

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

    /// <summary>The number of the name that a word is, in full or by its first three letters; 0 when it is none.</summary>
    private static int Find(string[] names, ReadOnlySpan<char> word)
    {
        for (var i = 0; i < names.Length && word.Length >= ShortLength; i++)
        {
            var name = word.Length == ShortLength ? names[i].AsSpan(0, ShortLength) : names[i];
            if (word.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return i + 1;
            }
        }

        return 0;
    }
}
