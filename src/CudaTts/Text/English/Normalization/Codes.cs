using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>
/// Numbers and letters that name something and have no value: card, social security and order numbers, hexadecimal numbers, one-time codes, models
/// and flights (B2B, mp3, H1N1, A320), standards (802.11ac).
/// </summary>
internal sealed partial class Codes : SemioticClass
{
    // Longer runs of letters and digits are no names but keys, of which every sign counts.
    private const int LongestName = 12;

    private static readonly HashSet<string> BeforeCodes =
        ["code", "pin", "zip", "otp", "id", "serial", "account", "passcode", "password", "confirmation", "tracking", "postcode"];

    // What has a number that is told by its last digits.
    private static readonly HashSet<string> Numbered = ["card", "account", "number", "phone", "visa", "mastercard", "amex", "iban", "digits"];

    // What has a number that is a name: Form 1099, room 101.
    private static readonly HashSet<string> BeforeNames =
    [
        "form", "boeing", "airbus", "room", "flight", "rfc", "highway", "route", "interstate", "channel", "bus", "suite", "apartment", "psalm",
        "model", "hymn",
    ];

    public override string Name => "code";

    [GeneratedRegex(@"\G(?:\d{3}-\d{2}-\d{4}(?!\d|-\d)" // social security number
        + @"|\d{4}(?<g>[ -])\d{4}\k<g>\d{4}\k<g>\d{4}(?!\d)" // card
        + @"|\d{1,5}(?:-\d{1,7}){3,5}(?!\d|-\d)" // order number
        + @"|97[89][ -]?\d{1,5}[ -]\d{1,7}[ -]\d{1,7}[ -]\d(?!\d)" // ISBN
        + @"|\d{3,4} \d{3,4} \d{4}(?![\d,.%]\d|\d)" // number of a meeting or an account
        + @"|\d{5}-\d{4}(?!\d|-\d))")] // long post code
    private static partial Regex Groups { get; }

    [GeneratedRegex(@"\G0[xX](?<hex>[0-9A-Fa-f]{1,32})(?![0-9A-Za-z])")]
    private static partial Regex Hexadecimal { get; }

    [GeneratedRegex(@"\G(?<n>802\.\d{1,2}|(?:401|403|457|501)(?=[\(kK]))(?:" // IEEE 802.11, sections of the Internal Revenue Code
        + @"(?<l>[a-zA-Z]{1,3})(?![A-Za-z0-9])" // 802.11ac, 401k
        + @"|\((?<l>[a-z])\)(?:\((?<m>\d)\))?" // 501(c)(3)
        + @"|(?<=802\.\d{1,2})(?![\d.]\d|\d))(?<s>'?s(?![A-Za-z0-9]))?")] // 802.11 alone
    private static partial Regex Standard { get; }

    [GeneratedRegex(@"\G(?=[A-Za-z]{0,12}\d|\d{1,12}[A-Za-z])[A-Za-z0-9]{2,24}(?![A-Za-z0-9])")]
    private static partial Regex Mixed { get; }

    [GeneratedRegex(@"\G (?:as|is) (?:your|the|my|our) (?:[a-z-]{1,20} ){0,3}(?:code|pin|PIN|otp|OTP|password|passcode)(?![a-z])")]
    private static partial Regex AsCode { get; }

    [GeneratedRegex(@"\G\d{2,4}(?:[- ]\d{2,4}){1,3}(?![\d-]|[.,]\d)")]
    private static partial Regex CodeGroups { get; }

    public override bool MayBeginWith(char first) => char.IsAsciiLetterOrDigit(first);

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
        var isWithin = passage[at - 1] is '-' or '.' && passage.IsDigit(at - 2);
        if (passage[end] is '-' or ' ' && !isWithin && Groups.Match(passage.Text, at) is { Success: true } groups)
        {
            readings.Add(at, at + groups.Length, "groups of digits", SayGroups(groups), Reading.Usual - 20);
        }

        ProposeHexadecimal(passage, at, readings);
        if (Standard.Match(passage.Text, at) is { Success: true } standard && IsStandard(passage, standard))
        {
            readings.Add(at, at + standard.Length, "standard or section of law", SayStandard(standard), Reading.Certain);
        }

        if (end - at is 3 or 4 && !passage.IsLetter(end) && !GoesOn(passage, end) && IsBehindNamed(passage, at))
        {
            readings.Add(at, end, "number that is a name", Numerals.Name(passage.Text.AsSpan(at, end - at)), Reading.Usual - 20);
        }

