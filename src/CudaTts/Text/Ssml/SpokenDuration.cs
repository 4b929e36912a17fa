using System.Globalization;
using System.Text.RegularExpressions;
using CudaTts.Text.English.Normalization;

namespace CudaTts.Text.Ssml;

/// <summary>
/// A length of time: <c>1:30:05</c>, <c>1'21"</c>, ISO 8601's <c>PT1H30M</c>, or a number alone. A format has the letters h, m and s of its numbers.
/// </summary>
internal static partial class SpokenDuration
{
    private static readonly (char Letter, string Name)[] Lengths = [('d', "day"), ('h', "hour"), ('m', "minute"), ('s', "second")];

    /// <summary>The words; null when the text is no duration.</summary>
    public static string? Words(string text, string format)
    {
        var iso = Iso().Match(text);
        if (iso.Success && iso.Length > 2)
        {
            return Say([.. Lengths.Select(unit => (iso.Groups[unit.Name].Value, unit.Name))]);
        }

        var numbers = text.Split(':');
        var letters = string.Concat(format.Where(letter => letter is 'h' or 'm' or 's').Distinct());
        letters = letters.Length == numbers.Length ? letters : numbers.Length switch { 1 => "s", 2 => "ms", 3 => "hms", _ => "" };
        return letters.Length > 0 && numbers.All(number => number.Length <= 6 && Number().IsMatch(number))
            ? Say([.. numbers.Select((number, i) => (number, Array.Find(Lengths, unit => unit.Letter == letters[i]).Name))])
            : OfMarks(text);
    }

    /// <summary>The words of minutes and seconds with the marks of angles; null when the text is none.</summary>
    public static string? OfMarks(string text)
    {
        var match = Marks().Match(text);
        return match.Success ? Say([(match.Groups[1].Value, "minute"), (match.Groups[2].Value, "second")]) : null;
    }

    private static string? Say(IReadOnlyList<(string Number, string Unit)> parts)
    {
        // A part of nothing is left out, unless there is no other.
        var said = parts.Where(part => part.Number.AsSpan().ContainsAnyInRange('1', '9')).ToList();
        said = said.Count > 0 ? said : [.. parts.Where(part => part.Number.Length > 0).TakeLast(1)];
        return said.Count == 0 ? null : string.Join(' ', said.Select(part => Count(Plain(part.Number), part.Unit)));
    }

    private static string Count(string number, string unit) => Numerals.Count(number, unit, unit + "s");

    /// <summary>The number without the zeros that it begins with.</summary>
    private static string Plain(string number) => decimal.Parse(number, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"^P(?:(?<day>[0-9]{1,6})D)?(?:T(?:(?<hour>[0-9]{1,6})H)?(?:(?<minute>[0-9]{1,6})M)?(?:(?<second>[0-9]{1,6}(?:\.[0-9]{1,6})?)S)?)?\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Iso();

    [GeneratedRegex(@"^[0-9]{1,6}(?:\.[0-9]{1,6})?\z")]
    private static partial Regex Number();

    [GeneratedRegex(@"^([0-9]{1,4})['′] ?([0-9]{1,4})[""″]\z")]
    private static partial Regex Marks();
}
