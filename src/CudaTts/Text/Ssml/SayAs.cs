using System.Buffers;
using System.Text;
using CudaTts.Text.English.Normalization;

namespace CudaTts.Text.Ssml;

/// <summary>
/// The text of a <c>say-as</c> element in words that the front end reads as it asks for. The kinds and formats are those of the W3C's note
/// "SSML 1.0 say-as attribute values" (2005) and those that speech services have added.
/// </summary>
internal static class SayAs
{
    private const int MostDigits = 30;

    private static readonly SearchValues<char> OfNumbers = SearchValues.Create("0123456789.,-+");

    /// <summary>The words; the text itself when the kind is unknown or the text is none of that kind.</summary>
    public static string Words(string text, string kind, string format)
    {
        var plain = text.Trim();
        return kind.Trim().ToLowerInvariant() switch
        {
            "characters" or "spell-out" or "verbatim" or "letters" => Characters(text),
            "digits" => Digits(text),
            "telephone" or "phone" => Telephone(text),
            "cardinal" or "number" when Whole(plain) is { } number => Signed(plain, NumberWords.Cardinal(number)),
            "ordinal" when Whole(plain) is { } number => Signed(plain, NumberWords.Ordinal(NumberWords.Cardinal(number))),
            "fraction" => Fraction(plain) ?? text,
            "unit" or "measure" => Measure(plain) ?? text,
            "currency" => Currency(plain),
            "date" => SpokenDate.Words(plain, format.Trim().ToLowerInvariant()) ?? text,
            "time" => Time(plain),
            _ => text,
        };
    }

    private static bool AreDigits(ReadOnlySpan<char> text) => !text.IsEmpty && text.IndexOfAnyExceptInRange('0', '9') < 0;

    /// <summary>The digits of a whole number, with or without a sign and commas, or of a Roman numeral.</summary>
    private static string? Whole(string text)
    {
        var digits = text.TrimStart('-', '+', '−').Replace(",", "", StringComparison.Ordinal);
        var roman = text.Length <= 15 ? RomanNumerals.Value(text.ToUpperInvariant()) : 0;
        return AreDigits(digits) && digits.Length <= MostDigits ? digits : roman > 0 ? $"{roman}" : null;
    }

    private static string Signed(string text, string words) => text[0] is '-' or '−' ? "minus " + words : words;

    /// <summary>Every letter and digit by name, other characters by what they are called, a pause for white space.</summary>
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
                ',' => "comma",
                ':' => "colon",
                ';' => "semicolon",
                '!' => "exclamation mark",
                '?' => "question mark",
                '-' => "dash",
                '/' => "slash",
                '\\' => "backslash",
                '_' => "underscore",
                '*' => "asterisk",
                '#' => "hash",
                '\'' => "apostrophe",
                '"' => "quote",
                '(' or '[' or '{' => "open bracket",
                ')' or ']' or '}' => "close bracket",
                '<' => "less than",
                '>' => "greater than",
                _ => char.IsWhiteSpace(character) ? "," : character.ToString(),
            });
        }

        return words.ToString();
    }

    private static string Digits(string text)
    {
        var words = new StringBuilder();
        foreach (var character in text)
        {
            words.Append(char.IsAsciiDigit(character) ? $" {NumberWords.Digits([character])} " : character.ToString());
        }

        return words.ToString().Trim();
    }

    /// <summary>Digits by name, a pause where something else stands between.</summary>
    private static string Telephone(string text)
    {
        var groups = text.Replace("+", " plus ", StringComparison.Ordinal)
            .Split([' ', '-', '.', '(', ')', '/'], StringSplitOptions.RemoveEmptyEntries);
        var said = groups.Select(group => AreDigits(group) ? NumberWords.Digits(group) : group);
        return string.Join(", ", said).Replace("plus, ", "plus ", StringComparison.Ordinal);
    }

    /// <summary>3/4, 2 1/2 or 2+1/2. Ones of small numbers have names, others are one number over the other.</summary>
    private static string? Fraction(string text)
    {
        var parts = text.Split(['/', ' ', '+'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var isFraction = parts.Length is 2 or 3 && text.Count(character => character == '/') == 1
            && text.LastIndexOf('/') > text.LastIndexOfAny([' ', '+'])
            && Array.TrueForAll(parts, part => AreDigits(part) && part.Length <= 4);
        return isFraction ? (parts.Length == 3 ? $"{NumberWords.Cardinal(parts[0])} and " : "")
            + Fractions.Words(Numerals.Value(parts[^2]), Numerals.Value(parts[^1])) : null;
    }

    /// <summary>A number and a unit's symbol, also such that would be a word elsewhere: 5 in, 3 m.</summary>
    private static string? Measure(string text)
    {
        var end = text.AsSpan().IndexOfAnyExcept(OfNumbers);
        var number = end <= 0 ? "" : text[..end].TrimStart('-', '+').Replace(",", "", StringComparison.Ordinal);
        if (number.Length is 0 or > MostDigits || !AreDigits(number.Replace(".", "", StringComparison.Ordinal))
            || number.Count(character => character == '.') > 1
            || !Units.TryName(text[end..].Trim(), out var names))
        {
            return null;
        }

        return Signed(text, $"{Numerals.Number(number.TrimEnd('.'))} {(Numerals.IsOne(number) ? names.One : names.Many)}");
    }

    /// <summary>What is a number alone counts dollars.</summary>
    private static string Currency(string text) => text.Length > 0 && char.IsAsciiDigit(text[0]) && char.IsAsciiDigit(text[^1]) ? "$" + text : text;

    /// <summary>Four digits are hours and minutes; a duration is <c>1'21"</c>.</summary>
    private static string Time(string text)
    {
        if (text.Length == 4 && AreDigits(text))
        {
            return $"{text[..2]}:{text[2..]}";
        }

        var parts = text.Split(['\'', '"', '′', '″'], StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == 2 && text[^1] is '"' or '″' && Array.TrueForAll(parts, part => AreDigits(part) && part.Length <= 4)
            ? $"{Count(parts[0], "minute")} {Count(parts[1], "second")}"
            : text;
    }

    private static string Count(string number, string unit) => $"{NumberWords.Cardinal(number)} {unit}{(Numerals.IsOne(number) ? "" : "s")}";
}
