namespace CudaTts.Text.English.Normalization;

/// <summary>The months, and how dates are said.</summary>
internal static class Calendar
{
    private static readonly string[] Months =
        ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];

    /// <summary>The full name that a word begins, <c>Jan</c> or <c>sept</c>; null when it is no month.</summary>
    public static string? MonthOf(string word)
    {
        var lower = word.ToLowerInvariant();
        return lower == "sept" ? Months[8]
            : Array.Find(Months, month => month == lower || (lower.Length == 3 && month.StartsWith(lower, StringComparison.Ordinal)));
    }

    /// <summary>Whether a spoken word is a month.</summary>
    public static bool IsMonth(string word) => Array.IndexOf(Months, word) >= 0;

    /// <summary>Whether there can be such a day.</summary>
    public static bool IsDay(int month, int day) => month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(2000, month);

    /// <summary>The name of a month, counted from 1.</summary>
    public static string NameOf(int month) => Months[month - 1];

    /// <summary>"may seventeenth twenty twenty four".</summary>
    public static string Say(int month, int day, string year)
    {
        var words = $"{Months[month - 1]} {NumberWords.Ordinal(NumberWords.Cardinal(day))}";
        return year.Length == 0 ? words : $"{words} {Year(year)}";
    }

    /// <summary>A year; one of two digits is the nearest that ends so.</summary>
    public static string Year(string year) => year.Length == 2
        ? NumberWords.Pairs(Numerals.Value(year) + (Numerals.Value(year) < 50 ? 2000 : 1900))
        : Numerals.Year(year);
}
