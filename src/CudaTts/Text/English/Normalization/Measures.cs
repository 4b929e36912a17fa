using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>A number, or a range or a product of numbers, with a unit behind it: 5 km, 10-20%, 3 x 4 cm, 5-lb bag, 6'2".</summary>
internal sealed partial class Measures : PatternClass
{
    protected override Regex Pattern => MeasurePattern;

    [GeneratedRegex(@"\G(?:(?<feet>\d{1,3})' ?(?<inches>\d{1,2})(?:""|'')|(?<n>" + Number + ")(?:(?<op> ?- ?| ?[x×] ?| (?:to|or|and) )(?<to>" + Number
        + @"))?(?<hyphen>-(?=[A-Za-z]))?)")]
    private static partial Regex MeasurePattern { get; }

    public override bool MayBeginWith(char first) => char.IsAsciiDigit(first) || first == '.';

    protected override int Say(Match match, Passage passage)
    {
        if (match.Groups["feet"].Success)
        {
            passage.Spoken.AddWords($"{Numerals.Cardinal(match.Groups["feet"].Value)} foot {Numerals.Cardinal(match.Groups["inches"].Value)}");
            return match.Length;
        }

        var (number, to, operation) = (match.Groups["n"].Value, match.Groups["to"].Value, match.Groups["op"].Value.Trim());
        var isGluedToLetter = passage.IsLetter(match.Index - 1);
        if (isGluedToLetter || !Units.TryRead(passage, match.Index + match.Length, out var end, out var one, out var many))
        {
            return 0;
        }

        passage.Spoken.AddWords(Numerals.Number(number));
        if (to.Length > 0)
        {
            passage.Spoken.AddWords($"{operation switch { "-" => "to", "x" or "×" => "by", _ => operation }} {Numerals.Number(to)}");
        }

        var isOne = match.Groups["hyphen"].Success || (to.Length == 0 && Numerals.IsOne(number));
        passage.Spoken.AddSpelt(isOne ? one : many);
        end = Units.DotEnd(passage, end);
        return end - match.Index + Units.ReadPer(passage, end);
    }
}
