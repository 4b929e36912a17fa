using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>Names of a currency and of its hundredth part.</summary>
internal sealed record Currency(string One, string Many, string Cent, string Cents)
{
    private static readonly Dictionary<string, Currency> All = new()
    {
        ["$"] = new("dollar", "dollars", "cent", "cents"), ["US$"] = new("U S dollar", "U S dollars", "cent", "cents"),
        ["C$"] = new("canadian dollar", "canadian dollars", "cent", "cents"),
        ["A$"] = new("australian dollar", "australian dollars", "cent", "cents"),
        ["NZ$"] = new("new zealand dollar", "new zealand dollars", "cent", "cents"),
        ["HK$"] = new("hong kong dollar", "hong kong dollars", "cent", "cents"),
        ["S$"] = new("singapore dollar", "singapore dollars", "cent", "cents"), ["R$"] = new("real", "reais", "centavo", "centavos"),
        ["£"] = new("pound", "pounds", "penny", "pence"), ["€"] = new("euro", "euros", "cent", "cents"), ["¥"] = new("yen", "yen", "sen", "sen"),
        ["₹"] = new("rupee", "rupees", "paisa", "paise"), ["₩"] = new("won", "won", "jeon", "jeon"),
        ["₽"] = new("ruble", "rubles", "kopeck", "kopecks"),
        ["₿"] = new("bitcoin", "bitcoins", "", ""), ["¢"] = new("cent", "cents", "", ""),
        ["CHF"] = new("swiss franc", "swiss francs", "centime", "centimes"), ["CNY"] = new("yuan", "yuan", "fen", "fen"),
        ["SEK"] = new("swedish krona", "swedish kronor", "", ""), ["NOK"] = new("norwegian krone", "norwegian kroner", "", ""),
        ["DKK"] = new("danish krone", "danish kroner", "", ""), ["MXN"] = new("mexican peso", "mexican pesos", "centavo", "centavos"),
    };

    private static readonly Dictionary<string, string> SameAs = new()
    {
        ["CA$"] = "C$", ["AU$"] = "A$", ["USD"] = "US$", ["CAD"] = "C$", ["AUD"] = "A$", ["NZD"] = "NZ$", ["HKD"] = "HK$", ["SGD"] = "S$",
        ["BRL"] = "R$",
        ["GBP"] = "£", ["EUR"] = "€", ["JPY"] = "¥", ["INR"] = "₹", ["KRW"] = "₩", ["RUB"] = "₽", ["BTC"] = "₿",
    };

    /// <summary>The currency of a sign or of a code of three letters.</summary>
    public static Currency Of(string sign) => All[SameAs.GetValueOrDefault(sign, sign)];

    /// <summary>Whether a character is a currency sign by itself.</summary>
    public static bool IsSign(char character) => character is '$' or '£' or '€' or '¥' or '₹' or '₩' or '₽' or '₿' or '¢';
}

/// <summary>Amounts of money: $3.50, US$5, €5-10, $1.5 billion, 20 GBP, 99¢.</summary>
internal sealed partial class Money : PatternClass
{
    private const string Codes = "USD|EUR|GBP|JPY|CAD|AUD|NZD|HKD|SGD|CHF|CNY|INR|KRW|RUB|BRL|SEK|NOK|DKK|MXN|BTC";
    private const string Magnitude = @"(?:(?: ?(?<mag>thousand|million|billion|trillion)| ?(?<mag>bn|mn|tn)|(?<mag>[kKmMbBtT]))(?![A-Za-z]))?";

    private static readonly HashSet<string> OneThing = ["a", "an", "another", "each", "every", "one"];

    protected override Regex Pattern => MoneyPattern;

    [GeneratedRegex(@"\G(?:(?<sign>(?:US|CA|C|AU|A|NZ|HK|S|R)?\$|[£€¥₹₩₽₿]|(?:" + Codes + @") )(?<n>" + Number + @")(?: ?- ?[$£€¥₹₩₽]?"
        + @"(?<to>" + Number + "))?" + Magnitude
        + @"|(?<n>" + Number + @")(?: ?- ?(?<to>" + Number + "))?" + Magnitude + @" ?(?<sign>[$£€¥₹₩₽₿¢](?!\d)|(?:" + Codes + @")(?![A-Za-z])))")]
    private static partial Regex MoneyPattern { get; }

    public override bool MayBeginWith(char first) => char.IsAsciiDigit(first) || first == '.' || Currency.IsSign(first)
        || "UCANHSREGJIKBDM".Contains(first, StringComparison.Ordinal);

    protected override int Say(Match match, Passage passage)
    {
        var currency = Currency.Of(match.Groups["sign"].Value.TrimEnd());
        var (number, to, magnitude) = (match.Groups["n"].Value, match.Groups["to"].Value, match.Groups["mag"].Value);
        var end = match.Index + match.Length;
        var isAttribute = OneThing.Contains(passage.Spoken.LastWord) && passage[end] is ' ' or '-' && passage.IsLetter(end + 1);
        if (magnitude.Length > 0 || to.Length > 0 || isAttribute || !SayWithCents(number, currency, passage.Spoken))
        {
            passage.Spoken.AddWords(Numerals.Number(number));
            passage.Spoken.AddWords(to.Length > 0 ? "to " + Numerals.Number(to) : "");
            passage.Spoken.AddWords(Magnitudes.NameOf(magnitude));
            var isOne = isAttribute || (Numerals.IsOne(number) && magnitude.Length + to.Length == 0);
            passage.Spoken.AddSpelt(isOne ? currency.One : currency.Many);
        }

        return match.Length + Units.ReadPer(passage, end);
    }

    /// <summary>"three dollars and fifty cents"; false when the number is no count of hundredths.</summary>
    private static bool SayWithCents(string number, Currency currency, SpokenText spoken)
    {
        var point = number.IndexOf('.', StringComparison.Ordinal);
        if (point < 0 || number.Length - point != 3 || currency.Cent.Length == 0)
        {
            return false;
        }

        var (whole, cents) = (number[..point], Numerals.Value(number.AsSpan(point + 1)));
        var hasWhole = whole.AsSpan().ContainsAnyExcept("0,");
        if (hasWhole || cents == 0)
        {
            spoken.AddWords(Numerals.Cardinal(whole.Length == 0 ? "0" : whole));
            spoken.AddSpelt(Numerals.IsOne(whole) ? currency.One : currency.Many);
        }

        if (cents > 0)
        {
            spoken.AddWords($"{(hasWhole ? "and " : "")}{NumberWords.Cardinal(cents)} {(cents == 1 ? currency.Cent : currency.Cents)}");
        }

        return true;
    }
}

/// <summary>Words of large numbers and their short forms.</summary>
internal static class Magnitudes
{
    /// <summary>The word of a short form; the word itself, or nothing, when it is none.</summary>
    public static string NameOf(string magnitude) => magnitude switch
    {
        "k" or "K" => "thousand",
        "m" or "M" or "mn" => "million",
        "b" or "B" or "bn" => "billion",
        "t" or "T" or "tn" => "trillion",
        _ => magnitude,
    };
}
