using System.Text;
using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>
/// Addresses of the web with or without their scheme, which is not said (RFC 3986), of e-mail (RFC 5322), of hosts with a port, paths of files, and
/// names with an at sign or a hash in front.
/// </summary>
internal sealed partial class Electronic : SemioticClass
{
    // A part of a host's name has at most 63 characters (RFC 1035, section 2.3.4), what stands in front of an @ 64 (RFC 5321, section 4.5.3.1).
    private const int LongestPart = 64;

    private const string Scheme = "(?:[Hh][Tt][Tt][Pp][Ss]?|[Ff][Tt][Pp]|[Ff][Ii][Ll][Ee]|[Gg][Ii][Tt]|[Ss][Ss][Hh]|[Ww][Ss][Ss]?)://";
    private const string Domain = @"[A-Za-z0-9][A-Za-z0-9_-]{0,62}(?:\.[A-Za-z0-9-]{1,62}){0,5}\.";

    // The top-level domains that are met in texts without "www" in front. Our own list.
    private const string Endings = "com|org|net|edu|gov|mil|info|io|ai|dev|app|co|me|biz|sh|gg|ly|xyz|cloud|local"
        + "|uk|de|fr|eu|ca|au|jp|ru|ch|nl|it|es|us|tv";

    private const string Folder = "/[A-Za-z0-9_.@+-]{1,80}";

    private const string FileEndings = "md|txt|pdf|docx?|xlsx?|pptx?|csv|tsv|log" // texts and tables
        + "|py|js|ts|cs|cpp|cc|hpp|rs|go|java|rb|php|html?|css|sql|sh|bat|ps1" // programs
        + "|json|xml|ya?ml|toml|ini|cfg|conf" // settings
        + "|png|jpe?g|gif|svg|webp|mp[34]|wav|flac|ogg" // pictures and sound
        + "|zip|tar|gz|exe|dll|so|onnx|bin"; // archives and binaries

    // Parts of a host's name that are spelt although they are words.
    private static readonly HashSet<string> SpeltLabels = ["www", "uk", "us", "io", "ai", "tv", "edu"];

    public override string Name => "electronic";

    [GeneratedRegex(@"\G(?:(?<scheme>" + Scheme + @"|mailto:)(?<a>[^\s<>""{}|]{0,2000})" // with its scheme
        + @"|(?<a>[A-Za-z0-9](?:[A-Za-z0-9._%+&-]{0,62}[A-Za-z0-9_])?@" + Domain + "[A-Za-z]{2,12})(?![A-Za-z0-9])" // mail
        + @"(?<a2>/[^\s<>""{}|,]{0,200})?"
        + @"|(?<a>(?:[Ww]{3}\." + Domain + "[A-Za-z]{2,12}|" + Domain + "(?:" + Endings + "))" // without a scheme
        + @"(?![A-Za-z0-9-]|\.[A-Za-z0-9])(?::\d{1,5})?(?:[/?#][^\s<>""{}|,]{0,500})?"
        + @"|localhost(?::\d{1,5})?(?:/[^\s<>""{}|,]{0,200})?))")] // this computer
    private static partial Regex Address { get; }

    [GeneratedRegex(@"\G(?:(?:~|\.{1,2})?(?:" + Folder + "){2,12}/?" // /usr/bin, ~/a/b
        + "|~" + Folder // ~/a
        + @"|[A-Za-z]:(?:\\[A-Za-z0-9_.@+ -]{1,40}){1,12}(?<! )" // C:\Windows
        + @"|\.{1,2}(?:" + Folder + "){1,12}/?)(?![A-Za-z0-9])")] // ./a
    private static partial Regex Path { get; }

    [GeneratedRegex(@"\G(?<n>[A-Za-z0-9_-]{1,60})\.(?<e>" + FileEndings + ")(?![A-Za-z0-9])")]
    private static partial Regex FileName { get; }

    [GeneratedRegex(@"\G(?<s>[#@]|[ru]/)(?<n>[A-Za-z][A-Za-z0-9_]{1,60})")]
    private static partial Regex Handle { get; }

    public override bool MayBeginWith(char first) => char.IsAsciiLetterOrDigit(first) || first is '/' or '~' or '.' or '#' or '@';

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

        var mayBeHandle = first is '#' or '@' || (first is 'r' or 'u' && passage[at + 1] == '/');
        if (mayBeHandle && Handle.Match(passage.Text, at) is { Success: true } handle)
        {
            var words = Parts(handle.Groups["n"].Value, isName: true);
            var sign = first switch
            {
                '#' => "hashtag",
                '@' => "at",
                _ => char.ToUpperInvariant(first) + " slash",
            };
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

        if (Address.Match(passage.Text, at) is { Success: true } address)
        {
            ProposeAddress(address, readings);
        }
        else if (FileName.Match(passage.Text, at) is { Success: true } file)
        {
            readings.Add(at, at + file.Length, "name of a file", Parts(file.Value, isName: false));
        }
    }

