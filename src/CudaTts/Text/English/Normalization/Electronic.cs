using System.Text;
using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>
/// Addresses of the web with or without their scheme, which is not said (RFC 3986), of e-mail (RFC 5322), of hosts with a port, paths of files, and
/// names with an at sign or a hash in front.
/// </summary>
internal sealed partial class Electronic : SemioticClass
{
    private const string Domain = @"[A-Za-z0-9][A-Za-z0-9_-]{0,62}(?:\.[A-Za-z0-9-]{1,62}){0,5}\.";
    private const string Endings = "com|org|net|edu|gov|mil|info|io|ai|dev|app|co|uk|de|fr|eu|ca|au|jp|ru|ch|nl|it|es|us|tv|me|biz|sh|gg|ly|xyz|cloud|local";

    public override string Name => "electronic";

    public override bool MayBeginWith(char first) => char.IsAsciiLetterOrDigit(first) || first is '/' or '~' or '.' or '#' or '@';

    [GeneratedRegex(@"\G(?:(?<scheme>(?:[Hh][Tt][Tt][Pp][Ss]?|[Ff][Tt][Pp]|[Ff][Ii][Ll][Ee]|[Gg][Ii][Tt]|[Ss][Ss][Hh]|[Ww][Ss][Ss]?)://|mailto:)(?<a>[^\s<>""{}|]{0,2000})"
        + @"|(?<a>[A-Za-z0-9](?:[A-Za-z0-9._%+&-]{0,62}[A-Za-z0-9_])?@" + Domain + @"[A-Za-z]{2,12})(?![A-Za-z0-9])(?<a2>/[^\s<>""{}|,]{0,200})?"
        + @"|(?<a>(?:[Ww]{3}\." + Domain + "[A-Za-z]{2,12}|" + Domain + "(?:" + Endings + @"))(?![A-Za-z0-9-]|\.[A-Za-z0-9])(?::\d{1,5})?(?:[/?#][^\s<>""{}|,]{0,500})?"
        + @"|localhost(?::\d{1,5})?(?:/[^\s<>""{}|,]{0,200})?))")]
    private static partial Regex Address { get; }

    [GeneratedRegex(@"\G(?:(?:~|\.{1,2})?(?:/[A-Za-z0-9_.@+-]{1,80}){2,12}/?|~/[A-Za-z0-9_.@+-]{1,80}|[A-Za-z]:(?:\\[A-Za-z0-9_.@+ -]{1,40}){1,12}(?<! )|\.{1,2}(?:/[A-Za-z0-9_.@+-]{1,80}){1,12}/?)(?![A-Za-z0-9])")]
    private static partial Regex Path { get; }

    [GeneratedRegex(@"\G(?<n>[A-Za-z0-9_-]{1,60})\.(?<e>md|txt|py|js|ts|cs|cpp|cc|hpp|rs|go|java|rb|php|html?|css|json|xml|ya?ml|toml|csv|tsv|pdf|docx?|xlsx?|pptx?|png|jpe?g|gif|svg|webp|mp[34]|wav|flac|ogg|zip|tar|gz|exe|dll|so|ini|cfg|conf|log|sql|sh|bat|ps1|onnx|bin)(?![A-Za-z0-9])")]
    private static partial Regex FileName { get; }

    [GeneratedRegex(@"\G(?<s>[#@]|[ru]/)(?<n>[A-Za-z][A-Za-z0-9_]{1,60})")]
    private static partial Regex Handle { get; }

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        if (passage.IsLetterOrDigit(at - 1))
        {
            return;
        }

        var first = passage[at];
        if (char.IsAsciiLetterOrDigit(first))
        {
            ProposeAddress(passage, at, readings);
        }

        if (first is '#' or '@' or 'r' or 'u' && Handle.Match(passage.Text, at) is { Success: true } handle)
        {
            var words = Parts(handle.Groups["n"].Value, isName: true);
            var sign = first switch { '#' => "hashtag", '@' => "at", _ => char.ToUpperInvariant(first) + " slash" };
            readings.Add(at, at + handle.Length, first == '#' ? "hashtag" : "handle", $"{sign} {words}");
        }

