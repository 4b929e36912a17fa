using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>
/// Powers (10^-7, x², 6.02×10^23, 1.5e-9), and the signs of arithmetic where they stand between numbers or variables: minus, times, less than.
/// </summary>
internal sealed partial class Mathematics : SemioticClass
{
    private const string Comparisons = "=<>\u2260\u2264\u2265\u2248\u2261";

    // What may stand between the terms of an equation.
    private const string WithinEquations = " .+-*/^()\u00B2\u00B3";

    // How far a sign of comparison is looked for.
    private const int Reach = 24;

    public override string Name => "mathematics";

    [GeneratedRegex(@"\G(?: ?[x\u00D7*\u22C5\u00B7] ?(?<ten>10)\^(?<e>[+-]?\d{1,4})" // × 10^23
        + @"|(?<ten>)[eE](?<e>[+-]?\d{1,3})(?![A-Za-z0-9.])" // e-9
        + @"|\^(?<e>-?\d{1,4}|-?[A-Za-z](?![A-Za-z]))" // ^2, ^n
        + @"|\^\((?<e>-?\d{1,4})\)|\^\{(?<e>-?\d{1,4})\}" // ^(2), ^{2}
        + @"|(?<e>[\u00B2\u00B3]))(?!\d)")] // ²
    private static partial Regex Exponent { get; }

    [GeneratedRegex(@"\G(?<f>[fghFGHP])\((?<x>[a-zA-Z])\)(?![A-Za-z])")]
    private static partial Regex Function { get; }

