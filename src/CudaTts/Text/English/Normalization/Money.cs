using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>Names of a currency and of its hundredth part.</summary>
internal sealed record Currency(string One, string Many, string Cent, string Cents)
{
    private static readonly Dictionary<string, string> SameAs = new() { ["CA$"] = "C$", ["AU$"] = "A$", ["Rs."] = "Rs", ["\uFFE0"] = "\u00A2" };

    private static readonly Dictionary<string, Currency> All =
        ReadingTable.Rows("currencies").ToDictionary(row => row[0], row => new Currency(row[1], row[2], row[3], row[4]));

    /// <summary>The currency of a sign or of a code of three letters; null when there is none.</summary>
    public static Currency? Of(string sign) => All.GetValueOrDefault(SameAs.GetValueOrDefault(sign, sign));

    /// <summary>Whether a character is a currency sign by itself.</summary>
    public static bool IsSign(char character) => character is '$' or '£' or '¥' or '¢' or '฿' or '؋' or '元' or (>= '\u20A0' and <= '\u20C0');
}

/// <summary>Amounts of money: $3.50, US$5, $1.5 billion, 20 GBP, € 20, 10,99 €, 99¢, $15/hr.</summary>
internal sealed partial class Money : SemioticClass
{
    private static readonly HashSet<string> OneThing = ["a", "an", "another", "each", "every", "one"];

    public override string Name => "money";

    public override bool MayBeginWith(char first) =>
        char.IsAsciiDigit(first) || first == '.' || Currency.IsSign(first) || !char.IsAscii(first) || char.IsAsciiLetterUpper(first);

    [GeneratedRegex(@"\G(?<sign>(?:US|CA|C|AU|A|NZ|HK|S|R) ?\$|[$£¥฿؋元\u20A0-\u20C0]|[A-Z]{3}(?= )|Rs\.?(?= ?\d)) ?(?=\.?\d)")]
    private static partial Regex SignBefore { get; }

    [GeneratedRegex(@"\G(?:(?<sign>[$£¥¢฿؋元\u20A0-\u20C0](?! ?\d))| ?(?<sign>[£¥¢฿؋元\u20A0-\u20C0](?!\d)|[A-Z]{3}(?![A-Za-z0-9])|(?:kr|Kc|zl)(?![A-Za-z0-9])(?<dot>\.(?= [a-z]))?))")]
    private static partial Regex SignBehind { get; }

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        if (passage.IsLetterOrDigit(at - 1))
        {
            return;
        }

