using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>
/// Numbers and letters that name something and have no value: card, social security and order numbers, hexadecimal numbers, one-time codes, models
/// and flights (B2B, mp3, H1N1, A320), standards (802.11ac).
/// </summary>
internal sealed partial class Codes : SemioticClass
{
    private static readonly HashSet<string> BeforeCodes = ["code", "pin", "zip", "otp", "id", "serial", "account", "passcode", "password",
        "confirmation", "tracking", "postcode"];

    // What has a number that is told by its last digits.
    private static readonly HashSet<string> Numbered = ["card", "account", "number", "phone", "visa", "mastercard", "amex", "iban", "digits"];

    // What has a number that is a name: Form 1099, room 101.
    private static readonly HashSet<string> BeforeNames = ["form", "boeing", "airbus", "room", "flight", "rfc", "highway", "route", "interstate", "channel",
        "bus", "suite", "apartment", "psalm", "model", "hymn"];

    public override string Name => "code";

    public override bool MayBeginWith(char first) => char.IsAsciiLetterOrDigit(first) || first == '#';

    [GeneratedRegex(@"\G(?:\d{3}-\d{2}-\d{4}(?!\d|-\d)|\d{4}(?<g>[ -])\d{4}\k<g>\d{4}\k<g>\d{4}(?!\d)|\d{1,5}(?:-\d{1,7}){3,5}(?!\d|-\d)"
        + @"|97[89][ -]?\d{1,5}[ -]\d{1,7}[ -]\d{1,7}[ -]\d(?!\d)|\d{5}-\d{4}(?!\d|-\d))")]
    private static partial Regex Groups { get; }

    [GeneratedRegex(@"\G0[xX](?<hex>[0-9A-Fa-f]{1,32})(?![0-9A-Za-z])")]
    private static partial Regex Hexadecimal { get; }

    [GeneratedRegex(@"\G(?<n>802\.\d{1,2}|(?:401|403|457|501)(?=[\(kK]))(?:(?<l>[a-zA-Z]{1,3})(?![A-Za-z0-9])|\((?<l>[a-z])\)(?:\((?<m>\d)\))?|(?<=802\.\d{1,2})(?![\d.]\d|\d))(?<s>'?s(?![A-Za-z0-9]))?")]
    private static partial Regex Named { get; }

    [GeneratedRegex(@"\G(?=[A-Za-z]{0,12}\d|\d{1,12}[A-Za-z])[A-Za-z0-9]{2,24}(?![A-Za-z0-9])")]
    private static partial Regex Mixed { get; }

    [GeneratedRegex(@"\G (?:as|is) (?:your|the|my|our) (?:[a-z-]{1,20} ){0,3}(?:code|pin|PIN|otp|OTP|password|passcode)(?![a-z])")]
    private static partial Regex AsCode { get; }

    [GeneratedRegex(@"\G\d{2,4}(?:[- ]\d{2,4}){1,3}(?![\d-]|[.,]\d)")]
    private static partial Regex CodeGroups { get; }

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        if (passage.IsLetterOrDigit(at - 1))
        {
            return;
        }

        if (passage.IsDigit(at))
        {
            ProposeDigits(passage, at, readings);
        }

