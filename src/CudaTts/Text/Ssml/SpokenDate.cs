using CudaTts.Text.English.Normalization;

namespace CudaTts.Text.Ssml;

/// <summary>
/// A date whose format is given: the letters m, d and y in the order of its numbers, once or as often as there are digits. The numbers may stand
/// together (20101019), and question marks stand for what is left out (????1019).
/// </summary>
internal static class SpokenDate
{
    private const string Unknown = "?";

    /// <summary>The words; null when the text is no date of that format.</summary>
    public static string? Words(string text, string format)
    {
        var order = string.Concat(format.Distinct());
        order = order.Length == 0 && text.Length == 8 ? "ymd" : order;
        if (order.Length is 0 or > 3 || order.AsSpan().ContainsAnyExcept("mdy"))
        {
            return null;
        }

        var numbers = text.Split(['/', '-', '.', ' ', ',', '−', '–'], StringSplitOptions.RemoveEmptyEntries);
        numbers = numbers.Length == 1 && order.Length > 1 ? Groups(text, order, format) : numbers;
        order = OrderOf(numbers, order);
        return numbers.Length == order.Length && Array.TrueForAll(numbers, IsNumber)
            ? Words(NumberOf('m'), NumberOf('d'), NumberOf('y'))
            : null;

        string NumberOf(char part) =>
            order.IndexOf(part, StringComparison.Ordinal) is >= 0 and var place && numbers[place][0] != Unknown[0] ? numbers[place] : "";
    }

    private static bool IsNumber(string number) => number.Length is > 0 and <= 4
        && (number.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0 || number.AsSpan().IndexOfAnyExcept(Unknown) < 0);

    /// <summary>
    /// The order that the numbers show where the format's cannot be: of three parts one may be left out, and a number of four digits is the year.
    /// </summary>
    private static string OrderOf(string[] numbers, string order)
    {
        var year = Array.FindIndex(numbers, number => number.Length == 4);
        var days = order.Replace("y", "", StringComparison.Ordinal);
        return (numbers.Length, order.Length) switch
        {
            (2, 3) => year < 0 ? days : order.Replace("d", "", StringComparison.Ordinal) is var months && months[year] == 'y' ? months
                : new string([.. months.Reverse()]),
            (3, 2) when days == order => order + "y",
            (3, 3) when year == 0 && order[0] != 'y' => "ymd",
            (3, 3) when year == 2 && order[2] != 'y' => days + "y",
            _ => order,
        };
    }

    private static string? Words(string month, string day, string year)
    {
        var (monthValue, dayValue) = (month.Length == 0 ? 1 : Numerals.Value(month), day.Length == 0 ? 1 : Numerals.Value(day));
        if (!Calendar.IsDay(monthValue, dayValue) && month.Length > 0 && day.Length > 0)
        {
            // No month has such a number: the two stand the other way round.
            (monthValue, dayValue) = (dayValue, monthValue);
        }

        return (month.Length > 0, day.Length > 0) switch
        {
            _ when !Calendar.IsDay(monthValue, dayValue) => null,
            (true, true) => Calendar.Say(monthValue, dayValue, year),
            (true, false) => $"{Calendar.NameOf(monthValue)} {(year.Length == 0 ? "" : Calendar.Year(year))}".Trim(),
            (false, true) when year.Length == 0 => NumberWords.Ordinal(NumberWords.Cardinal(dayValue)),
            (false, false) when year.Length > 0 => Calendar.Year(year),
            _ => null,
        };
    }

    /// <summary>Numbers that stand together: as long as the format's letters, else two digits for month and day, and the rest for the year.</summary>
    private static string[] Groups(string text, string order, string format)
    {
        var years = order.Contains('y', StringComparison.Ordinal) ? text.Length - (2 * (order.Length - 1)) : 2;
        var isSpelledOut = text.Length == format.Length;
        if (!isSpelledOut && (years is not (2 or 4) || (years == 2 && text.Length != 2 * order.Length)))
        {
            return [text];
        }

        var groups = new List<string>();
        foreach (var letter in order)
        {
            var length = isSpelledOut ? format.Count(other => other == letter) : letter == 'y' ? years : 2;
            var start = groups.Sum(group => group.Length);
            groups.Add(text.Substring(start, length));
        }

        return [.. groups];
    }
}
