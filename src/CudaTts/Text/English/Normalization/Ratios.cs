namespace CudaTts.Text.English.Normalization;

/// <summary>Ratios and scores, odds of 3:1, and sizes: 1920x1080.</summary>
internal sealed class Ratios : SemioticClass
{
    private const int MostNumbers = 4;

    public override string Name => "ratio";

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        if (passage.IsLetter(at - 1) || !WrittenNumber.TryRead(passage, at, out var first))
        {
            return;
        }

        if (passage[first.End] is ':' or '\u2236' && passage.IsDigit(first.End + 1) && !(passage[at - 1] == ':' && passage.IsDigit(at - 2))
            && WrittenNumber.TryRead(passage, first.End + 1, out var second) && passage[second.End] is not (':' or '\u2236'))
        {
            // ISO 9001:2015 is a standard and its year.
            var isStandard = passage.WordBefore(at) is "iso" or "iec" or "en" or "din" or "ansi" && Numerals.IsYear(second.Whole);
            var words = isStandard ? $"{first.Words} , {Numerals.Year(second.Whole)}" : $"{first.Words} to {second.Words}";
            readings.Add(at, second.End, isStandard ? "standard of a year" : "ratio", words);
        }

        ProposeSize(passage, first, readings);
    }

    /// <summary>3x4, 1920x1080: "by"; before an equals sign, or with the sign of multiplication, "times".</summary>
    private static void ProposeSize(Passage passage, WrittenNumber first, ReadingList readings)
    {
        var sides = new List<WrittenNumber> { first };
        var (end, inches, hasSign, isGlued) = (first.End, 0, false, true);
        while (sides.Count < MostNumbers)
        {
            var mark = passage[end] == '"' ? 1 : 0;
            inches += mark;
            var sign = passage.SkipSpaces(end + mark);
            var next = passage.SkipSpaces(sign + 1);
            var isNear = sign - end <= 1 + mark && next - sign <= 2;
            if (passage[sign] is not ('x' or '\u00D7') || !isNear || !WrittenNumber.TryRead(passage, next, out var side))
            {
                break;
            }

            hasSign |= passage[sign] == '\u00D7';
            isGlued &= next == sign + 1;
            end = side.End;
            sides.Add(side);
        }

        if (sides.Count == 1 || passage.IsLetter(end))
        {
            return;
        }

        var words = sides.Select(side => isGlued && side.IsPlain && side.Whole.Length == 4 ? NumberWords.Pairs((int)side.Amount) : side.Words);
        if (inches == sides.Count)
        {
            readings.Add(first.Start, end + 1, "size", string.Join(" by ", words) + " inch");
        }
        else if (hasSign || passage.CharacterAfter(end) == '=')
        {
            readings.Add(first.Start, end, "product", string.Join(" times ", words));
        }
        else
        {
            readings.Add(first.Start, end, "size", string.Join(" by ", words));
        }
    }
}
