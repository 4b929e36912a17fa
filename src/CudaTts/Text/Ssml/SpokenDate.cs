using CudaTts.Text.English.Normalization;

namespace CudaTts.Text.Ssml;

/// <summary>A date whose format is given: the letters m, d and y in the order of its numbers, once or as often as there are digits.</summary>
internal static class SpokenDate
{
    /// <summary>The words; null when the text is no date of that format.</summary>
    public static string? Words(string text, string format)
    {
        var order = string.Concat(format.Distinct());
        if (order.Length is 0 or > 3 || order.AsSpan().ContainsAnyExcept("mdy"))
        {
            return null;
        }

        var numbers = text.Split(['/', '-', '.', ' ', ','], StringSplitOptions.RemoveEmptyEntries);
        numbers = numbers.Length == 1 && order.Length > 1 && text.Length == format.Length ? Groups(text, format) : numbers;
        if (numbers.Length != order.Length
            || !Array.TrueForAll(numbers, number => number.Length <= 4 && number.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0))
        {
            return null;
        }

        return Words(NumberOf('m'), NumberOf('d'), NumberOf('y'));

        string NumberOf(char part) => order.IndexOf(part, StringComparison.Ordinal) is >= 0 and var place ? numbers[place] : "";
    }

    private static string? Words(string month, string day, string year)
    {
        var (monthValue, dayValue) = (month.Length == 0 ? 1 : Numerals.Value(month), day.Length == 0 ? 1 : Numerals.Value(day));
        return (month.Length > 0, day.Length > 0) switch
        {
            _ when !Calendar.IsDay(monthValue, dayValue) => null,
            (true, true) => Calendar.Say(monthValue, dayValue, year),
            (true, false) => $"{Calendar.NameOf(monthValue)} {(year.Length == 0 ? "" : Calendar.Year(year))}".Trim(),
            (false, true) when year.Length == 0 => NumberWords.Ordinal(NumberWords.Cardinal(dayValue)),
            (false, false) => Calendar.Year(year),
            _ => null,
        };
    }

    /// <summary>20240517 and yyyymmdd: the digits that stand where a letter does.</summary>
    private static string[] Groups(string text, string format) =>
        [.. format.Distinct().Select(letter =>
        text.Substring(format.IndexOf(letter, StringComparison.Ordinal), format.Count(other => other == letter)))];
}
