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

    // What these ask for is what a text says anyway, or nothing that sound could show.
    private static readonly HashSet<string> Plain = ["address", "name", "net", "uri", "url", "email", "interjection", "text", "word", "general"];

    /// <summary>Whether what the document writes must not be shown to readers either.</summary>
    public static bool IsHidden(string kind) => KindOf(kind) is "expletive" or "bleep";

    /// <summary>The words; the text itself when the kind is unknown or the text is none of that kind.</summary>
    /// <param name="text">What the document writes.</param>
    /// <param name="kind">The attribute <c>interpret-as</c>.</param>
    /// <param name="format">The attribute of that name.</param>
    /// <param name="reason">Why the text is read as it is, where the document asks for something else; null when it is not.</param>
    public static string Words(string text, string kind, string format, out string? reason)
    {
        reason = null;
        var (plain, form) = (text.Trim(), format.Trim().ToLowerInvariant());
        if (plain.Length == 0)
        {
            return "";
        }

        var name = KindOf(kind);
        switch (name is "number" && form.Length > 0 ? form : name)
        {
            case "characters" or "spell-out" or "verbatim" or "letters" or "acronym" or "alphabet":
                return Characters(plain);
            case "digits" or "digit" or "number_digit" or "number_digits" or "number-digit" or "number-digits":
                return Digits(plain);
            case "telephone" or "phone":
                return Telephone(plain);
            case "cardinal" or "number":
                return Whole(plain) is { } number ? Signed(plain, NumberWords.Cardinal(number)) : text;
            case "ordinal":
                return Whole(plain) is { } place ? Signed(plain, NumberWords.Ordinal(NumberWords.Cardinal(place))) : text;
            case "fraction":
                return Fraction(plain) ?? text;
            case "unit" or "measure":
                return Measure(plain) ?? text;
            case "currency":
                return Currency(plain);
            case "date":
                return Date(plain, form, out reason) ?? text;
            case "time":
                return Time(plain);
            case "duration":
                return SpokenDuration.Words(plain, form) ?? text;
            case "expletive" or "bleep":
                return "bleep";
        }

        reason = Plain.Contains(name) ? null
            : name.Length == 0 ? "'say-as' has no interpret-as" : $"the interpret-as '{SsmlScanner.Quote(kind)}' is not known";
        return text;
    }

    /// <summary>The kind in small letters, without the prefix of VoiceXML's kinds.</summary>
    private static string KindOf(string kind)
    {
        var name = kind.Trim().ToLowerInvariant();
        return name.StartsWith("vxml:", StringComparison.Ordinal) ? name["vxml:".Length..] : name;
    }

    private static string? Date(string text, string format, out string? reason)
    {
        var words = SpokenDate.Words(text, format);
        reason = words is null && format.Length > 0 && !text.Any(char.IsLetter)
            ? $"this is no date of the format '{SsmlScanner.Quote(format)}'" : null;
        return words;
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

    /// <summary>Digits by name and the points between them; a pause where something else stands.</summary>
    private static string Digits(string text)
    {
        var words = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var isPoint = text[i] == '.' && i > 0 && i + 1 < text.Length && char.IsAsciiDigit(text[i - 1]) && char.IsAsciiDigit(text[i + 1]);
            words.Append(char.IsAsciiDigit(text[i]) ? $" {NumberWords.Digits([text[i]])} "
                : isPoint ? " point " : char.IsLetter(text[i]) ? text[i].ToString() : char.IsWhiteSpace(text[i]) ? " " : ", ");
        }

        return string.Join(' ', words.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Trim(',', ' ');
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

    /// <summary>Four digits are hours and minutes, six have seconds as well; 1'21" is a duration.</summary>
    private static string Time(string text) => AreDigits(text) && text.Length is 4 ? $"{text[..2]}:{text[2..]}"
        : AreDigits(text) && text.Length is 6 ? $"{text[..2]}:{text[2..4]}:{text[4..]}"
        : SpokenDuration.OfMarks(text) ?? text;
}
