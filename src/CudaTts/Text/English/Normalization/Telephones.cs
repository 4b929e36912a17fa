using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>Telephone numbers: digit by digit, a pause between groups; toll-free numbers with letters, and what is dialled: "call 911".</summary>
internal sealed partial class Telephones : SemioticClass
{
    // Behind these a number is dialled.
    private static readonly HashSet<string> BeforeNumbers =
    [
        "call", "dial", "dialed", "called", "dialing", "calling", "text", "phone", "telephone", "tel", "fax", "mobile", "cell", "hotline", "at",
        "ext", "extension",
    ];

    public override string Name => "telephone";

    [GeneratedRegex(@"\G(?:(?<p>\+)?(?:\d{1,3}[ .-]?)?(?:\(\d{3}\)[ -]?|\d{3}[ .-])\d{3}[ .-]\d{4}(?:-\d{1,4})?(?!\d|[.-]\d)" // North America
        + @"|(?<p>\+)\d{1,3}(?:[ .-]\(?\d{1,5}\)?|\(\d{1,5}\)){2,6}(?!\d|[.-]\d)|(?<p>\+)\d{7,15}(?!\d)" // any of E.164
        + @"|\d{3}-\d{4}(?!\d|-\d)|\d{3}-\d{4}-\d{4}(?!\d|-\d)" // without an area code, Korea
        + @"|\(?0\d{1,5}\)?[ -]\d{3,4}[ -]?\d{3,4}(?:[ -]\d{2,4})?(?!\d|[.-]\d))")] // the United Kingdom, with 0 in front
    private static partial Regex Pattern { get; }

    [GeneratedRegex(@"\G(?<one>1-)?(?<free>8\d\d)-(?=[0-9A-Z-]{4,12}(?![0-9A-Za-z]))(?:[A-Z0-9]{1,8}-?){1,4}(?<![-0-9])")]
    private static partial Regex WithLetters { get; }

    [GeneratedRegex(@"\G1-(?<free>8\d\d)(?![\d-])")]
    private static partial Regex TollFree { get; }

    public override bool MayBeginWith(char first) => char.IsAsciiDigit(first) || first is '+' or '(';

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
        var before = passage.WordBefore(at);

        // Behind "at" a short number is a price or a time.
        var isLong = end - at is >= 3 and <= 11 && (before != "at" || end - at >= 7);
        var goesOn = passage.IsLetter(end) || (passage[end] is '.' or ',' or '-' or '/' or ':' && passage.IsDigit(end + 1));
        if (isLong && !goesOn && BeforeNumbers.Contains(before))
        {
            readings.Add(at, end, "number that is dialled", NumberWords.Digits(passage.Text.AsSpan(at, end - at)), Reading.Certain);
        }
    }

    /// <summary>1-800-GO-U-HAUL: "one eight hundred", then words that a dictionary has and the letters of others.</summary>
    private static string SayLetters(Match match)
    {
        var free = match.Groups["free"];
        var rest = match.Value[(free.Index + free.Length - match.Index)..];
        var words = (match.Groups["one"].Success ? "one " : "") + SayFree(free.Value);
        foreach (var part in rest.Split('-', StringSplitOptions.RemoveEmptyEntries))
        {
            var lower = part.ToLowerInvariant();
            var isWord = part.Length > 1 && EnglishPronunciation.IsKnown(lower);
            words = $"{words} {(isWord ? lower : Spelling.Signs(part))}";
        }

        return words;
    }
}