    public override bool MayBeginWith(char first) => char.IsAsciiLetterOrDigit(first) || "-*/<>^.=!".Contains(first, StringComparison.Ordinal)
        || !char.IsAscii(first);

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
        if (Exponent.Match(passage.Text, end) is not { Success: true } match || (match.Groups["ten"].Success && passage.IsLetter(at)))
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
        var (length, words) = SayComparison(passage, at);
        if (words.Length > 0)
        {
            readings.Add(at, at + length, "comparison", words, words == "equals" ? Reading.Usual - 30 : Reading.Usual - 10);
        }
        else if (SayOperator(passage, at) is var (rule, name))
        {
            readings.Add(at, at + 1, rule, name, Reading.Usual - 10);
        }
    }

    /// <summary>What a sign of comparison says, and how long it is; nothing where it is none.</summary>
    private static (int Length, string Words) SayComparison(Passage passage, int at)
    {
        var isDouble = passage[at + 1] == '=' && passage[at + 2] != '=' && passage.SkipSpacesBack(at) > 0;
        switch (passage[at])
        {
            case '<' or '>' when IsComparison(passage, at):
                return (1, passage[at] == '<' ? "less than" : "greater than");
            case '<' or '>' when isDouble:
                return (2, (passage[at] == '<' ? "less" : "greater") + " than or equal to");
            case '<' or '>' when passage.IsDigit(at + 1) && !passage.IsLetterOrDigit(at - 1):
                return (1, passage[at] == '<' ? "less than" : "greater than");
            case '!' when isDouble:
                return (2, "not equal to");
            case '=' when passage[at + 1] == '=' && passage[at + 2] is ' ' or '=' && passage[at - 1] == ' '
                && EndsOperand(passage, passage.SkipSpacesBack(at)):
                return (passage[at + 2] == '=' ? 3 : 2, "equals");
            default:
                return (0, "");
        }
    }

    /// <summary>Between two operands, or set apart on both sides, or on none, behind a word and in front of a number or a small letter.</summary>
    private static bool IsComparison(Passage passage, int at)
    {
        var (before, after) = (passage.SkipSpacesBack(at), passage.SkipSpaces(at + 1));
        var isBetweenWords = before < at && after > at + 1 && passage.IsLetterOrDigit(before - 1)
            && (passage.IsDigit(after) || char.IsAsciiLetterLower(passage[after])) && !passage.IsLineStart(at);
        return isBetweenWords || IsBetweenOperands(passage, at);
    }

    /// <summary>What a sign of arithmetic says; null where it is none.</summary>
    private static (string Rule, string Name)? SayOperator(Passage passage, int at)
    {
        var (before, after) = (passage.SkipSpacesBack(at), passage.SkipSpaces(at + 1));
        var isBetween = IsBetweenOperands(passage, at);
        var (isApartBefore, isApartBehind) = (before < at, after > at + 1);
        return passage[at] switch
        {
            '-' or '\u2013' when passage.WrittenBefore(at) is "UTC" or "GMT" && !isApartBefore && passage.IsDigit(at + 1) =>
                ("offset from a time zone", "minus"),
            '-' when IsMinus(passage, at, before, after, isBetween) => ("minus", "minus"),
            '\u2212' => ("minus", BeginsOperand(passage, after) || passage[after] is '(' ? "minus" : ","),
            '*' or '\u22C5' or '\u00B7' when isBetween && isApartBefore == isApartBehind => ("multiplication", "times"),
            '/' when isApartBefore && isApartBehind && passage.IsDigit(before - 1) && passage.IsDigit(after) => ("division", "divided by"),
            '/' when isBetween && !isApartBefore && (IsGreek(passage[before - 1]) || IsGreek(passage[after])) => ("division", "over"),
            '^' when isBetween => ("power", "to the power of"),
            _ => null,
        };
    }

    private static bool IsBetweenOperands(Passage passage, int at) =>
        EndsOperand(passage, passage.SkipSpacesBack(at)) && BeginsOperand(passage, passage.SkipSpaces(at + 1));

    /// <summary>
    /// A hyphen is a minus in front of a number that nothing is joined to, between two numbers with spaces, and in an equation; never between words.
    /// </summary>
    private static bool IsMinus(Passage passage, int at, int before, int after, bool isBetween)
    {
        // Signs from U+2200 are those of mathematics.
        var last = passage[at - 1];
        var isJoined = char.IsAsciiLetterOrDigit(last) || last >= '\u2200' || "-)'\"./%".Contains(last, StringComparison.Ordinal);
        var isBeforeNumber = passage.IsDigit(at + 1) || (passage[at + 1] == '.' && passage.IsDigit(at + 2)) || Currency.IsSign(passage[at + 1]);
        var isSubtraction = before < at && after > at + 1 && passage.IsDigit(before - 1) && passage.IsDigit(after);
        return (!isJoined && isBeforeNumber) || isSubtraction || (isBetween && IsInEquation(passage, before, after));
    }

    /// <summary>Whether a sign of comparison stands beside the numbers and variables on the two sides.</summary>
    private static bool IsInEquation(Passage passage, int before, int after)
    {
        var end = after;
        while (end - after < Reach && IsWithinEquation(passage[end]))
        {
            end++;
        }

        var start = before;
        while (before - start < Reach && IsWithinEquation(passage[start - 1]))
        {
            start--;
        }

        var isEquation = Comparisons.Contains(passage[end], StringComparison.Ordinal)
            || Comparisons.Contains(passage[start - 1], StringComparison.Ordinal);
        return isEquation && !HasWord(passage.Text.AsSpan(start, Math.Min(end, passage.Text.Length) - start));
    }

    private static bool IsWithinEquation(char character) =>
        char.IsAsciiLetterOrDigit(character) || WithinEquations.Contains(character, StringComparison.Ordinal);

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

    private static bool BeginsOperand(Passage passage, int at) => passage[at] switch
    {
        '(' => passage.IsDigit(at + 1) || IsVariable(passage, at + 1),
        '.' or '-' => passage.IsDigit(at + 1),
        '\u221A' or '\u221E' => true,
        var first => char.IsAsciiDigit(first) || IsGreek(first) || IsVariable(passage, at),
    };

    private static bool EndsOperand(Passage passage, int end) => passage[end - 1] switch
    {
        ')' => passage.IsDigit(end - 2) || IsVariable(passage, end - 2),
        '\u00B2' or '\u00B3' or '\u221E' => true,
        var last => char.IsAsciiDigit(last) || IsGreek(last) || IsVariable(passage, end - 1),
    };

    private static bool IsGreek(char sign) => sign is >= '\u03B1' and <= '\u03C9';
}
