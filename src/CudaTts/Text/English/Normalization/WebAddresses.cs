using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>E-mail addresses, and addresses of the web with or without their scheme, which is not said.</summary>
internal sealed partial class WebAddresses : PatternClass
{
    private const string Domain = @"[A-Za-z0-9][A-Za-z0-9-]{0,62}(?:\.[A-Za-z0-9-]{1,62}){0,5}\.";
    private const string Endings = "com|org|net|edu|gov|mil|info|io|ai|dev|app|co|uk|de|fr|eu|ca|au|jp|ru|ch|nl|it|es|us|tv|me|biz";

    protected override Regex Pattern => AddressPattern;

    [GeneratedRegex(@"\G(?:(?<scheme>(?:[Hh][Tt][Tt][Pp][Ss]?|[Ff][Tt][Pp])://)(?<a>[^\s<>""{}|]{0,2000})|(?<a>[A-Za-z0-9]"
        + @"(?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9_])?@" + Domain
        + @"[A-Za-z]{2,12})(?![A-Za-z0-9])|(?<a>(?:[Ww]{3}\." + Domain + "[A-Za-z]{2,12}|" + Domain + "(?:" + Endings + @"))(?![A-Za-z0-9-]"
            + @"|\.[A-Za-z0-9])(?:[/?#:][^\s<>""{}|,]{0,500})?))")]
    private static partial Regex AddressPattern { get; }

    public override bool MayBeginWith(char first) => char.IsAsciiLetterOrDigit(first);

    protected override int Say(Match match, Passage passage)
    {
        var address = match.Groups["a"].Value.TrimEnd('.', ',', ';', ':', '!', '?', ')', ']', '\'', '*', '_');
        var length = match.Groups["scheme"].Length + address.Length;

        // A slash at the end is not said, and neither is a one-letter "domain" such as the names in "e.g. A.co".
        SayParts(address.TrimEnd('/'), passage.Spoken);
        return length;
    }

    private static void SayParts(string address, SpokenText spoken)
    {
        for (var i = 0; i < address.Length;)
        {
            var end = i + 1;
            if (char.IsAsciiLetter(address[i]))
            {
                while (end < address.Length && char.IsAsciiLetter(address[end])
                    && !(char.IsAsciiLetterUpper(address[end]) && char.IsAsciiLetterLower(address[end - 1])))
                {
                    end++;
                }

                SayLabel(address[i..end].ToLowerInvariant(), spoken);
            }
            else if (char.IsAsciiDigit(address[i]))
            {
                while (end < address.Length && char.IsAsciiDigit(address[end]))
                {
                    end++;
                }

                var digits = address[i..end];
                spoken.AddWords(digits.Length == 4 ? Numerals.Year(digits) : digits.Length > 2 ? NumberWords.Digits(digits)
                    : Numerals.Cardinal(digits));
            }
            else
            {
                spoken.AddWords(NameOf(address[i]));
            }

            i = end;
        }
    }

    private static void SayLabel(string label, SpokenText spoken)
    {
        if (label.Length == 1 || label is "www" || (label.Length <= 3 && !EnglishPronunciation.IsKnown(label))
            || label is "uk" or "us" or "io" or "ai" or "tv" or "edu")
        {
            spoken.AddLetters(label);
        }
        else
        {
            spoken.AddWord(label);
        }
    }

    private static string NameOf(char mark) => mark switch
    {
        '.' => "dot",
        '/' => "slash",
        '-' => "dash",
        '_' => "underscore",
        '@' => "at",
        ':' => "colon",
        '?' => "question mark",
        '=' => "equals",
        '&' => "and",
        '#' => "hash",
        '%' => "percent",
        '~' => "tilde",
        '+' => "plus",
        _ => "",
    };
}