        if (char.IsAsciiDigit(passage[at]) || passage[at] == '.')
        {
            ProposeSignBehind(passage, at, readings);
        }
        else if ((Currency.IsSign(passage[at]) || (char.IsAsciiLetterUpper(passage[at]) && passage.LettersEnd(at) - at <= 3))
            && SignBefore.Match(passage.Text, at) is { Success: true } match
            && Currency.Of(match.Groups["sign"].Value.Replace(" ", "", StringComparison.Ordinal)) is { } currency)
        {
            foreach (var number in NumbersAt(passage, at + match.Length))
            {
                Add(passage, at, number, Magnitude.Read(passage, number.End), currency, readings);
            }
        }
    }

    private static void ProposeSignBehind(Passage passage, int at, ReadingList readings)
    {
        foreach (var number in NumbersAt(passage, at))
        {
            var magnitude = Magnitude.Read(passage, number.End);
            if (SignBehind.Match(passage.Text, magnitude.End) is { Success: true } match && Currency.Of(match.Groups["sign"].Value.TrimEnd('.')) is { } currency)
            {
                Add(passage, at, number, magnitude with { End = magnitude.End + match.Length }, currency, readings);
            }
        }
    }

    private static IEnumerable<WrittenNumber> NumbersAt(Passage passage, int at)
    {
        if (WrittenNumber.TryReadWithComma(passage, at, out var withComma))
        {
            yield return withComma;
        }

        if (WrittenNumber.TryRead(passage, at, out var number))
        {
            yield return number;
        }
    }

    private static void Add(Passage passage, int at, WrittenNumber number, Magnitude magnitude, Currency currency, ReadingList readings)
    {
        var end = magnitude.End;
        var isAttribute = OneThing.Contains(passage.WordBefore(at)) && passage[end] is ' ' or '-' && passage.IsLetter(end + 1);
        var words = magnitude.Name.Length > 0 || isAttribute ? null : WithCents(number, currency);
        var isWhole = magnitude.Name.Length == 0 && number.Whole.Length > 0 && number.Fraction?.Trim('0').Length == 0;
        var bare = isWhole ? Numerals.Cardinal(number.Whole)
            : words is null || number.Fraction is null ? $"{number.Words} {magnitude.Name}".TrimEnd() : null;
        words ??= $"{bare} {(isAttribute || (number.IsOne && magnitude.Name.Length == 0) ? currency.One : currency.Many)}";
        var per = Units.ReadPer(passage, end, out var perWords);
        readings.Add(at, per, "amount", words + perWords, Reading.Usual - 10, new(ValueKind.Money, number.Amount, currency.Many, bare));

        if (bare is null)
        {
            // $1.5-2.5 million: the first end of a range may be such a number.
            readings.Add(at, end, "amount as a number", $"{number.Words} {currency.Many}", Reading.Doubtful,
                new(ValueKind.Money, number.Amount, currency.Many, number.Words));
        }
    }

    /// <summary>"three dollars and fifty cents"; null when the number is no count of hundredths.</summary>
    private static string? WithCents(WrittenNumber number, Currency currency)
    {
        var fraction = number.Fraction?.TrimEnd('0') ?? "";
        if (number.Fraction is null || fraction.Length > 2 || currency.Cent.Length == 0)
        {
            return null;
        }

        var cents = fraction.Length == 0 ? 0 : Numerals.Value(fraction.PadRight(2, '0'));
        var hasWhole = number.Whole.AsSpan().ContainsAnyExcept('0');
        var whole = hasWhole || cents == 0
            ? $"{Numerals.Cardinal(number.Whole.Length == 0 ? "0" : number.Whole)} {(number.Whole.TrimStart('0') == "1" ? currency.One : currency.Many)}" : "";
        return cents == 0 ? whole
            : $"{whole}{(hasWhole ? " and " : "")}{NumberWords.Cardinal(cents)} {(cents == 1 ? currency.Cent : currency.Cents)}";
    }
}

/// <summary>The word of a large number behind digits, in full or short: million, bn, k.</summary>
/// <param name="Name">The word; empty when there is none.</param>
/// <param name="End">The place behind it.</param>
internal readonly record struct Magnitude(string Name, int End)
{
    /// <summary>The magnitude behind a number of money.</summary>
    public static Magnitude Read(Passage passage, int at)
    {
        var start = passage.SkipSpaces(at);
        var end = passage.LettersEnd(start);
        var word = start - at > 1 ? "" : passage.Text[Math.Min(start, passage.Text.Length)..end];
        var name = (word.ToLowerInvariant(), start > at, word.Length) switch
        {
            ("thousand" or "million" or "billion" or "trillion" or "crore" or "lakh", _, _) => word.ToLowerInvariant(),
            ("bn", _, _) => "billion",
            ("mn" or "mm" or "mio", _, _) => "million",
            ("tn", _, _) => "trillion",
            ("k", false, _) => "thousand",
            ("m", false, _) => "million",
            ("b", _, _) => "billion",
            ("t", false, _) => "trillion",
            _ => "",
        };
        return name.Length == 0 || passage.IsDigit(end) || passage[end] == '\'' ? new("", at) : new(name, end);
    }

    /// <summary>The word of a large number written in full behind a number; empty when there is none.</summary>
    public static Magnitude ReadWord(Passage passage, int at)
    {
        var magnitude = passage[at] == ' ' ? Read(passage, at) : new("", at);
        return magnitude.End - at > 4 ? magnitude : new("", at);
    }
}
