using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>Amounts of money: $3.50, US$5, $1.5 billion, 20 GBP, € 20, 10,99 €, 99¢, $15/hr.</summary>
internal sealed partial class Money : SemioticClass
{
    private static readonly HashSet<string> OneThing = ["a", "an", "another", "each", "every", "one"];

    public override string Name => "money";

    public override bool MayBeginWith(char first) =>
        char.IsAsciiDigit(first) || first == '.' || Currency.IsSign(first) || !char.IsAscii(first) || char.IsAsciiLetterUpper(first);

    [GeneratedRegex(@"\G(?<sign>(?:US|CA|C|AU|A|NZ|HK|S|R) ?\$" // a country's dollar
        + @"|[$£¥฿؋元\u20A0-\u20C0]" // a sign
        + @"|[A-Z]{3}(?= )|Rs\.?(?= ?\d)) ?(?=\.?\d)")] // a code
    private static partial Regex SignBefore { get; }

    [GeneratedRegex(@"\G(?:(?<sign>[$£¥¢฿؋元\u20A0-\u20C0](?! ?\d))" // a sign at the number
        + @"| ?(?<sign>[£¥¢฿؋元\u20A0-\u20C0](?!\d)" // a sign, perhaps apart
        + @"|[A-Z]{3}(?![A-Za-z0-9])|(?:kr|Kc|zl)(?![A-Za-z0-9])(?<dot>\.(?= [a-z]))?))")] // a code or a short name
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
        else if ((Currency.IsSign(passage[at]) || IsShortCode(passage, at))
            && SignBefore.Match(passage.Text, at) is { Success: true } match
            && Currency.Of(match.Groups["sign"].Value.Replace(" ", "", StringComparison.Ordinal)) is { } currency)
        {
            foreach (var number in NumbersAt(passage, at + match.Length))
            {
                Add(passage, at, number, Magnitude.Read(passage, number.End), currency, readings);
            }
        }
    }

    private static bool IsShortCode(Passage passage, int at) => char.IsAsciiLetterUpper(passage[at]) && passage.LettersEnd(at) - at <= 3;

    private static void ProposeSignBehind(Passage passage, int at, ReadingList readings)
    {
        foreach (var number in NumbersAt(passage, at))
        {
            var magnitude = Magnitude.Read(passage, number.End);
            if (SignBehind.Match(passage.Text, magnitude.End) is { Success: true } match
                && Currency.Of(match.Groups["sign"].Value.TrimEnd('.')) is { } currency)
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
        var hasMagnitude = magnitude.Name.Length > 0;
        var isAttribute = OneThing.Contains(passage.WordBefore(at)) && passage[end] is ' ' or '-' && passage.IsLetter(end + 1);
        var withCents = hasMagnitude || isAttribute ? null : WithCents(number, currency);
        var isWhole = !hasMagnitude && number.Whole.Length > 0 && number.Fraction?.Trim('0').Length == 0;
        var bare = isWhole ? Numerals.Cardinal(number.Whole)
            : withCents is null ? $"{number.Words} {magnitude.Name}".TrimEnd()
            : null;
        var isOne = isAttribute || (number.IsOne && !hasMagnitude);
        var words = withCents ?? $"{bare} {(isOne ? currency.One : currency.Many)}";
        var perEnd = Units.ReadPer(passage, end, out var per);
        readings.Add(at, perEnd, "amount", words + per, Reading.Usual - 10, new(ValueKind.Money, number.Amount, currency.Many, bare));

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

        var hundredths = fraction.Length == 0 ? 0 : Numerals.Value(fraction.PadRight(2, '0'));
        var cents = Numerals.Count(hundredths, currency.Cent, currency.Cents);
        if (!number.Whole.AsSpan().ContainsAnyExcept('0') && hundredths > 0)
        {
            return cents;
        }

        var digits = number.Whole.Length == 0 ? "0" : number.Whole;
        var whole = $"{Numerals.Cardinal(digits)} {(Numerals.IsOne(digits) ? currency.One : currency.Many)}";
        return hundredths == 0 ? whole : $"{whole} and {cents}";
    }
}
