using System.Text;
using CudaTts.Text.Normalization;

namespace CudaTts.Text.Ssml;

/// <summary>The text of a <c>say-as</c> element in words that the front end reads as it asks for.</summary>
internal static class SayAs
{
    /// <summary>The words; the text itself when the kind is unknown or the text is none of that kind.</summary>
    public static string Words(string text, string kind, string format)
    {
        var digits = text.Trim();
        var isWhole = digits.Length is > 0 and <= 30 && digits.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0;
        return kind.ToLowerInvariant() switch
        {
            "characters" or "spell-out" or "verbatim" or "letters" => Characters(text),
            "digits" or "telephone" or "phone" => Groups(text),
            "cardinal" or "number" when isWhole => NumberWords.Cardinal(digits),
            "ordinal" when isWhole => NumberWords.Ordinal(NumberWords.Cardinal(digits)),
            "date" => Date(text, format.ToLowerInvariant()) ?? text,
            _ => text,
        };
    }

    /// <summary>Every letter and digit by name, other characters by what they are called.</summary>
    private static string Characters(string text)
    {
        var words = new StringBuilder();
        foreach (var character in SpeechFolding.Fold(text))
        {
            words.Append(words.Length == 0 ? "" : " ").Append(character switch
            {
                'a' or 'A' => "{EY1}",
                _ when char.IsAsciiLetter(character) => char.ToUpperInvariant(character).ToString(),
                _ when char.IsAsciiDigit(character) => NumberWords.Digits([character]),
                '.' => "dot",
                '-' => "dash",
                '/' => "slash",
                '_' => "underscore",
                _ => char.IsWhiteSpace(character) ? "," : character.ToString(),
            });
        }

        return words.ToString();
    }

    /// <summary>Digits by name, a pause where something else stands between.</summary>
    private static string Groups(string text)
    {
        var groups = text.Split([' ', '-', '.', '(', ')', '/'], StringSplitOptions.RemoveEmptyEntries);
        return string.Join(", ", groups.Select(group => group.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0 ? NumberWords.Digits(group) : group));
    }

    /// <summary>Numbers in the order that a format such as <c>mdy</c> or <c>dm</c> gives.</summary>
    private static string? Date(string text, string format)
    {
        var parts = text.Split(['/', '-', '.', ' ', ','], StringSplitOptions.RemoveEmptyEntries);
        if (format.Length == 0 || parts.Length != format.Length || !Array.TrueForAll(parts, part => part.Length <= 4 && part.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0))
        {
            return null;
        }

        var (month, day, year) = (format.IndexOf('m', StringComparison.Ordinal), format.IndexOf('d', StringComparison.Ordinal), format.IndexOf('y', StringComparison.Ordinal));
        if (month < 0 || day < 0 || !Calendar.IsDay(Numerals.Value(parts[month]), Numerals.Value(parts[day])))
        {
            return null;
        }

        return Calendar.Say(Numerals.Value(parts[month]), Numerals.Value(parts[day]), year < 0 ? "" : parts[year]);
    }
}
