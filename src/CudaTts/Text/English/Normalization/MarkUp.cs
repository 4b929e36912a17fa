using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>
/// What is left of a mark-up language and is not said: Markdown's headings, emphasis, rules, quotes, list marks and links (CommonMark 0.31), tags of
/// HTML, and rows of one mark.
/// </summary>
internal sealed partial class MarkUp : SemioticClass
{
    // Elements of HTML (HTML Standard, section 4) and of SSML 1.1; other names between angle brackets are a writer's own, and are said.
    private static readonly HashSet<string> Elements = [.. """
        a abbr address article aside audio b base big blockquote body br break button canvas caption center cite code col dd del details
        dfn div dl dt em emphasis figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd
        label lang legend li link main mark meta nav noscript ol option p paragraph path phoneme picture pre prosody q s samp say-as
        script section select sentence small source span speak strike strong style sub summary sup svg table tbody td textarea tfoot th
        thead time title tr tt u ul var video voice w
        """.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)];

    public override string Name => "mark-up";

    public override bool MayBeginWith(char first) => first is '#' or '*' or '_' or '=' or '~' or '-' or '>' or '<' or '[' or ']' or '!' or '`' or '|' or '+' or '.' or '(' or '^' || !char.IsAscii(first);

    [GeneratedRegex(@"\G</?(?<name>[a-zA-Z][a-zA-Z0-9-]{0,30})(?:\s[^<>]{0,300})?/?>|\G<!--(?:[^-]|-(?!->)){0,1000}-->")]
    private static partial Regex Tag { get; }

    [GeneratedRegex(@"\G\]\((?:[^\s()]|\([^\s()]{0,200}\)){0,1000}(?: ""[^""]{0,200}"")?\)|\G\]\[[^\[\]]{0,100}\]")]
    private static partial Regex LinkTarget { get; }

    [GeneratedRegex(@"\G```[a-zA-Z0-9+#-]{0,20}(?=\s|$)")]
    private static partial Regex Fence { get; }

    [GeneratedRegex(@"\G\[[ xX]\] ")]
    private static partial Regex CheckBox { get; }

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        var mark = passage[at];
        var isLineStart = passage.IsLineStart(at);
        var end = RunEnd(passage, at);
        switch (mark)
        {
            case '<' when Tag.Match(passage.Text, at) is { Success: true } tag
                && (!tag.Groups["name"].Success || Elements.Contains(tag.Groups["name"].Value.ToLowerInvariant())):
                Add(at, at + tag.Length, "tag");
                break;
            case ']' when LinkTarget.Match(passage.Text, at) is { Success: true } target && HasOpening(passage, at):
                Add(at, at + target.Length, "target of a link");
                break;
            case '[' when CheckBox.IsMatch(passage.Text, at) && IsListItem(passage, at):
                Add(at, at + 3, "check box");
                break;
            case '[' when IsLink(passage, at):
                Add(at, at + 1, "link");
                break;
            case '!' when passage[at + 1] == '[':
                Add(at, at + 1, "picture");
                break;
            case '`' when Fence.Match(passage.Text, at) is { Success: true } fence:
                Add(at, at + fence.Length, "fence of code");
                break;
            case '`' or '|':
                Add(at, end, "quoted code or table");
                break;
            case '#' when isLineStart && end - at <= 6 && passage[end] is ' ' or '\0' && !(end - at == 1 && passage.IsDigit(end + 1)):
                Add(at, end, "heading");
                break;
            case '#' when end - at > 1:
                Add(at, end, "row of marks");
                break;
            case '>' when isLineStart && (passage[end] is ' ' or '>' || passage.IsLetter(end)):
                Add(at, end, "quotation");
                break;
            case '-' or '+' or '*' when isLineStart && end == at + 1 && passage[end] == ' ' && !passage.IsDigit(end + 1):
                Add(at, end, "list");
                break;
            case '=' when end - at >= 2 && (isLineStart || passage[passage.SkipSpaces(end)] is '\0' or '\n'):
                Add(at, end, "heading");
                break;
            case '[' when passage[at + 1] == '[' && passage[at - 1] != '[':
            case ']' when passage[at + 1] == ']' && passage[at - 1] != ']':
                Add(at, at + 2, "link");
                break;
            case '(' when passage[at + 1] == ')':
                Add(at, at + 2, "empty brackets");
                break;
            case '-' when passage[at + 1] == '-' && passage.IsLetter(at + 2) && passage[at - 1] is ' ' or '\0' or '(' or '"' or '\'':
                readings.Add(at, at + 2, "dashes of an option", "dash dash", Reading.Usual - 20);
                break;
            case '*' or '_' or '~' or '=' or '^' when end - at >= 2 && (IsEmphasis(passage, at, end) || end - at >= 3):
                Add(at, end, end - at > 3 ? "row of marks" : "emphasis");
                break;
            case '-' or '.' when end - at > 3:
                readings.Add(at, end, "row of marks", isLineStart ? "" : ",", Reading.Usual - 20);
                break;
            case '*' or '_' when IsEmphasis(passage, at, end):
                Add(at, end, "emphasis");
                break;
        }

        void Add(int start, int stop, string rule) => readings.Add(start, stop, rule, "", Reading.Usual - 20);
    }

    /// <summary>Whether marks stand directly in front of a word or behind one, and not between two operands.</summary>
    private static bool IsEmphasis(Passage passage, int at, int end)
    {
        var (before, after) = (passage[at - 1], passage[end]);
        var isOpening = !char.IsAsciiLetterOrDigit(before) && !char.IsWhiteSpace(after) && after != '\0';
        var isClosing = !char.IsAsciiLetterOrDigit(after) && !char.IsWhiteSpace(before) && before != '\0';
        return isOpening || isClosing;
    }

    private static bool IsListItem(Passage passage, int at) => passage.SkipSpacesBack(at) is var end && passage[end - 1] is '-' or '*' or '+' && passage.IsLineStart(end - 1);

    private static bool IsLink(Passage passage, int at)
    {
        var window = passage.Text.AsSpan(at, Math.Min(300, passage.Text.Length - at));
        var close = window.IndexOf(']');
        return close > 1 && (close + 1 < window.Length) && window[close + 1] is '(' or '[' && LinkTarget.IsMatch(passage.Text, at + close);
    }

    private static bool HasOpening(Passage passage, int at) => passage.Text.AsSpan(Math.Max(0, at - 300), Math.Min(300, at)).LastIndexOf('[') >= 0;

    private static int RunEnd(Passage passage, int at)
    {
        const int Longest = 4096;
        var end = at + 1;
        while (passage[end] == passage[at] && end - at < Longest)
        {
            end++;
        }

        return end;
    }
}