        if (first is '/' or '~' or '.' || passage[at + 1] == ':')
        {
            ProposePath(passage, at, readings);
        }
    }

    private static void ProposeAddress(Passage passage, int at, ReadingList readings)
    {
        if (!HasAddressMark(passage, at))
        {
            return;
        }

        if (Address.Match(passage.Text, at) is { Success: true } match)
        {
            var address = (match.Groups["a"].Value + match.Groups["a2"].Value).TrimEnd('.', ',', ';', ':', '!', '?', ')', ']', '\'', '*', '_');
            var end = at + match.Groups["scheme"].Length + address.Length;

            // A slash at the end is not said.
            var words = Parts(address.TrimEnd('/'), isName: false);

            // Of the schemes those of web pages and mail are not said; another tells what the address is of.
            var scheme = match.Groups["scheme"].Value;
            if (scheme.Length > 0 && words.Length > 0 && !scheme.StartsWith("http", StringComparison.OrdinalIgnoreCase) && scheme != "mailto:")
            {
                words = $"{Parts(scheme, isName: false)} {words}";
            }

            if (end > at && words.Length > 0)
            {
                readings.Add(at, end, address.Contains('@', StringComparison.Ordinal) ? "e-mail address" : "address of the web", words, Reading.Certain);
            }
            else if (end > at)
            {
                readings.Add(at, end, "scheme without an address", string.Join(' ', match.Groups["scheme"].Value.TrimEnd(':', '/').ToUpperInvariant().ToCharArray()));
            }
        }
        else if (FileName.Match(passage.Text, at) is { Success: true } file)
        {
            readings.Add(at, at + file.Length, "name of a file", Parts(file.Value, isName: false));
        }
    }

    private static void ProposePath(Passage passage, int at, ReadingList readings)
    {
        // A slash between words is no path: "and/or/not".
        if (!passage.IsLetterOrDigit(at - 1) && passage[at - 1] is not ('.' or '/' or '~') && Path.Match(passage.Text, at) is { Success: true } path)
        {
            var written = path.Value.TrimEnd('.');
            readings.Add(at, at + written.Length, "path of a file", Parts(written.Length > 1 ? written.TrimEnd('/') : written, isName: false));
        }
    }

    /// <summary>Whether one of the marks of an address stands within the word: to look is cheaper than to match.</summary>
    private static bool HasAddressMark(Passage passage, int at)
    {
        var end = at;
        while (char.IsAsciiLetterOrDigit(passage[end]) || passage[end] is '-' or '_' or '%' or '+' or '&')
        {
            if (end - at > 64)
            {
                return false;
            }

            end++;
        }

        return passage[end] == '@' || (passage[end] is '.' or ':' && (passage.IsLetterOrDigit(end + 1) || passage[end + 1] == '/')) || passage.Has(at, "localhost");
    }

    private static string Parts(string address, bool isName)
    {
        var words = new StringBuilder();
        for (var i = 0; i < address.Length;)
        {
            var end = PartEnd(address, i);
            var part = address[i..end];
            var isCountry = end - i == 2 && i > 0 && address[i - 1] == '.' && part is not ("me" or "co" or "to" or "in") && (end == address.Length || address[end] is '/' or ':');
            words.Append(words.Length == 0 ? "" : " ").Append(char.IsAsciiLetter(part[0]) ? isCountry ? Letters(part) : Label(part)
                : char.IsAsciiDigit(part[0]) ? Digits(part, IsNumber(address, i, end)) : isName && part[0] == '_' ? "" : NameOf(part[0]));
            i = end;
        }

        return words.ToString();
    }

    /// <summary>The end of a run of letters or of digits; a capital behind a small letter begins a word of its own.</summary>
    private static int PartEnd(string address, int start)
    {
        var end = start + 1;
        while (end < address.Length && ((char.IsAsciiDigit(address[start]) && char.IsAsciiDigit(address[end]))
            || (char.IsAsciiLetter(address[start]) && char.IsAsciiLetter(address[end])
                && !(char.IsAsciiLetterUpper(address[end]) && char.IsAsciiLetterLower(address[end - 1])))))
        {
            end++;
        }

        return end;
    }

    /// <summary>A port, or one of the numbers of an internet address.</summary>
    private static bool IsNumber(string address, int start, int end) =>
        (start > 0 && address[start - 1] == ':') || (end - start <= 3 && (start == 0 || address[start - 1] == '.') && (end == address.Length || address[end] is '.' or ':' or '/')
            && char.IsAsciiDigit(address[0]));

    private static string Digits(string digits, bool isNumber) => isNumber ? Numerals.Cardinal(digits)
        : digits.Length == 4 ? Numerals.Year(digits) : digits.Length > 2 ? NumberWords.Digits(digits) : Numerals.Cardinal(digits);

    private static string Label(string written)
    {
        var label = written.ToLowerInvariant();
        var isSpelt = label.Length == 1 || label is "www" or "uk" or "us" or "io" or "ai" or "tv" or "edu" || (label.Length <= 3 && !EnglishPronunciation.IsKnown(label));
        return isSpelt ? Letters(label) : label;
    }

    private static string Letters(string label) => string.Join(' ', label.ToUpperInvariant().ToCharArray());

    private static string NameOf(char mark) => mark switch
    {
        '.' => "dot",
        '/' => "slash",
        '\\' => "backslash",
        '-' => "dash",
        '_' => "underscore",
        '@' => "at",
        ':' => "colon",
        '?' => "question mark",
        '=' => "equals",
        '&' => "ampersand",
        '#' => "hash",
        '%' => "percent",
        '~' => "tilde",
        '+' => "plus",
        _ => "",
    };
}
