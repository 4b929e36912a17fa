using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>
/// Numbers that name something and have no value: telephone, card and social security numbers, book numbers; digit by digit, a pause between groups.
/// </summary>
internal sealed partial class DigitGroups : PatternClass
{
    protected override Regex Pattern => GroupPattern;

    [GeneratedRegex(@"\G(?:(?<p>\+)?(?:\d{1,3}[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?!\d|[.-]\d)|(?<p>\+)\d{1,3}"
        + @"(?:[ -]\(?\d{1,5}\)?){2,5}(?!\d|[.-]\d)|\d{3}-\d{4}(?!\d|-\d)|\d{3}-\d{2}-\d{4}(?!\d|-\d)|\d{4}"
        + @"(?<g>[ -])\d{4}\k<g>\d{4}\k<g>\d{4}(?!\d)|\d{1,5}(?:-\d{1,7}){3,5}(?!\d|-\d))")]
    private static partial Regex GroupPattern { get; }

    public override bool MayBeginWith(char first) => char.IsAsciiDigit(first) || first is '+' or '(';

    protected override int Say(Match match, Passage passage)
    {
        if (match.Groups["p"].Success)
        {
            passage.Spoken.AddWord("plus");
        }

        var isFirst = true;
        foreach (var group in match.Value.Split([' ', '.', '-', '(', ')', '+'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (!isFirst)
            {
                passage.Spoken.AddPause(',');
            }

            passage.Spoken.AddWords(NumberWords.Digits(group));
            isFirst = false;
        }

        return match.Length;
    }
}