    private static void ProposeAddress(Match match, ReadingList readings)
    {
        // The marks at the end belong to the sentence, and a slash there is not said.
        var address = (match.Groups["a"].Value + match.Groups["a2"].Value).TrimEnd('.', ',', ';', ':', '!', '?', ')', ']', '\'', '*', '_');
        var scheme = match.Groups["scheme"].Value;
        var end = match.Index + scheme.Length + address.Length;
        var words = Parts(address.TrimEnd('/'), isName: false);
        if (words.Length == 0)
        {
            if (end > match.Index)
            {
                readings.Add(match.Index, end, "scheme without an address", Spelling.Letters(scheme.TrimEnd(':', '/')));
            }

            return;
        }

        // Of the schemes those of web pages and mail are not said; another tells what the address is of.
        var isSaid = scheme.Length > 0 && scheme != "mailto:" && !scheme.StartsWith("http", StringComparison.OrdinalIgnoreCase);
        var isMail = address.Contains('@', StringComparison.Ordinal);
        readings.Add(match.Index, end, isMail ? "e-mail address" : "address of the web",
            isSaid ? $"{Parts(scheme, isName: false)} {words}" : words, Reading.Certain);
    }

    private static void ProposePath(Passage passage, int at, ReadingList readings)
    {
        // A slash between words is no path: "and/or/not".
        if (passage[at - 1] is not ('.' or '/' or '~') && Path.Match(passage.Text, at) is { Success: true } path)
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
            if (end - at > LongestPart)
            {
                return false;
            }

            end++;
        }

        var isJoined = passage[end] is '.' or ':' && (passage.IsLetterOrDigit(end + 1) || passage[end + 1] == '/');
        return isJoined || passage[end] == '@' || passage.Has(at, "localhost");
    }

    /// <summary>What the parts of an address say: words, letters, numbers and marks; an underscore within a name is not said.</summary>
    private static string Parts(string address, bool isName)
    {
        var words = new StringBuilder();
        for (var start = 0; start < address.Length;)
        {
            var end = PartEnd(address, start);
            var part = address[start..end];
            words.Append(words.Length == 0 ? "" : " ");
            words.Append(part[0] switch
            {
                >= '0' and <= '9' => Digits(part, IsNumber(address, start, end)),
                '_' when isName => "",
                var first when !char.IsAsciiLetter(first) => NameOf(first),
                _ => IsCountry(address, start, end) ? Spelling.Letters(part) : Label(part),
            });
            start = end;
        }

        return words.ToString();
    }

    /// <summary>The code of a country at the end of a host's name, but for those that are said as words.</summary>
    private static bool IsCountry(string address, int start, int end) =>
        end - start == 2 && start > 0 && address[start - 1] == '.' && (end == address.Length || address[end] is '/' or ':')
            && address.AsSpan(start, 2) is not ("me" or "co" or "to" or "in");

    /// <summary>The end of a run of letters or of digits; a capital behind a small letter begins a word of its own.</summary>
    private static int PartEnd(string address, int start)
    {
        var end = start + 1;
        while (end < address.Length && IsOnePart(address[end - 1], address[end]))
        {
            end++;
        }

        return end;
    }

    private static bool IsOnePart(char before, char character)
    {
        var isCapitalBehindSmall = char.IsAsciiLetterUpper(character) && char.IsAsciiLetterLower(before);
        return (char.IsAsciiDigit(before) && char.IsAsciiDigit(character))
            || (char.IsAsciiLetter(before) && char.IsAsciiLetter(character) && !isCapitalBehindSmall);
    }

    /// <summary>A port, or one of the numbers of an internet address.</summary>
    private static bool IsNumber(string address, int start, int end)
    {
        var isPort = start > 0 && address[start - 1] == ':';
        var isBetweenDots = (start == 0 || address[start - 1] == '.') && (end == address.Length || address[end] is '.' or ':' or '/');
        return isPort || (end - start <= 3 && isBetweenDots && char.IsAsciiDigit(address[0]));
    }

    private static string Digits(string digits, bool isNumber) =>
        isNumber || digits.Length <= 2 ? Numerals.Cardinal(digits)
            : digits.Length == 4 ? Numerals.Year(digits)
            : NumberWords.Digits(digits);

    private static string Label(string written)
    {
        var label = written.ToLowerInvariant();
        var isSpelt = label.Length == 1 || SpeltLabels.Contains(label) || (label.Length <= 3 && !EnglishPronunciation.IsKnown(label));
        return isSpelt ? Spelling.Letters(label) : label;
    }

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
