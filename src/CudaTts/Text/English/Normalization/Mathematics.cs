using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>
/// Powers (10^-7, x², 6.02×10^23, 1.5e-9), and the signs of arithmetic where they stand between numbers or variables: minus, times, less than.
/// </summary>
internal sealed partial class Mathematics : SemioticClass
{
    private const string Comparisons = "=<>\u2260\u2264\u2265\u2248\u2261";

    public override string Name => "mathematics";

    public override bool MayBeginWith(char first) => char.IsAsciiLetterOrDigit(first) || first is '-' or '*' or '/' or '<' or '>' or '^' or '.' or '=' or '!' || !char.IsAscii(first);

    [GeneratedRegex(@"\G(?: ?[x\u00D7*\u22C5\u00B7] ?(?<ten>10)\^(?<e>[+-]?\d{1,4})|(?<ten>)[eE](?<e>[+-]?\d{1,3})(?![A-Za-z0-9.])|\^(?<e>-?\d{1,4}|-?[A-Za-z](?![A-Za-z]))|\^\((?<e>-?\d{1,4})\)|\^\{(?<e>-?\d{1,4})\}|(?<e>[\u00B2\u00B3]))(?!\d)")]
    private static partial Regex Exponent { get; }

    [GeneratedRegex(@"\G(?<f>[fghFGHP])\((?<x>[a-zA-Z])\)(?![A-Za-z])")]
    private static partial Regex Function { get; }

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        var first = passage[at];
        if (char.IsAsciiDigit(first) || first == '.')
        {
            if (!passage.IsLetter(at - 1) && WrittenNumber.TryRead(passage, at, out var number))
            {
                ProposePower(passage, at, number.End, number.Words, readings);
            }
        }
        else if (IsVariable(passage, at))
        {
            ProposePower(passage, at, at + 1, char.ToUpperInvariant(first).ToString(), readings);
            if (Function.Match(passage.Text, at) is { Success: true } function)
            {
                readings.Add(at, at + function.Length, "function",
                    $"{function.Groups["f"].Value.ToUpperInvariant()} of {function.Groups["x"].Value.ToUpperInvariant()}");
            }
        }
        else if (!char.IsAsciiLetter(first))
        {
            ProposeSign(passage, at, readings);
        }
    }

    private static void ProposePower(Passage passage, int at, int end, string words, ReadingList readings)
    {
        if (Exponent.Match(passage.Text, end) is not { Success: true } match || (match.Groups["ten"].Success && !passage.IsDigit(at) && passage[at] != '.'))
        {
            return;
        }

        var exponent = match.Groups["e"].Value.TrimStart('+');
        var power = exponent switch
        {
            "2" or "\u00B2" => "squared",
            "3" or "\u00B3" => "cubed",
            ['-', .. var rest] => "to the power of minus " + Say(rest),
            _ => "to the power of " + Say(exponent),
        };
        readings.Add(at, end + match.Length, "power", $"{words}{(match.Groups["ten"].Success ? " times ten" : "")} {power}", Reading.Usual - 20);

        static string Say(string sign) => char.IsAsciiDigit(sign[0]) ? Numerals.Cardinal(sign) : sign.ToUpperInvariant();
    }

    private static void ProposeSign(Passage passage, int at, ReadingList readings)
    {
        var sign = passage[at];
        var (before, after) = (passage.SkipSpacesBack(at), passage.SkipSpaces(at + 1));
        var isBetween = EndsOperand(passage, before) && BeginsOperand(passage, after);
        var isBalanced = (before == at) == (after == at + 1);
        switch (sign)
        {
            case '-' or '\u2013' when passage.WrittenBefore(at) is "UTC" or "GMT" && before == at && passage.IsDigit(at + 1):
                readings.Add(at, at + 1, "offset from a time zone", "minus", Reading.Usual - 10);
                break;
            case '-' when IsMinus(passage, at, before, after, isBetween):
                readings.Add(at, at + 1, "minus", "minus", Reading.Usual - 10);
                break;
            case '\u2212':
                readings.Add(at, at + 1, "minus", BeginsOperand(passage, after) || passage[after] is '(' ? "minus" : ",", Reading.Usual - 10);
                break;
            case '<' or '>' when isBetween || (isBalanced && before < at && passage.IsLetterOrDigit(before - 1)
                && (passage.IsDigit(after) || char.IsAsciiLetterLower(passage[after])) && !passage.IsLineStart(at)):
                readings.Add(at, at + 1, "comparison", sign == '<' ? "less than" : "greater than", Reading.Usual - 10);
                break;
            case '<' or '>' when passage[at + 1] == '=' && passage[at + 2] != '=' && before > 0:
                readings.Add(at, at + 2, "comparison", (sign == '<' ? "less" : "greater") + " than or equal to", Reading.Usual - 10);
                break;
            case '<' or '>' when passage.IsDigit(at + 1) && !passage.IsLetterOrDigit(at - 1):
                readings.Add(at, at + 1, "comparison", sign == '<' ? "less than" : "greater than", Reading.Usual - 10);
                break;
            case '!' when passage[at + 1] == '=' && before > 0 && passage[at + 2] != '=':
                readings.Add(at, at + 2, "comparison", "not equal to", Reading.Usual - 10);
                break;
            case '*' or '\u22C5' or '\u00B7' when isBetween && isBalanced:
                readings.Add(at, at + 1, "multiplication", "times", Reading.Usual - 10);
                break;
            case '/' when isBetween && passage.IsDigit(before - 1) && passage.IsDigit(after) && before < at && after > at + 1:
                readings.Add(at, at + 1, "division", "divided by", Reading.Usual - 10);
                break;
            case '/' when isBetween && before == at && (IsGreek(passage[before - 1]) || IsGreek(passage[after])):
                readings.Add(at, at + 1, "division", "over", Reading.Usual - 10);
                break;
            case '=' when passage[at + 1] == '=' && passage[at + 2] is ' ' or '=' && before < at && EndsOperand(passage, before):
                var equals = passage[at + 2] == '=' ? at + 3 : at + 2;
                readings.Add(at, equals, "comparison", "equals", Reading.Usual - 30);
                break;
            case '^' when isBetween:
                readings.Add(at, at + 1, "power", "to the power of", Reading.Usual - 10);
                break;
        }
    }

    /// <summary>
    /// A hyphen is a minus in front of a number that nothing is joined to, between two numbers with spaces, and in an equation; never between words.
    /// </summary>
    private static bool IsMinus(Passage passage, int at, int before, int after, bool isBetween)
    {
        var isSign = !passage.IsLetterOrDigit(at - 1) && passage[at - 1] is not ('-' or ')' or '\'' or '"' or '.' or '/' or '%') && passage[at - 1] < '\u2200'
            && (passage.IsDigit(at + 1) || (passage[at + 1] == '.' && passage.IsDigit(at + 2)) || Currency.IsSign(passage[at + 1]));
        var isSubtraction = isBetween && (before == at) == (after == at + 1) && before < at && passage.IsDigit(before - 1) && passage.IsDigit(after);
        return isSign || isSubtraction || (isBetween && IsInEquation(passage, before, after));
    }

    /// <summary>Whether a sign of comparison stands beside the numbers and variables on the two sides.</summary>
    private static bool IsInEquation(Passage passage, int before, int after)
    {
        const int Reach = 24;
        var end = after;
        while (end - after < Reach && (passage.IsLetterOrDigit(end) || passage[end] is ' ' or '.' or '+' or '-' or '*' or '/' or '^' or '(' or ')' or '\u00B2' or '\u00B3'))
        {
            end++;
        }

        var start = before;
        while (before - start < Reach && (passage.IsLetterOrDigit(start - 1) || passage[start - 1] is ' ' or '.' or '+' or '-' or '*' or '/' or '^' or '(' or ')'))
        {
            start--;
        }

        var isEquation = Comparisons.Contains(passage[end], StringComparison.Ordinal) || Comparisons.Contains(passage[start - 1], StringComparison.Ordinal);
        return isEquation && !HasWord(passage.Text.AsSpan(start, Math.Min(end, passage.Text.Length) - start));
    }

    // A word of three letters or more is no variable.
    private static bool HasWord(ReadOnlySpan<char> text)
    {
        var letters = 0;
        foreach (var character in text)
        {
            letters = char.IsAsciiLetter(character) ? letters + 1 : 0;
            if (letters == 3)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsVariable(Passage passage, int at) =>
        passage.IsLetter(at) && !passage.IsLetter(at - 1) && !passage.IsLetter(at + 1) && passage[at - 1] != '\'' && passage[at + 1] != '\'';

    private static bool BeginsOperand(Passage passage, int at) => passage.IsDigit(at) || IsVariable(passage, at) || IsGreek(passage[at])
        || (passage[at] is '(' && (passage.IsDigit(at + 1) || IsVariable(passage, at + 1))) || (passage[at] is '.' or '-' && passage.IsDigit(at + 1)) || passage[at] is '\u221A' or '\u221E';

    private static bool EndsOperand(Passage passage, int end) => passage.IsDigit(end - 1) || (end > 0 && IsVariable(passage, end - 1)) || IsGreek(passage[end - 1])
        || (passage[end - 1] is ')' && (passage.IsDigit(end - 2) || IsVariable(passage, end - 2))) || passage[end - 1] is '\u00B2' or '\u00B3' or '\u221E';

    private static bool IsGreek(char sign) => sign is >= '\u03B1' and <= '\u03C9';
}
