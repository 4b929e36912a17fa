using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>Telephone numbers: digit by digit, a pause between groups; toll-free numbers with letters, and what is dialled: "call 911".</summary>
internal sealed partial class Telephones : SemioticClass
{
    private static readonly HashSet<string> BeforeNumbers = ["call", "dial", "dialed", "called", "dialing", "calling", "text", "phone", "telephone",
        "tel", "fax", "mobile", "cell", "hotline", "at", "ext", "extension"];

    public override string Name => "telephone";

    public override bool MayBeginWith(char first) => char.IsAsciiDigit(first) || first is '+' or '(';

    // North American numbers (NANP), with a country code, in three groups of three or four, and, with +, any of E.164; the United Kingdom's with 0 in front.
    [GeneratedRegex(@"\G(?:(?<p>\+)?(?:\d{1,3}[ .-]?)?(?:\(\d{3}\)[ -]?|\d{3}[ .-])\d{3}[ .-]\d{4}(?:-\d{1,4})?(?!\d|[.-]\d)"
        + @"|(?<p>\+)\d{1,3}(?:[ .-]\(?\d{1,5}\)?|\(\d{1,5}\)){2,6}(?!\d|[.-]\d)|(?<p>\+)\d{7,15}(?!\d)|\d{3}-\d{4}(?!\d|-\d)|\d{3}-\d{4}-\d{4}(?!\d|-\d)"
        + @"|\(?0\d{1,5}\)?[ -]\d{3,4}[ -]?\d{3,4}(?:[ -]\d{2,4})?(?!\d|[.-]\d))")]
    private static partial Regex Pattern { get; }

    [GeneratedRegex(@"\G(?<one>1-)?(?<free>8\d\d)-(?=[0-9A-Z-]{4,12}(?![0-9A-Za-z]))(?:[A-Z0-9]{1,8}-?){1,4}(?<![-0-9])")]
    private static partial Regex WithLetters { get; }

    [GeneratedRegex(@"\G1-(?<free>8\d\d)(?![\d-])")]
    private static partial Regex TollFree { get; }

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        if (passage.IsLetterOrDigit(at - 1) || passage[at - 1] == '+' || (passage[at - 1] is '-' or '.' or '/' && passage.IsDigit(at - 2)))
        {
            return;
        }

        if (passage.IsDigit(at))
        {
            ProposeDialled(passage, at, readings);
        }

        if (TollFree.Match(passage.Text, at) is { Success: true } free)
        {
            readings.Add(at, at + free.Length, "toll-free prefix", "one " + SayFree(free.Groups["free"].Value), Reading.Certain);
        }

        if (WithLetters.Match(passage.Text, at) is { Success: true } letters)
        {
            readings.Add(at, at + letters.Length, "toll-free number with letters", SayLetters(letters), Reading.Certain);
        }
        else if (Pattern.Match(passage.Text, at) is { Success: true } match)
        {
            var groups = match.Value.Split([' ', '.', '-', '(', ')', '+'], StringSplitOptions.RemoveEmptyEntries);
            var words = string.Join(" , ", groups.Select(group => NumberWords.Digits(group)));
            readings.Add(at, at + match.Length, "telephone number", (match.Groups["p"].Success ? "plus " : "") + words, Reading.Certain);
        }
    }

    private static string SayFree(string prefix) =>
        prefix.EndsWith("00", StringComparison.Ordinal) ? NumberWords.Cardinal(prefix) : NumberWords.Digits(prefix);

    private static void ProposeDialled(Passage passage, int at, ReadingList readings)
    {
        var end = passage.DigitsEnd(at);
        var isDialled = end - at is >= 3 and <= 11 && BeforeNumbers.Contains(passage.WordBefore(at)) && !(passage[end] is '.' or ',' or '-' or '/' or ':'
            && passage.IsDigit(end + 1)) && !passage.IsLetter(end);
        if (isDialled && (passage.WordBefore(at) != "at" || end - at >= 7))
        {
            readings.Add(at, end, "number that is dialled", NumberWords.Digits(passage.Text.AsSpan(at, end - at)), Reading.Certain);
        }
    }

    /// <summary>1-800-GO-U-HAUL: "one eight hundred", then words that a dictionary has and the letters of others.</summary>
    private static string SayLetters(Match match)
    {
        var free = match.Groups["free"].Value;
        var words = (match.Groups["one"].Success ? "one " : "") + SayFree(free);
        foreach (var part in match.Value[(match.Groups["free"].Index + 4 - match.Index)..].Split('-', StringSplitOptions.RemoveEmptyEntries))
        {
            words += part.Length == 1 || !EnglishPronunciation.IsKnown(part.ToLowerInvariant())
                ? " " + string.Join(' ', part.Select(sign => char.IsAsciiDigit(sign) ? NumberWords.Digits([sign]) : sign.ToString()))
                : " " + part.ToLowerInvariant();
        }

        return words;
    }
}