        ProposeCode(passage, at, end, readings);
    }

    private static void ProposeHexadecimal(Passage passage, int at, ReadingList readings)
    {
        if (passage.Has(at, "0x") && !passage.IsLetterOrDigit(at + 2))
        {
            readings.Add(at, at + 2, "sign of a hexadecimal number", "zero X", Reading.Certain);
        }

        if (Hexadecimal.Match(passage.Text, at) is { Success: true } match)
        {
            readings.Add(at, at + match.Length, "hexadecimal number", "zero X " + Spelling.Signs(match.Groups["hex"].Value), Reading.Certain);
        }
    }

    private static void ProposeCode(Passage passage, int at, int end, ReadingList readings)
    {
        if (passage[end] is '-' && IsBehindCodeWord(passage, at) && CodeGroups.Match(passage.Text, at) is { Success: true } code)
        {
            readings.Add(at, at + code.Length, "groups of a code", SayGroups(code), Reading.Certain);
        }

        if (GoesOn(passage, end) || passage.IsLetter(end) || passage[end] == '%')
        {
            return;
        }

        var isCode = end - at is >= 3 and <= 20 && IsBehindCodeWord(passage, at);
        if (isCode || (end - at == 5 && Addresses.EndsWithState(passage, at)))
        {
            var digits = NumberWords.Digits(passage.Text.AsSpan(at, end - at));
            readings.Add(at, end, isCode ? "digits of a code" : "post code", digits, Reading.Certain);
        }
    }

    /// <summary>Whether a separator and more of a number or a name stand behind it.</summary>
    private static bool GoesOn(Passage passage, int end) =>
        passage[end] is '.' or ',' or ':' or '-' or '/' && passage.IsLetterOrDigit(end + 1);

    /// <summary>802.11ac, or 802.11 where the words around tell that it is no decimal.</summary>
    private static bool IsStandard(Passage passage, Match standard) => standard.Groups["l"].Success
        || passage.WordBefore(standard.Index) is "ieee" or "the" or "an" or "wifi"
        || passage.WordAfter(standard.Index + standard.Length) is "standard" or "protocol" or "network" or "wireless";

    /// <summary>"room 101", "flight UA 328": a word in front has numbers for names.</summary>
    private static bool IsBehindNamed(Passage passage, int at) =>
        BeforeNames.Contains(passage.WordBefore(at))
            || (passage.WrittenBefore(at) is { Length: 2 } airline && Capitals.Are(airline)
                && passage.WordBefore(passage.StartOfWordBefore(at)) is "flight" or "flights");

    /// <summary>"code 1234", "code is 1234", "PIN: 1234", "ending in 1234".</summary>
    private static bool IsBehindCodeWord(Passage passage, int at)
    {
        var place = passage.CharacterBefore(at) is ':' or '#' ? passage.SkipSpacesBack(at) - 1 : at;
        var word = passage.WordBefore(place);
        var start = passage.StartOfWordBefore(place);
        return word switch
        {
            "ending" => passage.HasBefore(start, Numbered),
            "in" or "with" => passage.WordBefore(start) is "ending" or "ends" or "ended" && passage.HasBefore(start, Numbered),
            "are" => passage.WordBefore(start) == "digits",
            "is" or "was" or "number" or "no" => BeforeCodes.Contains(passage.WordBefore(start)),
            _ => BeforeCodes.Contains(word) || AsCode.IsMatch(passage.Text, passage.DigitsEnd(at)),
        };
    }

    private static void ProposeMixed(Passage passage, int at, ReadingList readings)
    {
        // To look for the digit is cheaper than to match, and most words have none.
        var hasDigit = passage.IsDigit(at) || passage.IsDigit(passage.LettersEnd(at));
        if (!hasDigit || passage[at - 1] is '@' or '#' || Mixed.Match(passage.Text, at) is not { Success: true } match)
        {
            return;
        }

        var (text, end) = (match.Value, at + match.Length);
        var words = Parts(text);
        var owner = passage.PossessiveEnd(end);
        if (owner > end && words[^1].Length > 1)
        {
            readings.Add(at, owner, "letters and numbers with an ending", string.Join(' ', words) + "'s");
        }

        var isCode = text.Length > LongestName || IsBehindCodeWord(passage, at);
        var isSpelt = isCode && text.Length > 4 && !words.Exists(word => IsWordOf(text, word));
        readings.Add(at, end, isCode ? "letters and digits of a code" : "letters and numbers",
            isSpelt ? Spelling.Signs(text) : string.Join(' ', words), Reading.Usual + 10);
    }

    /// <summary>The parts of a word with digits in it: letters as initials where they are few, numbers as names have them.</summary>
    private static List<string> Parts(string text)
    {
        var words = new List<string>();
        for (var start = 0; start < text.Length;)
        {
            var end = start + 1;
            while (end < text.Length && char.IsAsciiDigit(text[end]) == char.IsAsciiDigit(text[start]))
            {
                end++;
            }

            var part = text[start..end];
            words.Add(!char.IsAsciiDigit(part[0]) ? SayLetters(part, isFirst: start == 0)
                : part.Length == text.Length ? Numerals.Cardinal(part)
                : SayNumber(part));
            start = end;
        }

        return words;
    }

    /// <summary>Whether a code has a word in it that one would say.</summary>
    private static bool IsWordOf(string text, string word) =>
        word.Length > 3 && EnglishPronunciation.IsKnown(word) && text.Contains(word, StringComparison.OrdinalIgnoreCase);

    /// <summary>A number within a name: a year in pairs, hundreds as such, others as of a house.</summary>
    private static string SayNumber(string digits) =>
        Numerals.IsYear(digits) ? NumberWords.Pairs(Numerals.Value(digits))
            : digits is [_, '0', '0'] ? NumberWords.Cardinal(digits)
            : Numerals.Name(digits);

    private static string SayLetters(string letters, bool isFirst)
    {
        var lower = letters.ToLowerInvariant();
        var isWord = letters.Length switch
        {
            > 3 => EnglishPronunciation.IsKnown(lower) || EnglishPronunciation.HasVowelLetter(lower),
            3 => isFirst && !Capitals.Are(letters) && EnglishPronunciation.IsKnown(lower),
            _ => false,
        };
        return isWord || Initialisms.IsSaidAsWord(letters) ? lower : Spelling.Letters(letters);
    }

    private static string SayGroups(Match groups) => string.Join(" , ", groups.Value.Split('-', ' ').Select(group => NumberWords.Digits(group)));

    private static string SayStandard(Match match)
    {
        var parts = match.Groups["n"].Value.Split('.');
        var number = parts.Length > 1 ? $"eight oh two {NumberWords.Cardinal(parts[1])}" : Numerals.Name(parts[0]);
        var words = $"{number} {Spelling.Letters(match.Groups["l"].Value)} {Spelling.Signs(match.Groups["m"].Value)}".TrimEnd();
        return match.Groups["s"].Success ? Spelling.WithEnding(words) : words;
    }
}
