using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>
/// What is left of a mark-up language and is not said: Markdown's headings, emphasis, rules, quotes, list marks and links (CommonMark 0.31), tags of
/// HTML, and rows of one mark.
/// </summary>
internal sealed partial class MarkUp : SemioticClass
{
    // The limits keep every look at what surrounds a mark short.
    private const int LongestLink = 300;
    private const int LongestRow = 256;

    // Headings of HTML and of Markdown have six levels.
    private const int MostLevels = 6;

    private const string FirstMarks = "#*_=~->[]<!`|+.(^";

    // Elements of HTML (HTML Standard, section 4) and of SSML 1.1; other names between angle brackets are a writer's own, and are said.
    private static readonly HashSet<string> Elements = [.. """
        a abbr address article aside audio b base big blockquote body br break button canvas caption center cite code col dd del details
        dfn div dl dt em emphasis figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd
        label lang legend li link main mark meta nav noscript ol option p paragraph path phoneme picture pre prosody q s samp say-as
        script section select sentence small source span speak strike strong style sub summary sup svg table tbody td textarea tfoot th
        thead time title tr tt u ul var video voice w
        """.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)];

    public override string Name => "mark-up";

    [GeneratedRegex(@"\G</?(?<name>[a-zA-Z][a-zA-Z0-9-]{0,30})(?:\s[^<>]{0,300})?/?>|\G<!--(?:[^-]|-(?!->)){0,1000}-->")]
    private static partial Regex Tag { get; }

    [GeneratedRegex(@"\G\]\((?:[^\s()]|\([^\s()]{0,200}\)){0,1000}(?: ""[^""]{0,200}"")?\)|\G\]\[[^\[\]]{0,100}\]")]
    private static partial Regex LinkTarget { get; }

    [GeneratedRegex(@"\G```[a-zA-Z0-9+#-]{0,20}(?=\s|$)")]
    private static partial Regex Fence { get; }

    [GeneratedRegex(@"\G\[[ xX]\] ")]
    private static partial Regex CheckBox { get; }

    public override bool MayBeginWith(char first) => FirstMarks.Contains(first, StringComparison.Ordinal);

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        if (Silent(passage, at, RunEnd(passage, at)) is var (end, rule))
        {
            readings.Add(at, end, rule, "", Reading.Usual - 20);
        }
        else
        {
            ProposeDashes(passage, at, readings);
        }
    }

    /// <summary>The end of what belongs to the mark-up at a place, and what it is; null when there is none.</summary>
    private static (int End, string Rule)? Silent(Passage passage, int at, int end) => passage[at] switch
    {
        '<' => Tagged(passage, at),
        '[' or ']' or '!' => OfLink(passage, at),
        '#' or '>' or '-' or '+' when LineMark(passage, at, end) is { } rule => (end, rule),
        '*' when IsListMark(passage, at, end) => (end, "list"),
        '#' when end - at > 1 => (end, "row of marks"),
        '=' when IsUnderline(passage, at, end) => (end, "heading"),
        '`' when Fence.Match(passage.Text, at) is { Success: true } fence => (at + fence.Length, "fence of code"),
        '`' or '|' => (end, "quoted code or table"),
        '(' when passage[at + 1] == ')' => (at + 2, "empty brackets"),
        '*' or '_' or '~' or '=' or '^' when end - at > 3 => (end, "row of marks"),
        '*' or '_' or '~' or '=' or '^' when end - at == 3 => (end, "emphasis"),
        '~' or '=' or '^' when end - at == 2 && IsEmphasis(passage, at, end) => (end, "emphasis"),
        '*' or '_' when IsEmphasis(passage, at, end) => (end, "emphasis"),
        _ => null,
    };

    /// <summary>A tag of a known element, or a comment.</summary>
    private static (int End, string Rule)? Tagged(Passage passage, int at)
    {
        var tag = Tag.Match(passage.Text, at);
        var name = tag.Groups["name"];
        var isKnown = tag.Success && (!name.Success || Elements.Contains(name.Value.ToLowerInvariant()));
        return isKnown ? (at + tag.Length, "tag") : null;
    }

    /// <summary>The brackets of a link and its target, the mark in front of a picture, and the box of a task.</summary>
    private static (int End, string Rule)? OfLink(Passage passage, int at) => passage[at] switch
    {
        ']' when LinkTarget.Match(passage.Text, at) is { Success: true } target && HasOpening(passage, at) =>
            (at + target.Length, "target of a link"),
        '[' when CheckBox.IsMatch(passage.Text, at) && IsListItem(passage, at) => (at + 3, "check box"),
        '[' when IsLink(passage, at) => (at + 1, "link"),
        '!' when passage[at + 1] == '[' => (at + 1, "picture"),
        '[' or ']' when passage[at + 1] == passage[at] && passage[at - 1] != passage[at] => (at + 2, "link"),
        _ => null,
    };

    /// <summary>What the marks at the beginning of a line say of it; null where they are none of these.</summary>
    private static string? LineMark(Passage passage, int at, int end) => !passage.IsLineStart(at) ? null : passage[at] switch
    {
        '#' when end - at == 1 && passage.IsDigit(end + 1) => null,
        '#' when end - at <= MostLevels && passage[end] is ' ' or '\0' => "heading",
        '>' when passage[end] is ' ' || passage.IsLetter(end) => "quotation",
        '-' or '+' when IsListMark(passage, at, end) => "list",
        _ => null,
    };

    private static bool IsListMark(Passage passage, int at, int end) =>
        end == at + 1 && passage[end] == ' ' && !passage.IsDigit(end + 1) && passage.IsLineStart(at);

    /// <summary>A row of equals signs that makes a heading of a line, below it or behind it.</summary>
    private static bool IsUnderline(Passage passage, int at, int end) =>
        end - at >= 2 && (passage.IsLineStart(at) || passage.CharacterAfter(end) is '\0' or '\n');

    /// <summary>The dashes of an option, which are said, and rows of dashes or dots, which are a pause within a line.</summary>
    private static void ProposeDashes(Passage passage, int at, ReadingList readings)
    {
        var end = RunEnd(passage, at);
        var isOption = passage.Has(at, "--") && passage.IsLetter(at + 2) && passage[at - 1] is ' ' or '\0' or '(' or '"' or '\'';
        if (isOption)
        {
            readings.Add(at, end, "dashes of an option", "dash dash", Reading.Usual - 20);
        }
        else if (passage[at] is '-' or '.' && end - at > 3)
        {
            readings.Add(at, end, "row of marks", passage.IsLineStart(at) ? "" : ",", Reading.Usual - 20);
        }
    }

    /// <summary>Whether marks stand directly in front of a word or behind one, and not between two operands.</summary>
    private static bool IsEmphasis(Passage passage, int at, int end)
    {
        var (before, after) = (passage[at - 1], passage[end]);
        var isOpening = !char.IsAsciiLetterOrDigit(before) && !char.IsWhiteSpace(after) && after != '\0';
        var isClosing = !char.IsAsciiLetterOrDigit(after) && !char.IsWhiteSpace(before) && before != '\0';
        return isOpening || isClosing;
    }

    private static bool IsListItem(Passage passage, int at)
    {
        var mark = passage.SkipSpacesBack(at) - 1;
        return passage[mark] is '-' or '*' or '+' && passage.IsLineStart(mark);
    }

    private static bool IsLink(Passage passage, int at)
    {
        var window = passage.Text.AsSpan(at, Math.Min(LongestLink, passage.Text.Length - at));
        var close = window.IndexOf(']');
        return close > 1 && passage[at + close + 1] is '(' or '[' && LinkTarget.IsMatch(passage.Text, at + close);
    }

    private static bool HasOpening(Passage passage, int at)
    {
        var start = Math.Max(0, at - LongestLink);
        return passage.Text.AsSpan(start, at - start).Contains('[');
    }

    private static int RunEnd(Passage passage, int at)
    {
        var end = at + 1;
        while (passage[end] == passage[at] && end - at < LongestRow)
        {
            end++;
        }

        return end;
    }
}