        ProposeMixed(passage, at, readings);
    }

    private static void ProposeDigits(Passage passage, int at, ReadingList readings)
    {
        var end = passage.DigitsEnd(at);
        if (passage[end] is '-' or ' ' && !(passage[at - 1] is '-' or '.' && passage.IsDigit(at - 2)) && Groups.Match(passage.Text, at) is { Success: true } groups)
        {
            var words = groups.Value.Split(' ', '-').Select(group => NumberWords.Digits(group));
            readings.Add(at, at + groups.Length, "groups of digits", string.Join(" , ", words), Reading.Usual - 20);
        }

        if (passage.Has(at, "0x") && !passage.IsLetterOrDigit(at + 2))
        {
            readings.Add(at, at + 2, "sign of a hexadecimal number", "zero X", Reading.Certain);
        }

        if (Hexadecimal.Match(passage.Text, at) is { Success: true } hexadecimal)
        {
            readings.Add(at, at + hexadecimal.Length, "hexadecimal number", "zero X " + OneByOne(hexadecimal.Groups["hex"].Value), Reading.Certain);
        }

        var isStandard = Named.Match(passage.Text, at) is { Success: true } standard && (standard.Groups["l"].Success
            || passage.WordBefore(at) is "ieee" or "the" or "an" or "wifi" || passage.WordAfter(at + standard.Length) is "standard" or "protocol" or "network" or "wireless");
        if (isStandard && Named.Match(passage.Text, at) is var named)
        {
            readings.Add(at, at + named.Length, "standard or section of law", SayNamed(named), Reading.Certain);
        }

        var isNamed = end - at is 3 or 4 && !passage.IsLetterOrDigit(end) && !(passage[end] is '.' or ',' or ':' or '-' or '/' && passage.IsLetterOrDigit(end + 1))
            && (BeforeNames.Contains(passage.WordBefore(at))
                || (passage.WrittenBefore(at) is { Length: 2 } airline && Capitals.Are(airline) && passage.WordBefore(passage.StartOfWordBefore(at)) is "flight" or "flights"));
        if (isNamed)
        {
            readings.Add(at, end, "number that is a name", Numerals.Name(passage.Text.AsSpan(at, end - at)), Reading.Usual - 20);
        }

        var isPlain = !(passage[end] is '.' or ',' or '-' or '/' or ':' && passage.IsLetterOrDigit(end + 1)) && !passage.IsLetter(end) && passage[end] != '%';
        if (passage[end] is '-' && IsBehindCodeWord(passage, at) && CodeGroups.Match(passage.Text, at) is { Success: true } code)
        {
            readings.Add(at, at + code.Length, "groups of a code", string.Join(" , ", code.Value.Split('-', ' ').Select(group => NumberWords.Digits(group))), Reading.Certain);
        }

        if (isPlain && end - at is >= 3 and <= 20 && IsBehindCodeWord(passage, at))
        {
            readings.Add(at, end, "digits of a code", NumberWords.Digits(passage.Text.AsSpan(at, end - at)), Reading.Certain);
        }
        else if (isPlain && end - at == 5 && passage.IsDigit(at) && Addresses.EndsWithState(passage, at))
        {
            readings.Add(at, end, "post code", NumberWords.Digits(passage.Text.AsSpan(at, end - at)), Reading.Certain);
        }
    }

    /// <summary>"code 1234", "code is 1234", "PIN: 1234", "ending in 1234".</summary>
    private static bool IsBehindCodeWord(Passage passage, int at)
    {
        var place = passage[passage.SkipSpacesBack(at) - 1] is ':' or '#' ? passage.SkipSpacesBack(at) - 1 : at;
        var word = passage.WordBefore(place);
        if (word is "is" or "was" or "number" or "no" or "in" or "with" or "are" or "ending")
        {
            var start = passage.StartOfWordBefore(place);
            var before = passage.WordBefore(start);
            return word is "in" or "with" or "ending" ? (word == "ending" || before is "ending" or "ends" or "ended") && passage.HasBefore(start, Numbered)
                : word == "are" ? before == "digits" : BeforeCodes.Contains(before);
        }

        return BeforeCodes.Contains(word) || AsCode.IsMatch(passage.Text, passage.DigitsEnd(at));
    }

    private static void ProposeMixed(Passage passage, int at, ReadingList readings)
    {
        if (Mixed.Match(passage.Text, at) is not { Success: true } match || passage[at - 1] is '@' or '#')
        {
            return;
        }

        // The parts of a word with digits in it: letters as initials where they are few, numbers as names have them.
        var (text, words) = (match.Value, new List<string>());
        var isName = text.Length <= 12;
        for (var start = 0; start < text.Length;)
        {
            var end = start + 1;
            while (end < text.Length && char.IsAsciiDigit(text[end]) == char.IsAsciiDigit(text[start]))
            {
                end++;
            }

            var part = text[start..end];
            var isFirst = start == 0;
            words.Add(char.IsAsciiDigit(part[0]) ? SayNumber(part, isFirst, end == text.Length) : SayLetters(part, isFirst));
            start = end;
        }

        var isCode = IsBehindCodeWord(passage, at) || !isName;
        var owner = passage.PossessiveEnd(at + match.Length);
        if (owner > at + match.Length && words[^1].Length > 1)
        {
            readings.Add(at, owner, "letters and numbers with an ending", string.Join(' ', words) + "'s");
        }

        readings.Add(at, at + match.Length, isCode ? "letters and digits of a code" : "letters and numbers",
            isCode && text.Length > 4 && !words.Exists(word => word.Length > 3 && EnglishPronunciation.IsKnown(word) && text.Contains(word, StringComparison.OrdinalIgnoreCase)) ? OneByOne(text) : string.Join(' ', words), Reading.Usual + 10);
    }

    private static string SayNumber(string digits, bool isFirst, bool isLast) =>
        isFirst && isLast ? Numerals.Cardinal(digits) : digits.Length == 4 && Numerals.IsYear(digits) ? NumberWords.Pairs(Numerals.Value(digits))
            : digits.Length is 3 && digits[1] == '0' && digits[2] == '0' ? NumberWords.Cardinal(digits) : Numerals.Name(digits);

    private static string SayLetters(string letters, bool isFirst)
    {
        var lower = letters.ToLowerInvariant();
        var isWord = letters.Length > 3 ? EnglishPronunciation.IsKnown(lower) || EnglishPronunciation.HasVowelLetter(lower)
            : letters.Length > 2 && isFirst && !Capitals.Are(letters) && EnglishPronunciation.IsKnown(lower);
        return isWord || Initialisms.IsSaidAsWord(letters) ? lower : OneByOne(letters);
    }

    private static string SayNamed(Match match)
    {
        var parts = match.Groups["n"].Value.Split('.');
        var number = parts.Length > 1 ? $"eight oh two {NumberWords.Cardinal(parts[1])}" : Numerals.Name(parts[0]);
        var words = $"{number} {OneByOne(match.Groups["l"].Value)} {OneByOne(match.Groups["m"].Value)}".TrimEnd();
        return match.Groups["s"].Success ? $"{words[..^1]}{char.ToLowerInvariant(words[^1])}'s" : words;
    }

    private static string OneByOne(string signs) =>
        string.Join(' ', signs.Select(sign => char.IsAsciiDigit(sign) ? NumberWords.Digits([sign]) : char.ToUpperInvariant(sign).ToString()));
}
